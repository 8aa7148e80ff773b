// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.debuginfo;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Optional;

import dev.vmsieve.filter.io.CorruptDumpException;
import dev.vmsieve.filter.io.DumpFile;
import dev.vmsieve.filter.io.UnsupportedDumpException;
import dev.vmsieve.filter.unpack.SectionUnpacker;

/// A section's bytes by their offset in it, whether it is packed or not: what is packed is unpacked into a work file.
///
/// Reads through a window of 64 KiB, so it takes no more memory however large the section is. One thread.
final class SectionData implements AutoCloseable {
    private static final int WINDOW_BYTES = 1 << 16;
    private static final int ZLIB = 1;
    private static final int ZSTD = 2;
    /// "ZLIB" and the size in big-endian order, in sections of names that start with .zdebug_.
    private static final int OLD_HEADER_BYTES = 12;

    private final DumpFile file;
    private final String name;
    private final long start;
    private final long bytes;
    private final boolean own;
    private final ByteBuffer window;
    private long windowStart;

    private SectionData(DumpFile file, String name, long start, long bytes, boolean own, ByteOrder byteOrder) {
        this.file = file;
        this.name = name;
        this.start = start;
        this.bytes = bytes;
        this.own = own;
        this.window = ByteBuffer.allocate((int) Math.min(WINDOW_BYTES, bytes)).order(byteOrder).limit(0);
    }

    /// Opens the section; the caller closes it.
    ///
    /// @param directory where a work file is to be; empty: TMPDIR, else /var/tmp
    static SectionData open(ElfSections elf, ElfSection section, Optional<Path> directory) throws IOException {
        var raw = new SectionData(elf.file(), section.name(), section.offset(), section.bytes(), false,
                elf.byteOrder());
        return section.isPacked() ? raw.unpack(elf, section, directory) : raw;
    }

    private SectionData unpack(ElfSections elf, ElfSection section, Optional<Path> directory) throws IOException {
        boolean old = (section.flags() & ElfSection.COMPRESSED) == 0;
        boolean wide = elf.wordBytes() == Long.BYTES;
        int headBytes = old ? OLD_HEADER_BYTES : wide ? 24 : 12;
        if (bytes < headBytes) {
            throw corrupt("compression header", "have " + headBytes + " bytes", bytes + " bytes long", 0);
        }
        int type = old ? ZLIB : u32(0);
        long unpacked = old ? bigEndian(u64(4)) : wide ? u64(8) : u32(4) & 0xffff_ffffL;
        if (type != ZLIB && type != ZSTD) {
            throw UnsupportedDumpException.of(file.path().toString(), name, "ch_type", "be 1 (zlib) or 2 (zstd)",
                    Integer.toUnsignedString(type), start);
        }
        if (unpacked <= 0) {
            throw corrupt("ch_size", "be positive", Long.toString(unpacked), old ? 4 : wide ? 8 : 4);
        }
        DumpFile work = SectionUnpacker.unpack(file, new SectionUnpacker.Packed(name, start + headBytes,
                bytes - headBytes, type == ZSTD, unpacked), directory);
        return new SectionData(work, name, 0, unpacked, true, elf.byteOrder());
    }

    private long bigEndian(long word) {
        return window.order() == ByteOrder.BIG_ENDIAN ? word : Long.reverseBytes(word);
    }

    /// Bytes it has, unpacked.
    long bytes() {
        return bytes;
    }

    /// Of the file, for messages.
    String file() {
        return file.path().toString();
    }

    ByteOrder byteOrder() {
        return window.order();
    }

    /// Fills the target with the bytes from the offset on.
    ///
    /// @throws CorruptDumpException if the section ends before
    void read(long at, ByteBuffer target) throws IOException {
        int wanted = target.remaining();
        if (at < 0 || at > bytes - wanted || file.read(start + at, target) < wanted) {
            throw corrupt("offset", "leave " + wanted + " bytes in a section of " + bytes,
                    "0x" + Long.toHexString(at), at);
        }
    }

    int u8(long at) throws IOException {
        return window.get(place(at, 1)) & 0xff;
    }

    int u16(long at) throws IOException {
        return window.getShort(place(at, Short.BYTES)) & 0xffff;
    }

    int u32(long at) throws IOException {
        return window.getInt(place(at, Integer.BYTES));
    }

    long u64(long at) throws IOException {
        return window.getLong(place(at, Long.BYTES));
    }

    /// Where in the window so many bytes lie.
    private int place(long at, int count) throws IOException {
        if (at < windowStart || at > windowStart + window.limit() - count) {
            if (at < 0 || at > bytes - count) {
                throw corrupt("offset", "leave " + count + " bytes in a section of " + bytes,
                        "0x" + Long.toHexString(at), at);
            }
            window.clear().limit((int) Math.min(window.capacity(), bytes - at));
            windowStart = at;
            read(at, window);
            window.flip();
        }
        return (int) (at - windowStart);
    }

    /// @param at offset in the section, unpacked
    CorruptDumpException corrupt(String field, String rule, String found, long at) {
        return CorruptDumpException.of(file.path().toString(), name, field, rule, found, at);
    }

    @Override
    public void close() throws IOException {
        if (own) {
            file.close();
        }
    }
}
