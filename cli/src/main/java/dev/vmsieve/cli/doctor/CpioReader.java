// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.doctor;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32;

/// One archive of the format newc, entry by entry (Documentation/driver-api/early-userspace/buffer-format.rst in Linux).
///
/// Of each field only what is asked for is read; the rest of an entry is passed over. For one thread.
final class CpioReader {
    /// First bytes of every entry: newc, without and with checksums.
    static final String MAGIC = "07070";
    private static final String END = "TRAILER!!!";
    private static final int HEADER_BYTES = 110;
    private static final int FIELD_DIGITS = 8;
    private static final int MODE = 14;
    private static final int SIZE = 54;
    private static final int NAME_SIZE = 94;
    private static final int LONGEST_NAME = 4096;
    private static final int BLOCK_BYTES = 1 << 16;

    private final InputStream in;
    private final byte[] block = new byte[BLOCK_BYTES];
    /// Bytes of the entry's data that were not read yet, and of the padding behind them.
    private long left;
    private int padding;

    /// @param in stands at the archive's first byte, and after the last [#next] behind its last entry
    CpioReader(InputStream in) {
        this.in = in;
    }

    /// An entry's header.
    ///
    /// @param name without a slash at its start
    /// @param mode type and permissions, as in st_mode
    /// @param bytes length of the data
    record Entry(String name, int mode, long bytes) {
        private static final int TYPE = 0170000;

        boolean isFile() {
            return (mode & TYPE) == 0100000;
        }

        boolean isLink() {
            return (mode & TYPE) == 0120000;
        }
    }

    /// The next entry; empty at the archive's end.
    ///
    /// @throws IOException if it breaks the format or is cut off
    Optional<Entry> next() throws IOException {
        skip(left + padding);
        byte[] header = in.readNBytes(HEADER_BYTES);
        String text = new String(header, StandardCharsets.ISO_8859_1);
        if (header.length < HEADER_BYTES || !(text.startsWith(MAGIC + "1") || text.startsWith(MAGIC + "2"))) {
            throw new IOException("the archive is damaged or cut off");
        }
        long bytes = field(text, SIZE);
        long nameBytes = field(text, NAME_SIZE);
        if (nameBytes < 1 || nameBytes > LONGEST_NAME) {
            throw new IOException("the archive is damaged: a name is " + nameBytes + " bytes long");
        }
        byte[] name = in.readNBytes((int) nameBytes);
        if (name.length < nameBytes) {
            throw new IOException("the archive is cut off");
        }
        left = 0;
        padding = 0;
        skip(pad(HEADER_BYTES + nameBytes));
        left = bytes;
        padding = pad(bytes);
        String path = new String(name, 0, (int) nameBytes - 1, StandardCharsets.ISO_8859_1);
        if (path.equals(END)) {
            skip(left + padding);
            return Optional.empty();
        }
        return Optional.of(new Entry(path.replaceFirst("^\\.?/+", ""), (int) field(text, MODE), bytes));
    }

    private static long field(String header, int at) throws IOException {
        try {
            return Long.parseLong(header.substring(at, at + FIELD_DIGITS), 16);
        } catch (NumberFormatException e) {
            throw new IOException("the archive is damaged: a header has no number", e);
        }
    }

    private static int pad(long bytes) {
        return (int) (-bytes & 3);
    }

    private void skip(long bytes) throws IOException {
        long rest = bytes;
        while (rest > 0) {
            int count = in.read(block, 0, (int) Math.min(rest, BLOCK_BYTES));
            if (count < 0) {
                throw new IOException("the archive is cut off");
            }
            rest -= count;
        }
        left = 0;
        padding = 0;
    }

    /// The first bytes of the entry's data, at most that many.
    byte[] data(int most) throws IOException {
        byte[] data = in.readNBytes((int) Math.min(most, left));
        left -= data.length;
        return data;
    }

    /// The checksum of the entry's data.
    long crc() throws IOException {
        var crc = new CRC32();
        while (left > 0) {
            int count = in.read(block, 0, (int) Math.min(left, BLOCK_BYTES));
            if (count < 0) {
                throw new IOException("the archive is cut off");
            }
            crc.update(block, 0, count);
            left -= count;
        }
        Arrays.fill(block, (byte) 0);
        return crc.getValue();
    }
}
