// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.doctor;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import dev.vmsieve.filter.format.elf.ElfHeader;
import dev.vmsieve.filter.format.elf.ElfNote;
import dev.vmsieve.filter.format.elf.ElfNotes;
import dev.vmsieve.filter.format.elf.ProgramHeader;
import dev.vmsieve.filter.io.DumpFile;
import dev.vmsieve.filter.io.FileDumpFile;
import dev.vmsieve.filter.io.MissingSymbolException;
import dev.vmsieve.filter.io.UnsupportedDumpException;
import dev.vmsieve.filter.kernel.Btf;
import dev.vmsieve.filter.kernel.KernelLayout;
import dev.vmsieve.filter.kernel.TypeSource;
import dev.vmsieve.filter.kernel.Vmcoreinfo;

/// Does the running kernel tell all that filtering its dump needs?
final class KernelCheck implements Check {
    private static final String KCORE = "/proc/kcore";
    private static final String BTF = "/sys/kernel/btf/vmlinux";
    private static final int MOST_NOTES_BYTES = 8 << 20;
    private static final int MOST_HEADERS = 1 << 12;
    private static final int MOST_BTF_BYTES = 64 << 20;

    @Override
    public String name() {
        return "kernel";
    }

    @Override
    public Finding run(Host host) throws IOException {
        Optional<Path> kcore = host.files().regular(KCORE);
        if (kcore.isEmpty()) {
            return Finding.unknown("There is no " + KCORE + " to read the kernel's VMCOREINFO from.", "");
        }
        try (DumpFile file = FileDumpFile.open(kcore.get())) {
            ElfHeader header = ElfHeader.read(file);
            header.supportedMachine(KCORE);
            Optional<byte[]> text = vmcoreinfo(file, header);
            return text.isEmpty()
                    ? Finding.unknown(KCORE + " of this kernel has no VMCOREINFO (before Linux 4.19).", "")
                    : judge(host, Vmcoreinfo.parse(KCORE, text.get()), header);
        } catch (UnsupportedDumpException e) {
            return Finding.fail("vmsieve cannot filter dumps of this machine: " + e.getMessage(),
                    "let makedumpfile make the dump");
        }
    }

    private static Optional<byte[]> vmcoreinfo(DumpFile file, ElfHeader header) throws IOException {
        int count = (int) Math.min(header.phnum(), MOST_HEADERS);
        ByteBuffer headers = ByteBuffer.allocate(count * header.phentsize()).order(header.byteOrder());
        file.read(header.phoff(), headers);
        for (int at = 0; at + header.phentsize() <= headers.position(); at += header.phentsize()) {
            ProgramHeader segment = ProgramHeader.at(headers, at, header.wordBytes());
            if (segment.type() == ProgramHeader.PT_NOTE) {
                int bytes = Math.clamp(segment.filesz(), 0, MOST_NOTES_BYTES);
                ByteBuffer area = ByteBuffer.allocate(bytes);
                file.read(segment.offset(), area);
                area.flip().order(header.byteOrder());
                Optional<ElfNote> note = ElfNotes.parse(area).list().stream()
                        .filter(n -> n.name().equals(ElfNote.VMCOREINFO)).findFirst();
                if (note.isPresent()) {
                    byte[] text = new byte[note.get().descBytes()];
                    area.get(note.get().descOffset(), text);
                    return Optional.of(text);
                }
            }
        }
        return Optional.empty();
    }

    private static Finding judge(Host host, Vmcoreinfo info, ElfHeader header) throws IOException {
        String release = info.text("OSRELEASE").orElse("");
        List<String> missing = new ArrayList<>();
        require(!release.isEmpty(), "OSRELEASE", missing);
        require(info.decimalOf("PAGESIZE").isPresent(), "PAGESIZE", missing);
        require(info.symbol("init_uts_ns").isPresent(), "SYMBOL(init_uts_ns)", missing);
        require(info.symbol("swapper_pg_dir").isPresent() || info.symbol("init_top_pgt").isPresent()
                || info.symbol("init_level4_pgt").isPresent(), "SYMBOL(swapper_pg_dir)", missing);
        require(info.symbol("mem_section").isPresent() || info.symbol("mem_map").isPresent()
                || info.symbol("contig_page_data").isPresent(), "SYMBOL(mem_section)", missing);
        String second = "";
        try {
            KernelLayout.resolve(info, header.wordBytes(), header.byteOrder(), TypeSource.NONE);
        } catch (MissingSymbolException e) {
            second = second(host, info, header, missing, String.valueOf(e.getMessage()));
        }
        return missing.isEmpty()
                ? Finding.ok("Kernel " + release + " tells all that is needed" + second + ".")
                : Finding.fail("Kernel " + release + " does not tell " + String.join(", ", missing)
                        + ": its dumps cannot be filtered.", "let makedumpfile make the dump, or use -d 1");
    }

    /// What VMCOREINFO lacks the kernel's type information may tell, as it will in the crash kernel.
    private static String second(Host host, Vmcoreinfo info, ElfHeader header, List<String> missing, String first)
            throws IOException {
        Optional<Btf> types = types(host, header.byteOrder());
        try {
            if (types.isPresent()) {
                KernelLayout.resolve(info, header.wordBytes(), header.byteOrder(), types.get());
                return ", partly by its type information (BTF)";
            }
            missing.add(first);
        } catch (MissingSymbolException still) {
            missing.add(String.valueOf(still.getMessage()));
        }
        return "";
    }

    private static Optional<Btf> types(Host host, ByteOrder order) throws IOException {
        Optional<Path> file = host.files().regular(BTF);
        if (file.isEmpty() || Files.size(file.get()) > MOST_BTF_BYTES) {
            return Optional.empty();
        }
        try (DumpFile btf = FileDumpFile.open(file.get())) {
            ByteBuffer bytes = ByteBuffer.allocateDirect((int) btf.size()).order(order);
            btf.read(0, bytes);
            return Btf.parse(bytes.flip().order(order));
        }
    }

    private static void require(boolean there, String key, List<String> missing) {
        if (!there) {
            missing.add(key);
        }
    }
}
