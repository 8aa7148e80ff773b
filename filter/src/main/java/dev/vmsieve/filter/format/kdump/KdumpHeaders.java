// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.format.kdump;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

import org.jspecify.annotations.Nullable;

import dev.vmsieve.filter.format.elf.ElfNotes;
import dev.vmsieve.filter.io.CorruptDumpException;
import dev.vmsieve.filter.io.DumpException;
import dev.vmsieve.filter.io.UnsupportedDumpException;

/// Both headers of a file.
///
/// @param order the crashed machine's byte order
/// @param main the main header
/// @param sub the sub header
public record KdumpHeaders(ByteOrder order, DiskDumpHeader main, KdumpSubHeader sub) {
    private static final long MAX_PFNS = 1L << 40;
    static final long MAX_REGION_BYTES = 64 << 20;
    /// block_size in the main header of a 32-bit machine.
    private static final int BLOCK_SIZE_OFFSET_32 = 416;

    /// Reads the headers from a file's first bytes and checks them.
    ///
    /// Nothing in a file says its byte order: the one taken is that which makes sense of block size, sub header,
    /// bitmaps and max_mapnr.
    ///
    /// @param file the file's name, for messages
    /// @param head the file's first bytes, as many as [#bytes] says or [KdumpFormat#HEADERS_BYTES], fewer where the file
    ///        ends; its position and order are not used
    /// @param fileBytes the file's size, [Long#MAX_VALUE] if unknown
    /// @throws CorruptDumpException if the headers break the format
    /// @throws UnsupportedDumpException if they are of a kind that we do not read
    public static KdumpHeaders parse(String file, ByteBuffer head, long fileBytes) throws DumpException {
        ByteBuffer bytes = head.duplicate().clear().limit(head.limit());
        if (bytes.limit() < KdumpFormat.MAIN_HEADER_BYTES) {
            throw new CorruptDumpException("[" + file + "] kdump main header: file must have at least "
                    + KdumpFormat.MAIN_HEADER_BYTES + " bytes but has " + bytes.limit());
        }
        checkSignature(file, bytes);
        String little = checkGeometry(bytes.order(ByteOrder.LITTLE_ENDIAN), fileBytes);
        if (little == null) {
            return parseChecked(file, bytes, fileBytes);
        }
        String big = checkGeometry(bytes.order(ByteOrder.BIG_ENDIAN), fileBytes);
        if (big == null) {
            return parseChecked(file, bytes, fileBytes);
        }
        rejectNarrow(file, bytes);
        boolean bigSized = isBlockSize(DiskDumpHeader.parse(bytes).blockBytes());
        throw new CorruptDumpException("[" + file + "] kdump " + (bigSized ? big : little));
    }

    /// How many of a file's first bytes hold its headers, whichever byte order they have.
    ///
    /// @param head the file's first bytes, at least those of the main header where it has so many
    static int bytes(ByteBuffer head) {
        int most = KdumpFormat.MIN_BLOCK_BYTES;
        if (head.limit() >= KdumpFormat.MAIN_HEADER_BYTES) {
            int blockBytes = DiskDumpHeader.parse(head.duplicate().order(ByteOrder.LITTLE_ENDIAN)).blockBytes();
            most = Math.max(most, isBlockSize(blockBytes) ? blockBytes : 0);
            int swapped = Integer.reverseBytes(blockBytes);
            most = Math.max(most, isBlockSize(swapped) ? swapped : 0);
        }
        return most + KdumpFormat.SUB_HEADER_BYTES;
    }

    /// Where the regions of the file lie.
    public KdumpLayout layout() {
        return layout(main, maxMapnr());
    }

    /// Highest pfn + 1: of the sub header where its version has that, else of the main header.
    public long maxMapnr() {
        return maxMapnr(main, sub);
    }

    /// The dump was cut short; see [PageDescriptor#missing].
    public boolean incomplete() {
        return StorageFlag.INCOMPLETE.in(main.status());
    }

    /// True where the 32-bit max_mapnr could tell what the 64-bit one does, and tells something else.
    public boolean maxMapnrDiffers() {
        return main.headerVersion() >= 6 && sub.maxMapnr() < DiskDumpHeader.MAX_MAPNR_32
                && sub.maxMapnr() != main.maxMapnr();
    }

    /// Checks that the descriptors of that many dumpable pages lie inside the file.
    ///
    /// @throws CorruptDumpException if they do not
    public void checkDescriptors(String file, long pages, long fileBytes) throws CorruptDumpException {
        long end = layout().descriptorOffset(pages);
        if (end > fileBytes) {
            throw new CorruptDumpException("[" + file + "] kdump page descriptors: the 2nd bitmap has " + pages
                    + " pages, whose descriptors end at " + hex(end) + ", but the file ends at " + hex(fileBytes));
        }
    }

    private static KdumpHeaders parseChecked(String file, ByteBuffer bytes, long fileBytes)
            throws CorruptDumpException {
        DiskDumpHeader main = DiskDumpHeader.parse(bytes);
        KdumpSubHeader sub = KdumpSubHeader.parse(bytes, main.blockBytes(), main.headerVersion());
        checkRegion(file, "note", sub.notes(), ElfNotes.MOST_BYTES, fileBytes);
        checkRegion(file, "vmcoreinfo", sub.vmcoreinfo(), MAX_REGION_BYTES, fileBytes);
        if (sub.split() != 0 && (sub.splitStart() < 0 || sub.splitStart() > sub.splitEnd()
                || sub.splitEnd() > maxMapnr(main, sub))) {
            throw new CorruptDumpException("[" + file + "] kdump sub header: start_pfn and end_pfn must be a range "
                    + "up to max_mapnr " + maxMapnr(main, sub) + " but were " + sub.splitStart() + " and "
                    + sub.splitEnd());
        }
        return new KdumpHeaders(bytes.order(), main, sub);
    }

