// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.paging;

import java.io.IOException;
import java.util.Optional;

import dev.vmsieve.filter.arch.Architecture;
import dev.vmsieve.filter.kernel.Vmcoreinfo;
import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.filter.vmcore.Vmcore;

/// The crashed kernel: its VMCOREINFO and a page table that has proved itself. Immutable, safe for several threads.
public final class Kernel {
    private final Vmcore vmcore;
    private final Architecture architecture;
    private final Vmcoreinfo vmcoreinfo;
    private final PageTable pageTable;
    private final byte[] utsname;
    private final long imageOffset;
    private final int cpus;

    Kernel(Vmcore vmcore, Architecture architecture, Vmcoreinfo vmcoreinfo, PageTable pageTable, byte[] utsname,
            long imageOffset, int cpus) {
        this.vmcore = vmcore;
        this.architecture = architecture;
        this.vmcoreinfo = vmcoreinfo;
        this.pageTable = pageTable;
        this.utsname = utsname.clone();
        this.imageOffset = imageOffset;
        this.cpus = cpus;
    }

    /// Finds the kernel in a dump: by the VMCOREINFO of its note, else by the given one, else by searching memory, which
    /// reads all of it.
    ///
    /// A dump for which this fails can still be copied, and filtered at levels that need no page structures; the
    /// exception's message is the reason to give for the others. That is not so for a mismatch, which is the user's
    /// mistake.
    ///
    /// @param given VMCOREINFO that the user supplies; completes the dump's own
    /// @throws MissingSymbolException if there is no VMCOREINFO, or it lacks a key; the message names the key
    /// @throws CorruptDumpException if no page table proves itself: memory is cut off, overwritten or encrypted
    /// @throws KernelMismatchException if the given VMCOREINFO is of another kernel; the message names both releases
    /// @throws IOException if the input fails as a whole
    public static Kernel open(Vmcore vmcore, Optional<Vmcoreinfo> given, Progress progress) throws IOException {
        return new KernelFinder(vmcore, given).find();
    }

    /// What the kernel tells about itself.
    public Vmcoreinfo vmcoreinfo() {
        return vmcoreinfo;
    }

    /// Architecture of the crashed machine.
    public Architecture architecture() {
        return architecture;
    }

    /// The way from its addresses to memory.
    public PageTable pageTable() {
        return pageTable;
    }

    /// struct new_utsname as it is in memory: six strings of 65 bytes.
    public byte[] utsname() {
        return utsname.clone();
    }

    /// Virtual minus physical address of all that is in the kernel image.
    long imageOffset() {
        return imageOffset;
    }

    /// phys_base as the headers of kdump files have it. On x86_64 the physical address of the kernel image minus where it
    /// is linked, negative on many machines with KASLR; elsewhere where memory starts.
    public long physBase() {
        return architecture.physBase(vmcoreinfo, imageOffset);
    }

    /// Seconds since 1970 at the crash; 0 if it did not crash, or does not tell.
    public long crashTime() {
        return vmcoreinfo.decimalOf("CRASHTIME").orElse(0);
    }

    /// CPUs that left their registers in the notes, at least 1.
    public int cpus() {
        return cpus;
    }

    /// A reader of kernel memory for the calling thread.
    public KernelMemory newMemory() {
        return new KernelMemory(vmcore, pageTable);
    }
}
