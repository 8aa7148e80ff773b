// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.rework;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

import org.jspecify.annotations.Nullable;

/// Where a dump file's header says that the file is incomplete: bit 0x8 of `status` in a kdump header, bit 0x1 of
/// `e_flags` in an ELF header.
///
/// @param offset place of the 32-bit word in the file, in bytes
/// @param order the word's byte order
/// @param bit the bit that says it
record IncompleteMark(int offset, ByteOrder order, int bit) {
    /// Bytes of the head that are looked at: the longest of the headers.
    static final int HEAD_BYTES = 464;

    private static final byte[] KDUMP = "KDUMP   ".getBytes(StandardCharsets.US_ASCII);
    private static final int KDUMP_BIT = 0x8;
    private static final int HEADER_VERSION = 8;
    /// Offsets of status in the 64-bit and the 32-bit layout; block_size and sub_hdr_size follow it in both.
    private static final int[] STATUS = {424, 412};
    private static final int BLOCK_SIZE = 4;
    private static final int SUB_HEADER_BLOCKS = 8;
    private static final int MAX_VERSION = 0xffff;
    private static final int MIN_BLOCK = 1 << 12;
    private static final int MAX_BLOCK = 1 << 18;

    private static final int ELF_MAGIC = 0x7f454c46;
    private static final int ELF_BIT = 0x1;

    /// The place in the file whose first bytes these are; null if they are no dump's, or not all there yet (zero).
    ///
    /// @param head [#HEAD_BYTES], any byte order; neither position nor order are changed
    static @Nullable IncompleteMark find(ByteBuffer head) {
        ByteBuffer bytes = head.duplicate().order(ByteOrder.BIG_ENDIAN);
        if (bytes.slice(0, KDUMP.length).equals(ByteBuffer.wrap(KDUMP))) {
            return findKdump(bytes);
        }
        return bytes.getInt(0) == ELF_MAGIC ? findElf(bytes) : null;
    }

    /// The status word as it is in the head.
    int word(ByteBuffer head) {
        return head.duplicate().order(order).getInt(offset);
    }

    private static @Nullable IncompleteMark findKdump(ByteBuffer bytes) {
        int version = bytes.getInt(HEADER_VERSION);
        ByteOrder order = version >= 0 && version <= MAX_VERSION ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        ByteBuffer fields = bytes.order(order);
        for (int status : STATUS) {
            int block = fields.getInt(status + BLOCK_SIZE);
            boolean blockFits = block >= MIN_BLOCK && block <= MAX_BLOCK && Integer.bitCount(block) == 1;
            if (blockFits && fields.getInt(status + SUB_HEADER_BLOCKS) > 0) {
                return new IncompleteMark(status, order, KDUMP_BIT);
            }
        }
        return null;
    }

    private static @Nullable IncompleteMark findElf(ByteBuffer bytes) {
        ByteOrder order = bytes.get(5) == 2 ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        int flags = bytes.get(4) == 1 ? 36 : 48;
        // e_ehsize and e_phentsize follow e_flags: while they are 0 the header is not there yet
        return bytes.getInt(flags + 4) == 0 ? null : new IncompleteMark(flags, order, ELF_BIT);
    }
}
