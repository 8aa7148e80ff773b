// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.plan;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import dev.vmsieve.filter.bitmap.PageBitmap;
import dev.vmsieve.filter.bitmap.PfnRange;

/// Among which files to divide a dump, and how (`--split`).
///
/// Memory is taken in blocks, and each part gets as many whole ones as it needs for its share of the kept pages.
///
/// @param files the parts, in order of their pfns; at least one
/// @param blockBytes bytes of memory in a block, or [#DEFAULT_BLOCK]
/// @param salvage fill the other parts although one has no room: false for who will try again with a higher level
public record SplitPlan(List<Path> files, long blockBytes, boolean salvage) {
    /// Value of blockBytes: [#DEFAULT_BLOCK_PAGES] pages.
    public static final long DEFAULT_BLOCK = 0;
    /// Pages that crash takes together where it counts descriptors, so that it reads such parts fastest.
    static final long DEFAULT_BLOCK_PAGES = 4096;
    /// crash counts a part's descriptors by words of the bitmap, from start_pfn on: it must be at the start of one.
    private static final long LEAST_BLOCK_PAGES = Long.SIZE;

    /// Rejects what cannot be done, and takes a copy of the list.
    public SplitPlan {
        files = List.copyOf(files);
        if (files.isEmpty()) {
            throw new IllegalArgumentException("there must be at least one file");
        }
        if (blockBytes < 0) {
            throw new IllegalArgumentException("blockBytes must not be negative but was " + blockBytes);
        }
    }

    /// Blocks of the usual size; what has room is written.
    public static SplitPlan of(List<Path> files) {
        return new SplitPlan(files, DEFAULT_BLOCK, true);
    }

    /// The same, filling the other parts although one has no room, or not.
    public SplitPlan withSalvage(boolean allowed) {
        return new SplitPlan(files, blockBytes, allowed);
    }

    /// Refuses two parts in one file, by whatever names. Those by which the first part's file is made only, as a link's
    /// target, are found when it is there.
    public void checkFiles() throws IOException {
        for (int i = 1; i < files.size(); i++) {
            for (Path other : files.subList(0, i)) {
                if (isSame(files.get(i), other)) {
                    throw new IOException("[" + files.get(i) + "] is the same file as " + other
                            + ", and each part of a split dump needs one of its own");
                }
            }
        }
    }

    private static boolean isSame(Path one, Path other) throws IOException {
        return place(one).equals(place(other))
                || (Files.exists(one) && Files.exists(other) && Files.isSameFile(one, other));
    }

    /// Where the file is or will be, whatever links lead to its directory.
    private static Path place(Path file) throws IOException {
        Path absolute = file.toAbsolutePath();
        Path directory = absolute.getParent();
        return directory == null || !Files.isDirectory(directory)
                ? absolute.normalize()
                : directory.toRealPath().resolve(absolute.getFileName());
    }

    /// The parts' pfns: all of the dump, without gaps. Where there are fewer blocks than parts the last parts are empty.
    ///
    /// @param dumpable the kept pages
    /// @throws IOException if a block is no whole number of pages
    public List<PfnRange> ranges(PageBitmap dumpable, int pageBytes, long maxMapnr) throws IOException {
        long blockPages = blockPages(pageBytes);
        long left = dumpable.cardinality();
        List<PfnRange> ranges = new ArrayList<>();
        long start = 0;
        for (int part = 0; part < files.size(); part++) {
            long share = Math.ceilDiv(left, files.size() - part);
            long end = start;
            long taken = 0;
            while (end < maxMapnr && taken < share) {
                long blockEnd = Math.min(end + blockPages, maxMapnr);
                taken += dumpable.cardinality(end, blockEnd);
                end = blockEnd;
            }
            left -= taken;
            if (left == 0) {
                end = maxMapnr;
            }
            ranges.add(new PfnRange(start, end));
            start = end;
        }
        return ranges;
    }

    /// Refuses blocks that are no whole number of pages.
    public void checkBlocks(int pageBytes) throws IOException {
        if (blockBytes % pageBytes != 0) {
            throw new IOException("--splitblock-size: a block must be a multiple of the page size of " + pageBytes
                    + " bytes but was " + blockBytes);
        }
    }

    private long blockPages(int pageBytes) throws IOException {
        if (blockBytes == DEFAULT_BLOCK) {
            return DEFAULT_BLOCK_PAGES;
        }
        checkBlocks(pageBytes);
        return Math.ceilDiv(blockBytes / pageBytes, LEAST_BLOCK_PAGES) * LEAST_BLOCK_PAGES;
    }
}
