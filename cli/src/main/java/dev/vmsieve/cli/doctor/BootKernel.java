// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.doctor;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

import dev.vmsieve.filter.format.elf.ProgramHeader;
import dev.vmsieve.filter.unpack.Unpacker;

/// How much memory a kernel takes for itself: the segments of the ELF file that a bzImage has packed inside, else the
/// init_size of its setup header, which has room for unpacking besides (Documentation/arch/x86/boot.rst in Linux).
///
/// What it frees after its start (init sections) makes up for its tables and per-CPU areas: Debian's 6.1, of 58 MiB by its
/// segments, left 205,000 KiB of 256 MiB, so took 53 MiB beside the page structures.
final class BootKernel {
    private static final int SETUP_BYTES = 0x280;
    private static final int SETUP_SECTORS = 0x1f1;
    private static final int MAGIC = 0x202;
    private static final int HDRS = 0x53726448;
    private static final int VERSION = 0x206;
    private static final int PAYLOAD_OFFSET = 0x248;
    private static final int PAYLOAD_LENGTH = 0x24c;
    private static final int INIT_SIZE = 0x260;
    private static final int WITH_INIT_SIZE = 0x20a;
    private static final int SECTOR = 512;
    private static final int ELF_MAGIC = 0x464c457f;
    private static final int PHOFF = 32;
    private static final int PHNUM = 56;
    private static final int ELF_BYTES = 1 << 16;

    private BootKernel() {}

    /// Bytes it takes.
    ///
    /// @throws IOException if it is no kernel of x86; the message is a sentence's end
    static long bytes(Path file) throws IOException {
        ByteBuffer setup;
        try (InputStream in = Files.newInputStream(file)) {
            setup = ByteBuffer.wrap(in.readNBytes(SETUP_BYTES)).order(ByteOrder.LITTLE_ENDIAN);
        }
        if (setup.capacity() < SETUP_BYTES || setup.getInt(MAGIC) != HDRS || setup.getShort(VERSION) < WITH_INIT_SIZE) {
            throw new IOException("is no kernel image of x86");
        }
        long payload = ((setup.get(SETUP_SECTORS) & 0xff) + 1L) * SECTOR
                + Integer.toUnsignedLong(setup.getInt(PAYLOAD_OFFSET));
        long length = Integer.toUnsignedLong(setup.getInt(PAYLOAD_LENGTH));
        long initSize = Integer.toUnsignedLong(setup.getInt(INIT_SIZE));
        return Optional.of(segments(file, payload, length)).filter(b -> b > 0 && b <= initSize).orElse(initSize);
    }

    /// Bytes of the packed ELF file's segments in memory; 0 if that cannot be told.
    private static long segments(Path file, long offset, long length) {
        try (InputStream in = Files.newInputStream(file)) {
            in.skipNBytes(offset);
            // The payload's last bytes are its unpacked size, which no decoder gets as far as to see.
            Optional<InputStream> elf = Unpacker.stream(file, new BufferedInputStream(new BoundedInput(in, length)));
            return elf.isEmpty()
                    ? 0
                    : segments(ByteBuffer.wrap(elf.get().readNBytes(ELF_BYTES)).order(ByteOrder.LITTLE_ENDIAN));
        } catch (IOException damaged) {
            return 0;
        }
    }

    private static long segments(ByteBuffer elf) {
        int size = ProgramHeader.bytes(Long.BYTES);
        if (elf.capacity() < PHNUM + 2 || elf.getInt(0) != ELF_MAGIC) {
            return 0;
        }
        long phoff = elf.getLong(PHOFF);
        int phnum = Short.toUnsignedInt(elf.getShort(PHNUM));
        if (phoff < 0 || phoff > elf.capacity() - (long) phnum * size) {
            return 0;
        }
        long first = Long.MAX_VALUE;
        long last = 0;
        for (int i = 0; i < phnum; i++) {
            ProgramHeader header = ProgramHeader.at(elf, (int) phoff + i * size, Long.BYTES);
            if (header.type() == ProgramHeader.PT_LOAD && header.memsz() > 0) {
                first = Math.min(first, header.paddr());
                last = Math.max(last, header.paddr() + header.memsz());
            }
        }
        return Math.max(last - first, 0);
    }
}
