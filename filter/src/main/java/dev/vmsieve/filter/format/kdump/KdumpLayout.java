// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.format.kdump;

/// Where the regions of a file lie; all offsets in bytes from its start.
///
/// @param blockBytes bytes in a block
/// @param subHeaderBlocks blocks of sub header and notes
/// @param bitmapBlocks blocks of all bitmaps
/// @param bitmaps 2; or 1 where one bitmap serves as both, which only a reader meets
public record KdumpLayout(int blockBytes, int subHeaderBlocks, long bitmapBlocks, int bitmaps) {
    /// The layout of a file that we write: bitmaps exactly as long as readers compute it from maxMapnr.
    public static KdumpLayout of(int blockBytes, long maxMapnr, long noteBytes) {
        long subHeaderBlocks = blocks(KdumpFormat.SUB_HEADER_BYTES + noteBytes, blockBytes);
        long bitmapBlocks = 2 * blocks(blocks(maxMapnr, Byte.SIZE), blockBytes);
        return new KdumpLayout(blockBytes, Math.toIntExact(subHeaderBlocks), bitmapBlocks, 2);
    }

    /// Where the sub header starts.
    public long subHeaderOffset() {
        return blockBytes;
    }

    /// Where our notes start: right behind the sub header.
    public long notesOffset() {
        return subHeaderOffset() + KdumpFormat.SUB_HEADER_BYTES;
    }

    /// Where the 1st bitmap starts.
    public long firstBitmapOffset() {
        return blockBytes * (1L + subHeaderBlocks);
    }

    /// Where the 2nd bitmap starts.
    public long secondBitmapOffset() {
        return firstBitmapOffset() + (bitmaps - 1) * bitmapBytes();
    }

    /// Bytes in one bitmap, padding included.
    public long bitmapBytes() {
        return blockBytes * bitmapBlocks / bitmaps;
    }

    /// Where the page descriptors start.
    public long descriptorsOffset() {
        return blockBytes * (1L + subHeaderBlocks + bitmapBlocks);
    }

    /// Where the descriptor of the page with that rank (dumpable pages below it) starts, and with the number of all
    /// dumpable pages: where the descriptors end.
    public long descriptorOffset(long rank) {
        return descriptorsOffset() + rank * KdumpFormat.DESCRIPTOR_BYTES;
    }

    private static long blocks(long amount, int perBlock) {
        return (amount + perBlock - 1) / perBlock;
    }
}
