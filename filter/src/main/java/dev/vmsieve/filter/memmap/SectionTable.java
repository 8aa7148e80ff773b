// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.memmap;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.OptionalLong;

import org.jspecify.annotations.Nullable;

import dev.vmsieve.filter.io.CorruptDumpException;
import dev.vmsieve.filter.memmap.MemoryModel.Query;
import dev.vmsieve.filter.paging.KernelMemory;
import dev.vmsieve.filter.paging.Translation;

/// The word section_mem_map of every section, flags included; 0 for a section that is not there. Immutable.
///
/// Roots with the same entries as the one before take no memory of their own. With VMEMMAP that is most: the entries are
/// the array's address and flags, so 64 TiB of memory make some KB instead of 4 MiB.
final class SectionTable {
    private static final int SAMPLES = 64;
    /// Values of MAX_PHYSMEM_BITS that kernels were built with, for kernels that do not tell theirs.
    private static final int[] PHYSMEM_BITS = {44, 46, 47, 51, 52, 42, 48, 40};
    /// No kernel has more: 2^27 sections (ppc64, MAX_PHYSMEM_BITS 51), and 128 entries at least in a page.
    private static final long MOST_ROOTS = 1 << 20;

    private final long sections;
    private final int perRoot;
    private final long[] @Nullable [] roots;
    /// The root that is being read, and the last one before it that has entries of its own.
    private final long[] loading;
    private long @Nullable [] last;
    private long present;
    private long unusable;
    private long endSection;

    private SectionTable(long sections, int perRoot) {
        this.sections = sections;
        this.perRoot = perRoot;
        this.loading = new long[perRoot];
        this.roots = new long[(int) roots(sections, perRoot)][];
    }

    private static long roots(long sections, int perRoot) {
        return (sections + perRoot - 1) / perRoot;
    }

    static boolean isPresent(long raw) {
        return (raw & SparseMem.MARKED_PRESENT) != 0 && (raw & SparseMem.HAS_MEM_MAP) != 0;
    }

    /// Number of sections that were looked at.
    long sections() {
        return sections;
    }

    /// Entries and roots that could not be read or cannot be right.
    long unusable() {
        return unusable;
    }

    /// Sections from here on have no mem_map. Those whose entry cannot be used may have one, and lie before.
    long endSection() {
        return endSection;
    }

    /// The entry of a section; 0 beyond the last.
    long raw(long section) {
        if (section >= sections) {
            return 0;
        }
        long[] root = roots[(int) (section / perRoot)];
        return root == null ? 0 : root[(int) (section % perRoot)];
    }

    /// First section with a mem_map at or after the given one; [#sections] if there is none.
    long nextPresent(long from) {
        long section = from;
        while (section < sections) {
            if (roots[(int) (section / perRoot)] == null) {
                section = (section / perRoot + 1) * perRoot;
            } else if (isPresent(raw(section))) {
                return section;
            } else {
                section++;
            }
        }
        return sections;
    }

    /// Finds the table: whether it is an array of entries or of roots, and whether the symbol is the array or a pointer
    /// to it (4.14.y and 4.15-rc export the pointer's address, and so does a file made from vmlinux).
    static SectionTable find(Query query, long memSection, int sectionShift, KernelMemory memory) throws IOException {
        long sections = (query.maxMapnr() + (1L << sectionShift) - 1) >>> sectionShift;
        long entryBytes = query.info().size("mem_section").orElseThrow();
        if (entryBytes < query.architecture().wordBytes() || entryBytes > query.pageBytes()) {
            throw new CorruptDumpException("[" + query.info().source() + "] VMCOREINFO: SIZE(mem_section) must be "
                    + query.architecture().wordBytes() + " to " + query.pageBytes() + " but was " + entryBytes);
        }
        checkRoots(query, sections, query.pageBytes() / (int) entryBytes);
        Layout layout = new Layout(query, (int) entryBytes, sectionShift, mapOffset(query, entryBytes));
        boolean extremeFirst = layout.isExtreme();
        SectionTable best = layout.load(memSection, extremeFirst, sections, memory);
        if (best.isSound(layout, memory)) {
            return best;
        }
        if (memory.translate(memSection) instanceof Translation.Mapped) {
            long pointed = memory.word(memSection);
            best = better(best, layout.load(pointed, extremeFirst, sections, memory), layout, memory);
        }
        best = better(best, layout.load(memSection, !extremeFirst, sections, memory), layout, memory);
        if (!best.isUsable(layout, memory)) {
            throw new CorruptDumpException("[" + query.info().source() + "] mem_section: no section has a mem_map"
                    + " that can be read (address 0x" + Long.toHexString(memSection) + ")");
        }
        return best;
    }

