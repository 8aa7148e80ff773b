// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.format.kdump;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// The main header, struct disk_dump_header. Fields that nobody uses (total_ram_blocks, device_blocks, written_blocks,
/// current_cpu) are written as 0 and not read. So is timestamp.usec: it must stay 0, since a reader that guesses the
/// word size takes a power of two in there for the block size of a 32-bit file.
///
/// @param headerVersion header_version
/// @param utsname struct new_utsname: six strings of 65 bytes
/// @param timestampSeconds timestamp.tv_sec: when the machine crashed
/// @param status bits of [StorageFlag]
/// @param blockBytes block_size
/// @param subHeaderBlocks sub_hdr_size
/// @param bitmapBlocks bitmap_blocks, unsigned
/// @param maxMapnr max_mapnr: what fits of it into 32 bits, unsigned
/// @param cpus nr_cpus
@SuppressWarnings("ArrayRecordComponent") // compared by content
public record DiskDumpHeader(int headerVersion, byte[] utsname, long timestampSeconds, int status, int blockBytes,
        int subHeaderBlocks, long bitmapBlocks, long maxMapnr, int cpus) {
    private static final int VERSION_OFFSET = 8;
    private static final int UTSNAME_OFFSET = 12;
    private static final int MACHINE_OFFSET = 4 * 65;
    private static final int TIMESTAMP_OFFSET = 408;
    private static final int BLOCK_SIZE_OFFSET = 428;
    private static final int SUB_HDR_SIZE_OFFSET = 432;
    private static final int BITMAP_BLOCKS_OFFSET = 436;
    private static final int MAX_MAPNR_OFFSET = 440;
    private static final int NR_CPUS_OFFSET = 460;

    /// The largest max_mapnr that the 32-bit field tells.
    public static final long MAX_MAPNR_32 = 0xffff_ffffL;

    /// Reads a 64-bit machine's header from the buffer's byte 0 on, in the buffer's order, and checks nothing.
    static DiskDumpHeader parse(ByteBuffer bytes) {
        byte[] utsname = new byte[KdumpFormat.UTSNAME_BYTES];
        bytes.get(UTSNAME_OFFSET, utsname);
        return new DiskDumpHeader(bytes.getInt(VERSION_OFFSET), utsname, bytes.getLong(TIMESTAMP_OFFSET),
                bytes.getInt(KdumpFormat.STATUS_OFFSET), bytes.getInt(BLOCK_SIZE_OFFSET),
                bytes.getInt(SUB_HDR_SIZE_OFFSET), Integer.toUnsignedLong(bytes.getInt(BITMAP_BLOCKS_OFFSET)),
                Integer.toUnsignedLong(bytes.getInt(MAX_MAPNR_OFFSET)), bytes.getInt(NR_CPUS_OFFSET));
    }

    /// Writes the header to the buffer's first [KdumpFormat#MAIN_HEADER_BYTES] bytes, which must be zero.
    public void write(ByteBuffer target) {
        target.put(0, KdumpFormat.SIGNATURE.getBytes(StandardCharsets.US_ASCII));
        target.putInt(VERSION_OFFSET, headerVersion);
        target.put(UTSNAME_OFFSET, utsname, 0, KdumpFormat.UTSNAME_BYTES);
        target.putLong(TIMESTAMP_OFFSET, timestampSeconds);
        target.putInt(KdumpFormat.STATUS_OFFSET, status);
        target.putInt(BLOCK_SIZE_OFFSET, blockBytes);
        target.putInt(SUB_HDR_SIZE_OFFSET, subHeaderBlocks);
        target.putInt(BITMAP_BLOCKS_OFFSET, (int) bitmapBlocks);
        target.putInt(MAX_MAPNR_OFFSET, (int) maxMapnr);
        target.putInt(NR_CPUS_OFFSET, cpus);
    }

    /// What `uname -m` said: utsname.machine up to its NUL, or all of it where there is none.
    public String machine() {
        int end = MACHINE_OFFSET;
        while (end < MACHINE_OFFSET + 65 && utsname[end] != 0) {
            end++;
        }
        return new String(utsname, MACHINE_OFFSET, end - MACHINE_OFFSET, StandardCharsets.US_ASCII);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof DiskDumpHeader that && headerVersion == that.headerVersion
                && Arrays.equals(utsname, that.utsname) && timestampSeconds == that.timestampSeconds
                && status == that.status && blockBytes == that.blockBytes && subHeaderBlocks == that.subHeaderBlocks
                && bitmapBlocks == that.bitmapBlocks && maxMapnr == that.maxMapnr && cpus == that.cpus;
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(utsname) * 31 + Long.hashCode(maxMapnr);
    }
}
