// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.unpack;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.InflaterInputStream;

import dev.vmsieve.filter.io.CorruptDumpException;
import dev.vmsieve.filter.io.DumpFile;

/// Brings a compressed part of a file into a work file.
public final class SectionUnpacker {
    private static final long MIB = 1 << 20;

    private SectionUnpacker() {}

    /// What is packed, and how.
    ///
    /// @param name for messages
    /// @param offset in the file
    /// @param packedBytes how many there are
    /// @param zstd by zstd; false: by zlib
    /// @param bytes how many there must be, unpacked
    public record Packed(String name, long offset, long packedBytes, boolean zstd, long bytes) {}

    /// Unpacks one part; the file stays open.
    ///
    /// @param directory where the work file is to be; empty: TMPDIR, else /var/tmp
    /// @return the unpacked bytes under the file's name; the caller closes it
    /// @throws CorruptDumpException if the packed data is damaged, or shorter than it says
    /// @throws IOException the JDK's own, with the directory named, if the space does not suffice
    public static DumpFile unpack(DumpFile file, Packed packed, Optional<Path> directory) throws IOException {
        try (WorkFile work = WorkFile.create(directory)) {
            long free = work.freeBytes();
            if (free < packed.bytes()) {
                throw new FileSystemException(work.directory().toString(), null, "No space left to unpack "
                        + packed.name() + " of " + file.path() + ": " + (packed.bytes() + MIB - 1) / MIB
                        + " MiB are needed, " + free / MIB + " MiB are free; --work-dir names another directory");
            }
            decode(file, packed, work);
            return work.toDumpFile(file.path());
        }
    }

    // The decoders report damage by exceptions of all kinds.
    private static void decode(DumpFile file, Packed packed, WorkFile work) throws IOException {
        var input = new DumpFileInput(file);
        input.seek(packed.offset());
        var part = new CountedInput(new Limited(input, packed.packedBytes()));
        try (InputStream unpacked = packed.zstd() ? Decoders.open(Packing.ZSTD, part) : new InflaterInputStream(part);
                var limited = new Limited(unpacked, packed.bytes())) {
            work.fill(limited);
            if (limited.left() > 0) {
                throw new IOException("there are only " + (packed.bytes() - limited.left()) + " of " + packed.bytes()
                        + " bytes in it");
            }
        } catch (FileSystemException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            if (part.failed() && e instanceof IOException) {
                throw e;
            }
            var corrupt = new CorruptDumpException("[" + file.path() + "] " + packed.name()
                    + ": packed data must be sound to its end but is damaged or cut off at or before offset 0x"
                    + Long.toHexString(packed.offset() + part.count()) + ": " + Unpacker.reason(e));
            corrupt.initCause(e);
            throw corrupt;
        }
    }

    /// A stream's first bytes.
    private static final class Limited extends BulkInput {
        private long left;

        Limited(InputStream stream, long bytes) {
            super(stream);
            this.left = bytes;
        }

        long left() {
            return left;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            if (left == 0) {
                return -1;
            }
            int count = in.read(target, offset, (int) Math.min(length, left));
            left -= Math.max(count, 0);
            return count;
        }
    }
}