    private static void checkRoots(Query query, long sections, int perRoot) throws CorruptDumpException {
        if (roots(sections, perRoot) > MOST_ROOTS) {
            throw new CorruptDumpException("[" + query.info().source() + "] VMCOREINFO: NUMBER(SECTION_SIZE_BITS)"
                    + " must leave at most " + MOST_ROOTS + " roots of sections below 0x"
                    + Long.toHexString(query.maxMapnr() * query.pageBytes()) + " but was " + query.sectionSizeBits());
        }
    }

    private static int mapOffset(Query query, long entryBytes) throws CorruptDumpException {
        int wordBytes = query.architecture().wordBytes();
        long offset = query.info().offset("mem_section", "section_mem_map").orElse(0);
        if (offset > entryBytes - wordBytes || offset % wordBytes != 0) {
            throw new CorruptDumpException("[" + query.info().source()
                    + "] VMCOREINFO: OFFSET(mem_section.section_mem_map) must be at most " + (entryBytes - wordBytes)
                    + " and a multiple of " + wordBytes + " but was " + offset);
        }
        return (int) offset;
    }

    private static SectionTable better(SectionTable one, SectionTable other, Layout layout, KernelMemory memory)
            throws IOException {
        if (one.isSound(layout, memory)) {
            return one;
        }
        return other.isSound(layout, memory) || !one.isUsable(layout, memory) ? other : one;
    }

    private boolean isSound(Layout layout, KernelMemory memory) throws IOException {
        return unusable == 0 && isUsable(layout, memory);
    }

    /// True if there is a section whose first struct page is mapped, among a sample of them.
    private boolean isUsable(Layout layout, KernelMemory memory) throws IOException {
        long step = Math.max(1, present / SAMPLES);
        long number = 0;
        for (long s = nextPresent(0); s < sections; s = nextPresent(s + 1)) {
            if (number++ % step == 0
                    && memory.translate(layout.firstStructPage(s, raw(s))) instanceof Translation.Mapped) {
                return true;
            }
        }
        return false;
    }

    private void put(int root, int index, long raw, boolean kernelAddress) {
        long section = (long) root * perRoot + index;
        if (section >= sections || !isPresent(raw)) {
            return;
        }
        endSection = Math.max(endSection, section + 1);
        if (!kernelAddress) {
            unusable++;
            return;
        }
        loading[index] = raw;
        present++;
    }

    /// Nothing is known of the sections of the roots before this one that were not put.
    private void cannotRead(long endRoot) {
        unusable++;
        endSection = Math.max(endSection, Math.min(endRoot * perRoot, sections));
    }

    /// All entries of the root have been put.
    private void endRoot(int root) {
        long[] before = last;
        if (before == null || !Arrays.equals(loading, before)) {
            before = loading.clone();
            last = before;
        }
        roots[root] = before;
    }

    /// How the table lies in the crashed kernel's memory.
    private static final class Layout {
        private final Query query;
        private final int entryBytes;
        private final int sectionShift;
        private final int wordBytes;
        private final int mapOffset;
        private final ByteBuffer buffer;

        Layout(Query query, int entryBytes, int sectionShift, int mapOffset) {
            this.query = query;
            this.entryBytes = entryBytes;
            this.sectionShift = sectionShift;
            this.wordBytes = query.architecture().wordBytes();
            this.mapOffset = mapOffset;
            this.buffer = ByteBuffer.allocateDirect(query.pageBytes()).order(query.architecture().byteOrder());
        }

