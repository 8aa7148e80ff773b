// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.debuginfo;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

import dev.vmsieve.filter.arch.Architecture;
import dev.vmsieve.filter.debuginfo.SymbolTable.Symbol;
import dev.vmsieve.filter.io.DumpFile;
import dev.vmsieve.filter.io.FileDumpFile;
import dev.vmsieve.filter.io.MissingSymbolException;
import dev.vmsieve.filter.io.UnsupportedDumpException;
import dev.vmsieve.filter.kernel.Btf;
import dev.vmsieve.filter.kernel.KernelRelease;
import dev.vmsieve.filter.kernel.TypeSource;
import dev.vmsieve.filter.kernel.Vmcoreinfo;
import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.filter.unpack.Packing;
import dev.vmsieve.filter.unpack.Unpacker;

/// A kernel as it was linked, with its symbol table and debug information: what it tells, as VMCOREINFO.
///
/// Types come from BTF if the file has it, which takes milliseconds, else from DWARF, which takes seconds. The file may be
/// packed as a whole. Addresses are those it was linked for: where KASLR put the kernel, only a dump tells.
public final class Vmlinux {
    private static final long MOST_BTF_BYTES = 64 << 20;
    private static final int UTSNAME_STRING = 65;
    private static final int RELEASE = 2 * UTSNAME_STRING;
    /// Where uts_namespace.name may lie: behind a reference count, or at the start.
    private static final int[] UTSNAME_OFFSETS = {4, 0, 8};
    private static final String NEEDED = "; the vmlinux with debug information is needed, as packages named"
            + " linux-image-RELEASE-dbg, kernel-debuginfo or kernel-default-debuginfo have it";

    private final ElfSections elf;
    private final Optional<Path> directory;
    private final Progress progress;
    private final String name;

    private Vmlinux(ElfSections elf, Optional<Path> directory, Progress progress) {
        this.elf = elf;
        this.directory = directory;
        this.progress = progress;
        this.name = elf.file().path().toString();
    }

    /// Reads all that the file tells.
    ///
    /// @param directory for work files: a packed vmlinux, packed sections; empty: TMPDIR, else /var/tmp
    /// @throws UnsupportedDumpException if it is something else than a vmlinux; the message says what
    /// @throws MissingSymbolException if it has no symbols, or no types
    /// @throws CorruptDumpException if its structures are broken
    /// @throws IOException the JDK's own, with the file named, if the system refuses
    public static Vmcoreinfo read(Path path, Optional<Path> directory, Progress progress) throws IOException {
        if (Files.isDirectory(path)) {
            throw new UnsupportedDumpException("[" + path + "] vmlinux: must be a file but is a directory");
        }
        return read(FileDumpFile.open(path), directory, progress);
    }

    /// The same for an open file, which is closed.
    static Vmcoreinfo read(DumpFile file, Optional<Path> directory, Progress progress) throws IOException {
        try (file) {
            byte[] first = new byte[ImageKind.FIRST_BYTES];
            file.read(0, ByteBuffer.wrap(first));
            Optional<Packing> packing = Packing.of(first);
            if (packing.isEmpty()) {
                return readUnpacked(file, directory, progress);
            }
            try (DumpFile unpacked = Unpacker.unpack(file, packing.get(), directory, progress)) {
                return readUnpacked(unpacked, directory, progress);
            }
        }
    }

    private static Vmcoreinfo readUnpacked(DumpFile file, Optional<Path> directory, Progress progress)
            throws IOException {
        ByteBuffer first = ByteBuffer.allocate(ImageKind.FIRST_BYTES);
        file.read(0, first);
        ImageKind kind = ImageKind.of(first);
        if (kind != ImageKind.ELF) {
            throw new UnsupportedDumpException("[" + file.path() + "] vmlinux: must be an ELF file but is "
                    + kind.description() + (kind == ImageKind.VMCOREINFO ? "" : NEEDED));
        }
        return new Vmlinux(ElfSections.read(file), directory, progress).vmcoreinfo();
    }