    private static void checkSignature(String file, ByteBuffer bytes) throws DumpException {
        byte[] signature = new byte[KdumpFormat.SIGNATURE.length()];
        bytes.get(0, signature);
        String found = new String(signature, StandardCharsets.ISO_8859_1);
        if (found.equals(KdumpFormat.OLD_SIGNATURE)) {
            throw new UnsupportedDumpException("[" + file + "] kdump main header: signature is \""
                    + KdumpFormat.OLD_SIGNATURE + "\", the old diskdump format; supported is \""
                    + KdumpFormat.SIGNATURE + "\"");
        }
        if (!found.equals(KdumpFormat.SIGNATURE)) {
            throw new CorruptDumpException("[" + file + "] kdump main header: signature must be \""
                    + KdumpFormat.SIGNATURE + "\" but was 0x" + Long.toHexString(bytes.getLong(0)));
        }
    }

    /// What does not fit together in the buffer's byte order; null if all does.
    private static @Nullable String checkGeometry(ByteBuffer bytes, long fileBytes) {
        DiskDumpHeader main = DiskDumpHeader.parse(bytes);
        if (main.headerVersion() < 0) {
            return "main header: header_version must not be negative but was " + main.headerVersion();
        }
        int block = main.blockBytes();
        if (!isBlockSize(block)) {
            return "main header: block_size must be a power of two from 4096 to 262144 but was " + block;
        }
        if (main.subHeaderBlocks() < 1 || main.subHeaderBlocks() > fileBytes / block - 1) {
            return "main header: sub_hdr_size must be at least 1 and inside the file but was "
                    + main.subHeaderBlocks();
        }
        if (main.bitmapBlocks() == 0 || main.bitmapBlocks() > fileBytes / block - 1 - main.subHeaderBlocks()) {
            return "main header: bitmap_blocks must be at least 1 and inside the file but was " + main.bitmapBlocks();
        }
        if (bytes.limit() < block + KdumpFormat.SUB_HEADER_BYTES) {
            return "sub header: file must have at least " + (block + KdumpFormat.SUB_HEADER_BYTES)
                    + " bytes but has " + bytes.limit();
        }
        return checkMaxMapnr(main, KdumpSubHeader.parse(bytes, block, main.headerVersion()));
    }

    private static @Nullable String checkMaxMapnr(DiskDumpHeader main, KdumpSubHeader sub) {
        long pfns = maxMapnr(main, sub);
        if (pfns <= 0 || pfns > MAX_PFNS) {
            return "sub header: max_mapnr must be 1 to " + MAX_PFNS + " but was " + Long.toUnsignedString(pfns);
        }
        KdumpLayout layout = layout(main, pfns);
        if (layout.bitmapBytes() * Byte.SIZE < pfns) {
            return "main header: bitmap_blocks must hold " + pfns + " bits but was " + main.bitmapBlocks();
        }
        if (layout.bitmaps() == 2 && main.bitmapBlocks() % 2 != 0) {
            return "main header: bitmap_blocks must be even for two bitmaps but was " + main.bitmapBlocks();
        }
        return null;
    }

    /// One bitmap where two do not fit, as all readers do.
    private static KdumpLayout layout(DiskDumpHeader main, long maxMapnr) {
        boolean two = main.bitmapBlocks() / 2 * main.blockBytes() * Byte.SIZE >= maxMapnr;
        return new KdumpLayout(main.blockBytes(), main.subHeaderBlocks(), main.bitmapBlocks(), two ? 2 : 1);
    }

    private static long maxMapnr(DiskDumpHeader main, KdumpSubHeader sub) {
        return main.headerVersion() >= 6 ? sub.maxMapnr() : main.maxMapnr();
    }

    private static void rejectNarrow(String file, ByteBuffer bytes) throws UnsupportedDumpException {
        int little = bytes.order(ByteOrder.LITTLE_ENDIAN).getInt(BLOCK_SIZE_OFFSET_32);
        int big = bytes.order(ByteOrder.BIG_ENDIAN).getInt(BLOCK_SIZE_OFFSET_32);
        if (isBlockSize(little) || isBlockSize(big)) {
            throw new UnsupportedDumpException("[" + file + "] kdump main header: layout is that of a 32-bit machine "
                    + "(block_size at offset 0x1a0); supported is the 64-bit layout");
        }
    }

    private static void checkRegion(String file, String name, FileRegion region, long most, long fileBytes)
            throws CorruptDumpException {
        long limit = Math.min(fileBytes, most);
        if (region.bytes() < 0 || region.bytes() > limit) {
            throw new CorruptDumpException("[" + file + "] kdump sub header: size_" + name + " must be 0 to " + limit
                    + " but was " + region.bytes());
        }
        if (region.bytes() > 0 && (region.offset() < 0 || region.offset() > fileBytes - region.bytes())) {
            throw new CorruptDumpException("[" + file + "] kdump sub header: offset_" + name
                    + " must lie inside the file but was " + hex(region.offset()) + " with size " + region.bytes());
        }
    }

    private static boolean isBlockSize(int bytes) {
        return bytes >= KdumpFormat.MIN_BLOCK_BYTES && bytes <= KdumpFormat.MAX_BLOCK_BYTES
                && (bytes & bytes - 1) == 0;
    }

    private static String hex(long offset) {
        return "0x" + Long.toHexString(offset);
    }
}