        /// SPARSEMEM_EXTREME has an array of roots, a page of entries each; its length tells it from static SPARSEMEM.
        boolean isExtreme() {
            OptionalLong length = query.info().length("mem_section");
            if (length.isEmpty()) {
                return true;
            }
            OptionalLong told = query.info().number("MAX_PHYSMEM_BITS");
            if (told.isPresent()) {
                return isExtreme(length.getAsLong(), told.getAsLong());
            }
            if (isExtreme(length.getAsLong(), query.architecture().defaultMaxPhysmemBits(query.levels()))) {
                return true;
            }
            for (int bits : PHYSMEM_BITS) {
                if (isExtreme(length.getAsLong(), bits)) {
                    return true;
                }
            }
            return false;
        }

        private boolean isExtreme(long length, long physmemBits) {
            long numberBits = physmemBits - query.sectionSizeBits();
            if (numberBits < 0 || numberBits > 40) {
                return false;
            }
            long perRoot = query.pageBytes() / entryBytes;
            return length == ((1L << numberBits) + perRoot - 1) / perRoot;
        }

        long firstStructPage(long section, long raw) {
            long origin = raw & -(long) query.pageBytes();
            return origin + (section << sectionShift) * query.structPageBytes();
        }

        SectionTable load(long address, boolean extreme, long sections, KernelMemory memory) throws IOException {
            int perRoot = query.pageBytes() / entryBytes;
            SectionTable table = new SectionTable(sections, perRoot);
            if (extreme) {
                loadRoots(address, table, memory);
                return table;
            }
            for (int root = 0; root < table.roots.length; root++) {
                long at = address + (long) root * perRoot * entryBytes;
                loadEntries(at, root, Math.min(perRoot, sections - (long) root * perRoot), table, memory);
            }
            return table;
        }

        private void loadRoots(long address, SectionTable table, KernelMemory memory) throws IOException {
            int perRead = query.pageBytes() / wordBytes;
            long[] pointers = new long[perRead];
            for (int first = 0; first < table.roots.length; first += perRead) {
                int count = Math.min(perRead, table.roots.length - first);
                if (!read(address + (long) first * wordBytes, count * wordBytes, memory)) {
                    table.cannotRead(first + count);
                    continue;
                }
                for (int i = 0; i < count; i++) {
                    pointers[i] = word(i * wordBytes);
                }
                for (int i = 0; i < count; i++) {
                    if (pointers[i] != 0) {
                        loadEntries(pointers[i], first + i, table.perRoot, table, memory);
                    }
                }
            }
        }

        private void loadEntries(long address, int root, long count, SectionTable table, KernelMemory memory)
                throws IOException {
            if (!read(address, (int) count * entryBytes, memory)) {
                table.cannotRead(root + 1L);
                return;
            }
            long before = table.present;
            Arrays.fill(table.loading, 0);
            for (int i = 0; i < count; i++) {
                long raw = word(i * entryBytes + mapOffset);
                long section = (long) root * table.perRoot + i;
                table.put(root, i, raw, isKernelAddress(firstStructPage(section, raw)));
            }
            if (table.present > before) {
                table.endRoot(root);
            }
        }

        /// Kernel addresses have their top bit set on the 64-bit machines that have such a rule, and on 32-bit ones a
        /// low bound is not known.
        private boolean isKernelAddress(long address) {
            return wordBytes < Long.BYTES || address < 0;
        }

        private boolean read(long address, int bytes, KernelMemory memory) throws IOException {
            try {
                memory.read(address, buffer, 0, bytes);
                return true;
            } catch (CorruptDumpException notThere) {
                return false;
            }
        }

        private long word(int at) {
            return wordBytes == Long.BYTES ? buffer.getLong(at) : Integer.toUnsignedLong(buffer.getInt(at));
        }
    }
}
