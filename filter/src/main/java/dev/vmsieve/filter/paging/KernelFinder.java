// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.paging;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.OptionalLong;

import org.jspecify.annotations.Nullable;

import dev.vmsieve.filter.arch.Architecture;
import dev.vmsieve.filter.io.CorruptDumpException;
import dev.vmsieve.filter.io.DumpException;
import dev.vmsieve.filter.io.KernelMismatchException;
import dev.vmsieve.filter.io.MissingSymbolException;
import dev.vmsieve.filter.io.UnsupportedDumpException;
import dev.vmsieve.filter.kernel.Vmcoreinfo;
import dev.vmsieve.filter.kernel.VmcoreinfoScan;
import dev.vmsieve.filter.vmcore.Vmcore;

/// Finds the VMCOREINFO that is true of a dump: that of its note, else the given one, else what memory holds.
final class KernelFinder {
    private static final int MOST_TEXT_BYTES = 1 << 16;
    private static final String[] SAME_IN_BOTH = {"_stext", "swapper_pg_dir", "init_uts_ns"};

    private final Vmcore vmcore;
    private final Architecture architecture;
    private final Optional<Vmcoreinfo> given;

    KernelFinder(Vmcore vmcore, Optional<Vmcoreinfo> given) throws DumpException {
        this.vmcore = vmcore;
        this.given = given;
        Optional<Architecture> known = Architecture.of(vmcore.machine());
        if (known.isEmpty()) {
            throw new UnsupportedDumpException("[" + vmcore.name() + "] kernel: page tables of e_machine "
                    + vmcore.machine() + " are not supported");
        }
        this.architecture = known.get();
    }

    Kernel find() throws IOException {
        Optional<byte[]> note = vmcore.vmcoreinfo();
        if (note.isPresent()) {
            Vmcoreinfo own = Vmcoreinfo.parse(vmcore.name(), note.get());
            if (own.text("OSRELEASE").isPresent()) {
                return KernelProof.prove(vmcore, architecture, completed(own), false);
            }
        }
        DumpException failure = new MissingSymbolException("[" + vmcore.name()
                + "] VMCOREINFO: is neither in a note nor in memory; -x VMLINUX or -i VMCOREINFO can supply it");
        if (given.isPresent()) {
            Attempt attempt = proveGiven(given.get());
            if (attempt.kernel != null) {
                return attempt.kernel;
            }
            failure = attempt.failure == null ? failure : attempt.failure;
        }
        return fromMemory(failure);
    }

    /// As it stands, moved by the KASLR offset that it names, or by the one that memory tells.
    private Attempt proveGiven(Vmcoreinfo info) throws IOException {
        Attempt first = attempt(info, true);
        if (first.kernel != null) {
            return new Attempt(withOwnText(first.kernel, info), null);
        }
        OptionalLong told = info.hexadecimalOf("KERNELOFFSET");
        OptionalLong moved = told.orElse(0) == 0 ? KaslrSearch.find(vmcore, architecture, info) : told;
        if (moved.orElse(0) == 0) {
            return first;
        }
        Vmcoreinfo there = info.withSymbolsMoved(architecture.imageBase(), moved.getAsLong());
        Attempt second = attempt(there, true);
        return second.kernel == null ? first : new Attempt(withOwnText(second.kernel, there), null);
    }

    /// The kernel's own VMCOREINFO, where the given one leads to it: it knows what no vmlinux tells. The given one
    /// completes it.
    private Kernel withOwnText(Kernel kernel, Vmcoreinfo given) throws IOException {
        OptionalLong place = given.symbol("vmcoreinfo_data");
        if (place.isEmpty()) {
            return kernel;
        }
        try (KernelMemory memory = kernel.newMemory()) {
            // Linux commit 203e9e41219b (in v4.13): a pointer to the text, which was an array before.
            int bytes = ownTextBytes(given, memory);
            for (long kvaddr : new long[]{memory.word(place.getAsLong()), place.getAsLong()}) {
                Optional<Vmcoreinfo> own = textAt(kvaddr, bytes, memory);
                if (own.isPresent()) {
                    Attempt proof = attempt(own.get().orElse(given), false);
                    return proof.kernel == null ? kernel : proof.kernel;
                }
            }
        } catch (CorruptDumpException notThere) {
            return kernel;
        }
        return kernel;
    }

    private int ownTextBytes(Vmcoreinfo given, KernelMemory memory) throws IOException {
        OptionalLong place = given.symbol("vmcoreinfo_size");
        long told = place.isPresent() ? memory.word(place.getAsLong()) : 0;
        return told > 0 && told <= MOST_TEXT_BYTES ? (int) told : vmcore.pageBytes();
    }

    private Optional<Vmcoreinfo> textAt(long kvaddr, int bytes, KernelMemory memory) throws IOException {
        if (!(memory.translate(kvaddr) instanceof Translation.Mapped)) {
            return Optional.empty();
        }
        ByteBuffer area = ByteBuffer.allocateDirect(bytes);
        memory.read(kvaddr, area, 0, bytes);
        byte[] text = new byte[bytes];
        area.get(0, text);
        Vmcoreinfo found = Vmcoreinfo.parse(vmcore.name() + ", text in memory at 0x" + Long.toHexString(kvaddr), text);
        return Optional.of(found).filter(info -> info.text("OSRELEASE").isPresent());
    }

    /// The first text in memory that proves itself.
    private Kernel fromMemory(DumpException failure) throws IOException {
        DumpException last = failure;
        try (var scan = new VmcoreinfoScan(vmcore)) {
            for (Optional<Vmcoreinfo> found = scan.next(); found.isPresent(); found = scan.next()) {
                Attempt attempt = attempt(found.get(), false);
                if (attempt.kernel != null) {
                    checkSameRelease(found.get());
                    return attempt.kernel;
                }
                last = attempt.failure == null || given.isPresent() ? last : attempt.failure;
            }
        }
        throw last;
    }

    private Attempt attempt(Vmcoreinfo info, boolean byUser) throws IOException {
        try {
            return new Attempt(KernelProof.prove(vmcore, architecture, info, byUser), null);
        } catch (DumpException e) {
            return new Attempt(null, e);
        }
    }

    /// The dump's own text, and the given one for what it lacks.
    private Vmcoreinfo completed(Vmcoreinfo own) throws DumpException {
        if (given.isEmpty()) {
            return own;
        }
        checkSameRelease(own);
        Vmcoreinfo other = given.get();
        for (String symbol : SAME_IN_BOTH) {
            OptionalLong here = own.symbol(symbol);
            OptionalLong there = other.symbol(symbol);
            if (here.isPresent() && there.isPresent()) {
                return own.orElse(
                        other.withSymbolsMoved(architecture.imageBase(), here.getAsLong() - there.getAsLong()));
            }
        }
        return own.orElse(
                other.withSymbolsMoved(architecture.imageBase(), own.hexadecimalOf("KERNELOFFSET").orElse(0)));
    }

    private void checkSameRelease(Vmcoreinfo own) throws KernelMismatchException {
        if (given.isPresent()) {
            String here = own.text("OSRELEASE").orElse("");
            if (!here.equals(given.get().text("OSRELEASE").orElse(""))) {
                throw KernelProof.mismatch(given.get(), vmcore, here);
            }
        }
    }

    /// One of the two.
    private record Attempt(@Nullable Kernel kernel, @Nullable DumpException failure) {}
}
