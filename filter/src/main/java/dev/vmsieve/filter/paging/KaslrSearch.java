// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.paging;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

import dev.vmsieve.filter.arch.Architecture;
import dev.vmsieve.filter.arch.TableFormat;
import dev.vmsieve.filter.kernel.Vmcoreinfo;
import dev.vmsieve.filter.vmcore.PageReader;
import dev.vmsieve.filter.vmcore.Vmcore;

/// Finds by how much KASLR moved a kernel of which only the addresses are known that it was linked for: those of a
/// vmlinux, or of a file made from one.
///
/// The kernel lies in memory as it was linked, so its utsname leads to its page table, and the table says at which of the
/// few hundred places the utsname is mapped.
final class KaslrSearch {
    /// Kernel and page tables are moved by multiples of it (CONFIG_PHYSICAL_ALIGN).
    private static final long STEP = 2 << 20;

    private final Vmcore vmcore;
    private final Architecture architecture;
    private final String release;
    private final long utsname;
    private final List<TableFormat> formats;
    private final Set<Long> roots = new LinkedHashSet<>();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(Utsname.BYTES);
    private final int pageShift;

    private KaslrSearch(Vmcore vmcore, Architecture architecture, Vmcoreinfo info, long utsname) {
        this.vmcore = vmcore;
        this.architecture = architecture;
        this.release = info.text("OSRELEASE").orElse("");
        this.utsname = utsname - architecture.imageBase();
        this.formats = architecture.tableFormats(info, vmcore.pageBytes());
        this.pageShift = Integer.numberOfTrailingZeros(vmcore.pageBytes());
        for (String root : architecture.rootSymbols()) {
            OptionalLong kvaddr = info.symbol(root);
            if (kvaddr.isPresent()) {
                roots.add(kvaddr.getAsLong() - architecture.imageBase());
            }
        }
    }

    /// The distance in bytes, a multiple of 2 MiB, from where the kernel was linked to where it ran; 0 too is an answer.
    /// Empty where the architecture sets no bounds to it.
    static OptionalLong find(Vmcore vmcore, Architecture architecture, Vmcoreinfo info) throws IOException {
        OptionalLong utsname = KernelProof.utsname(info);
        if (utsname.isEmpty() || architecture.imageBytes() == 0) {
            return OptionalLong.empty();
        }
        var search = new KaslrSearch(vmcore, architecture, info, utsname.getAsLong());
        OptionalLong found = search.byTextSegment();
        return found.isPresent() ? found : search.byMemory();
    }

    /// A kernel's own dump tells where the image lies: both addresses of it.
    private OptionalLong byTextSegment() throws IOException {
        Optional<Long> physBase = vmcore.physBaseOfTextSegment();
        if (physBase.isEmpty()) {
            return OptionalLong.empty();
        }
        try (PageReader reader = vmcore.newReader()) {
            for (long moved = 0; moved < architecture.imageBytes(); moved += STEP) {
                if (isUtsname(utsname + moved + physBase.get(), reader)) {
                    return OptionalLong.of(moved);
                }
            }
        }
        return OptionalLong.empty();
    }

    private OptionalLong byMemory() throws IOException {
        long first = utsname & (STEP - 1);
        long end = Math.min(vmcore.maxMapnr() << pageShift, KernelProof.MOST_PLACES * STEP);
        try (PageReader reader = vmcore.newReader()) {
            for (long paddr = first; paddr < end; paddr += STEP) {
                OptionalLong found = isUtsname(paddr, reader) ? mappedAt(paddr) : OptionalLong.empty();
                if (found.isPresent()) {
                    return found;
                }
            }
        }
        return OptionalLong.empty();
    }

    private OptionalLong mappedAt(long paddr) throws IOException {
        for (long root : roots) {
            for (TableFormat format : formats) {
                var pageTable = new PageTable(format, root + paddr - utsname);
                try (var memory = new KernelMemory(vmcore, pageTable)) {
                    for (long moved = 0; moved < architecture.imageBytes(); moved += STEP) {
                        if (memory
                                .translate(architecture.imageBase() + utsname + moved) instanceof Translation.Mapped to
                                && to.paddr() == paddr) {
                            return OptionalLong.of(moved);
                        }
                    }
                }
            }
        }
        return OptionalLong.empty();
    }

    private boolean isUtsname(long paddr, PageReader reader) throws IOException {
        if (paddr < 0 || !vmcore.isStored(paddr >>> pageShift)) {
            return false;
        }
        reader.read(paddr, buffer, 0, Utsname.BYTES);
        var found = new Utsname(buffer);
        return found.isLinux() && found.release().equals(release);
    }
}