    private Vmcoreinfo vmcoreinfo() throws IOException {
        Map<String, Symbol> symbols = SymbolTable.find(elf, KernelKeys.symbolNames(), directory);
        if (symbols.isEmpty() && elf.find(".symtab").isEmpty()) {
            throw new MissingSymbolException("[" + name + "] vmlinux: has no symbol table (.symtab)" + NEEDED);
        }
        if (!symbols.containsKey("init_uts_ns") && !symbols.containsKey("system_utsname")) {
            throw new MissingSymbolException("[" + name + "] vmlinux: has no symbol init_uts_ns, so it is no kernel"
                    + NEEDED);
        }
        TypeSource types = types(symbols);
        String release = release(symbols, types);
        String text = "OSRELEASE=" + release + "\n" + pageSize(symbols)
                + new KernelKeys(symbols, types, KernelRelease.parse(release), elf.wordBytes()).lines();
        return Vmcoreinfo.parse(name, text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private TypeSource types(Map<String, Symbol> symbols) throws IOException {
        Optional<Btf> btf = btf();
        if (btf.isPresent()) {
            return btf.get();
        }
        DwarfTypes.Query query = KernelKeys.typeQuery(symbols);
        Optional<DwarfSections> dwarf = DwarfSections.open(elf, query.names(), directory);
        if (dwarf.isEmpty()) {
            throw new MissingSymbolException("[" + name + "] vmlinux: has neither BTF (.BTF) nor DWARF (.debug_info)"
                    + NEEDED);
        }
        try (DwarfSections sections = dwarf.get()) {
            TypeSource types = DwarfTypes.read(sections, query, progress);
            if (types.size("page").isEmpty()) {
                throw new MissingSymbolException("[" + name + "] .debug_info: has no struct page; its types may lie in"
                        + " another file (split or shared DWARF)" + NEEDED);
            }
            return types;
        }
    }

    private Optional<Btf> btf() throws IOException {
        Optional<ElfSection> section = elf.find(".BTF");
        if (section.isEmpty()) {
            return Optional.empty();
        }
        try (SectionData data = SectionData.open(elf, section.get(), directory)) {
            if (data.bytes() > MOST_BTF_BYTES) {
                return Optional.empty();
            }
            ByteBuffer bytes = ByteBuffer.allocate((int) data.bytes()).order(elf.byteOrder());
            data.read(0, bytes);
            return Btf.parse(bytes.flip()).filter(known -> known.size("page").isPresent());
        }
    }

    /// The release that the kernel was built as, out of its data.
    private String release(Map<String, Symbol> symbols, TypeSource types) throws IOException {
        Symbol bare = symbols.get("system_utsname");
        Symbol namespace = symbols.get("init_uts_ns");
        OptionalLong offset = types.offset("uts_namespace", "name");
        if (bare != null && namespace == null) {
            return releaseAt(bare, 0).orElseThrow(this::noRelease);
        }
        if (namespace != null && offset.isPresent()) {
            return releaseAt(namespace, offset.getAsLong()).orElseThrow(this::noRelease);
        }
        for (int guess : UTSNAME_OFFSETS) {
            Optional<String> release = namespace == null ? Optional.empty() : releaseAt(namespace, guess);
            if (release.isPresent()) {
                return release.get();
            }
        }
        throw noRelease();
    }

    private MissingSymbolException noRelease() {
        return new MissingSymbolException("[" + name + "] vmlinux: there is no utsname at init_uts_ns, so the kernel's"
                + " release is not known; the file may have been stripped of all but debug information");
    }

    private Optional<String> releaseAt(Symbol symbol, long offset) throws IOException {
        int index = symbol.section();
        if (index >= elf.list().size()) {
            return Optional.empty();
        }
        ElfSection section = elf.list().get(index);
        long at = symbol.value() - section.address() + offset;
        if (!section.isInFile() || section.isPacked() || at < 0 || at > section.bytes() - RELEASE - UTSNAME_STRING) {
            return Optional.empty();
        }
        ByteBuffer bytes = ByteBuffer.allocate(RELEASE + UTSNAME_STRING);
        elf.file().read(section.offset() + at, bytes);
        String release = string(bytes, RELEASE);
        return string(bytes, 0).equals("Linux") && !release.isEmpty() ? Optional.of(release) : Optional.empty();
    }

    private static String string(ByteBuffer bytes, int start) {
        int end = start;
        while (end < start + UTSNAME_STRING && bytes.get(end) != 0) {
            end++;
        }
        byte[] text = new byte[end - start];
        bytes.get(start, text);
        return new String(text, StandardCharsets.ISO_8859_1);
    }

    private String pageSize(Map<String, Symbol> symbols) {
        Symbol zeroes = symbols.get(KernelKeys.ZERO_PAGE);
        long bytes = zeroes == null ? 0 : zeroes.bytes();
        if (bytes < 4096 || bytes > 1 << 16 || Long.bitCount(bytes) != 1) {
            bytes = Architecture.of(elf.machine()).map(Architecture::defaultPageBytes).orElse(0);
        }
        return bytes == 0 ? "" : "PAGESIZE=" + bytes + "\n";
    }
}
