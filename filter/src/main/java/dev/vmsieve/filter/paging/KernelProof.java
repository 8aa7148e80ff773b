// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.paging;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import dev.vmsieve.filter.arch.Architecture;
import dev.vmsieve.filter.arch.TableFormat;
import dev.vmsieve.filter.format.elf.ElfNote;
import dev.vmsieve.filter.format.elf.ElfNotes;
import dev.vmsieve.filter.io.CorruptDumpException;
import dev.vmsieve.filter.io.DumpException;
import dev.vmsieve.filter.io.KernelMismatchException;
import dev.vmsieve.filter.io.MissingSymbolException;
import dev.vmsieve.filter.kernel.Vmcoreinfo;
import dev.vmsieve.filter.vmcore.PageReader;
import dev.vmsieve.filter.vmcore.Vmcore;

/// Finds the page table that one VMCOREINFO means, and proves it: the kernel's utsname, read through that table, must
/// have the release that VMCOREINFO has.
///
/// Where a key is missing, what stands in for it is tried in turn, and the proof decides: what the architecture derives
/// from other keys and the text segment, then what registers in the notes lead to, then where in memory the utsname is found.
final class KernelProof {
    private static final long LINK_ALIGNMENT = 2 << 20;
    static final long MOST_PLACES = 1 << 22;

    private final Vmcore vmcore;
    private final Architecture architecture;
    private final Vmcoreinfo info;
    private final String release;
    private final long utsname;
    private final List<TableFormat> formats;
    private final Set<Long> roots = new LinkedHashSet<>();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(Utsname.BYTES);
    /// What the first attempt met, for the message when all fail.
    private String obstacle = "";
    /// Another kernel's release, if an attempt met one.
    private String otherRelease = "";

    private KernelProof(Vmcore vmcore, Architecture architecture, Vmcoreinfo info, String release, long utsname) {
        this.vmcore = vmcore;
        this.architecture = architecture;
        this.info = info;
        this.release = release;
        this.utsname = utsname;
        this.formats = architecture.tableFormats(info, vmcore.pageBytes());
        for (String root : architecture.rootSymbols()) {
            OptionalLong kvaddr = info.symbol(root);
            if (kvaddr.isPresent()) {
                roots.add(kvaddr.getAsLong());
            }
        }
    }

    /// The kernel that the VMCOREINFO describes.
    ///
    /// @throws MissingSymbolException if VMCOREINFO lacks a key for which nothing stands in
    /// @throws CorruptDumpException if no page table proves itself
    /// @throws KernelMismatchException if the text is given by the user and the dump's utsname has another release
    static Kernel prove(Vmcore vmcore, Architecture architecture, Vmcoreinfo info, boolean given)
            throws IOException {
        String release = info.text("OSRELEASE").orElse("");
        if (release.isEmpty()) {
            throw missing(info, "OSRELEASE");
        }
        OptionalLong utsname = utsname(info);
        if (utsname.isEmpty()) {
            throw missing(info, "SYMBOL(init_uts_ns)");
        }
        checkPageSize(vmcore, info);
        var proof = new KernelProof(vmcore, architecture, info, release, utsname.getAsLong());
        if (proof.roots.isEmpty()) {
            throw missing(info, "SYMBOL(" + architecture.rootSymbols().getFirst() + ")");
        }
        proof.checkFormats();
        Kernel kernel = proof.search();
        if (kernel == null && given && !proof.otherRelease.isEmpty()) {
            throw mismatch(info, vmcore, proof.otherRelease);
        }
        if (kernel == null) {
            throw new CorruptDumpException("[" + vmcore.name() + "] kernel: the release at init_uts_ns must be "
                    + release + " as VMCOREINFO says but " + proof.obstacle + " (VMCOREINFO: " + info.source() + ")");
        }
        return kernel;
    }

    /// Where the utsname is; empty if VMCOREINFO does not tell.
    static OptionalLong utsname(Vmcoreinfo info) {
        OptionalLong namespace = info.symbol("init_uts_ns");
        return namespace.isPresent()
                ? OptionalLong.of(namespace.getAsLong() + info.offset("uts_namespace", "name").orElse(4))
                : info.symbol("system_utsname");
    }

    static MissingSymbolException missing(Vmcoreinfo info, String key) {
        return new MissingSymbolException("[" + info.source() + "] VMCOREINFO: " + key
                + " is missing; -x VMLINUX or -i VMCOREINFO can supply it");
    }

    static KernelMismatchException mismatch(Vmcoreinfo given, Vmcore vmcore, String release) {
        return new KernelMismatchException("[" + given.source() + "] VMCOREINFO: OSRELEASE must be " + release
                + " as in " + vmcore.name() + " but was " + given.text("OSRELEASE").orElse("missing"));
    }

    private static void checkPageSize(Vmcore vmcore, Vmcoreinfo info) throws IOException {
        OptionalLong pageBytes = info.decimalOf("PAGESIZE");
        if (pageBytes.isEmpty()) {
            throw missing(info, "PAGESIZE");
        }
        if (pageBytes.getAsLong() != vmcore.pageBytes()) {
            throw new CorruptDumpException("[" + info.source() + "] VMCOREINFO: PAGESIZE must be "
                    + vmcore.pageBytes() + " but was " + pageBytes.getAsLong());
        }
    }

    private void checkFormats() throws DumpException {
        OptionalLong addressBits = info.number("VA_BITS");
        if (formats.isEmpty() && addressBits.isEmpty()) {
            throw missing(info, "NUMBER(VA_BITS)");
        }
        if (formats.isEmpty()) {
            throw new CorruptDumpException(
                    "[" + info.source() + "] VMCOREINFO: NUMBER(VA_BITS) must be address bits of "
                            + architecture.name() + " with pages of " + vmcore.pageBytes() + " bytes but was "
                            + addressBits.getAsLong() + told("TCR_EL1_T1SZ"));
        }
    }

    private String told(String key) {
        OptionalLong value = info.number(key);
        return value.isEmpty() ? "" : ", with NUMBER(" + key + ") " + value.getAsLong();
    }

    private @Nullable Kernel search() throws IOException {
        for (long imageOffset : architecture.imageOffsets(info, vmcore.physBaseOfTextSegment())) {
            Kernel kernel = tryImageOffset(imageOffset);
            if (kernel != null) {
                return kernel;
            }
        }
        Kernel kernel = fromRegisters();
        return kernel == null ? fromUtsnameInMemory() : kernel;
    }

    private @Nullable Kernel tryImageOffset(long imageOffset) throws IOException {
        for (long root : roots) {
            Kernel kernel = tryRoot(root - imageOffset);
            if (kernel != null) {
                return kernel;
            }
        }
        return null;
    }

    private @Nullable Kernel tryRoot(long root) throws IOException {
        for (TableFormat format : formats) {
            var pageTable = new PageTable(format, root);
            try (var memory = new KernelMemory(vmcore, pageTable)) {
                Translation translation = memory.translate(utsname);
                if (translation instanceof Translation.NotPresent stopped) {
                    meet("the address is not mapped: " + stopped.describe() + ", page table at 0x"
                            + Long.toHexString(root));
                } else if (translation instanceof Translation.Mapped mapped && releaseIn(memory)) {
                    return new Kernel(vmcore, architecture, info, pageTable, new Utsname(buffer).bytes(),
                            utsname - mapped.paddr(), cpus());
                }
            }
        }
        return null;
    }

    private boolean releaseIn(KernelMemory memory) throws IOException {
        try {
            memory.read(utsname, buffer, 0, Utsname.BYTES);
        } catch (CorruptDumpException notThere) {
            meet("reading it failed: " + notThere.getMessage());
            return false;
        }
        var found = new Utsname(buffer);
        if (found.isLinux() && found.release().equals(release)) {
            return true;
        }
        otherRelease = found.isLinux() ? found.release() : otherRelease;
        meet(found.isLinux() ? "it was " + found.release() : "there is no utsname at that place");
        return false;
    }

    private void meet(String what) {
        obstacle = obstacle.isEmpty() ? what : obstacle;
    }

    private @Nullable Kernel fromRegisters() throws IOException {
        ByteBuffer notes = vmcore.notes();
        for (ElfNote note : ElfNotes.parse(notes).list()) {
            OptionalLong root = architecture.rootOf(note, notes);
            Kernel kernel = root.isPresent() ? tryRoot(root.getAsLong()) : null;
            if (kernel != null) {
                return kernel;
            }
        }
        return null;
    }

    /// The kernel is linked and loaded at multiples of 2 MiB, so its utsname can only be in so many places.
    private @Nullable Kernel fromUtsnameInMemory() throws IOException {
        int pageShift = Integer.numberOfTrailingZeros(vmcore.pageBytes());
        long first = utsname & (LINK_ALIGNMENT - 1);
        long end = Math.min(vmcore.maxMapnr() << pageShift, MOST_PLACES * LINK_ALIGNMENT);
        try (PageReader reader = vmcore.newReader()) {
            for (long paddr = first; paddr < end; paddr += LINK_ALIGNMENT) {
                if (vmcore.isStored(paddr >>> pageShift)) {
                    reader.read(paddr, buffer, 0, Utsname.BYTES);
                    var found = new Utsname(buffer);
                    if (found.isLinux() && found.release().equals(release)) {
                        Kernel kernel = tryImageOffset(utsname - paddr);
                        if (kernel != null) {
                            return kernel;
                        }
                    }
                }
            }
        }
        return null;
    }

    private int cpus() {
        return Math.max(1, ElfNotes.parse(vmcore.notes()).count(ElfNote.CORE, ElfNote.NT_PRSTATUS));
    }
}
