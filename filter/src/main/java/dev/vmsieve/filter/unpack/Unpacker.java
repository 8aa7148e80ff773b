// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.unpack;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

import org.tukaani.xz.MemoryLimitException;

import dev.vmsieve.filter.io.CorruptDumpException;
import dev.vmsieve.filter.io.DumpFile;
import dev.vmsieve.filter.io.UnsupportedDumpException;
import dev.vmsieve.filter.progress.Progress;

/// Brings an input that is packed, or a pipe, into a work file that can be read at any place.
///
/// Takes one thread and as much disk as the unpacked input has bytes that are not zero.
public final class Unpacker {
    private static final long MIB = 1 << 20;
    private static final int KIB = 1 << 10;

    private final Path shown;
    private final Progress progress;

    private Unpacker(Path shown, Progress progress) {
        this.shown = shown;
        this.progress = progress;
    }

    /// Unpacks a file, which stays open.
    ///
    /// @param directory where the work file is to be; empty: TMPDIR, else /var/tmp
    /// @return the unpacked bytes under the file's name; the caller closes it
    /// @throws CorruptDumpException if the packed data is damaged or cut off
    /// @throws UnsupportedDumpException if unpacking takes more memory than may be had
    /// @throws IOException the JDK's own, with the directory named, if the space does not suffice
    public static DumpFile unpack(DumpFile file, Packing packing, Optional<Path> directory, Progress progress)
            throws IOException {
        var unpacker = new Unpacker(file.path(), progress);
        try (WorkFile work = WorkFile.create(directory)) {
            unpacker.checkSpace(work, packing, Decoders.leastBytes(packing, file));
            unpacker.decode(packing, new DumpFileInput(file), work);
            return work.toDumpFile(file.path());
        }
    }

    /// Reads a pipe to its end, and unpacks what is packed on the way.
    ///
    /// @param directory as above
    /// @return the bytes under the pipe's name; the caller closes it
    public static DumpFile spool(Path pipe, Optional<Path> directory, Progress progress) throws IOException {
        var unpacker = new Unpacker(pipe, progress);
        try (WorkFile work = WorkFile.create(directory); InputStream raw = Files.newInputStream(pipe)) {
            byte[] first = raw.readNBytes(Packing.FIRST_BYTES);
            Optional<Packing> packing = Packing.of(first);
            InputStream all = new SequenceInputStream(new ByteArrayInputStream(first), raw);
            progress.warning(
                    "[" + pipe + "] The input is a " + packing.map(known -> known.label() + "-packed ").orElse("")
                            + "pipe: it is read into a work file in " + work.directory() + ", where "
                            + work.freeBytes() / MIB + " MiB are free.");
            if (packing.isPresent()) {
                unpacker.decode(packing.get(), all, work);
            } else {
                work.fill(all);
            }
            return work.toDumpFile(pipe);
        }
    }

    /// Unpacks as it is read, into no file: for whoever looks through a kernel or an initramfs once. Takes at most 34 MiB
    /// of heap, and zstd 128 MiB beside it, whatever the data ask for. Knows the old lz4 format besides, which nothing
    /// else is read from, since its data may be cut off unnoticed.
    ///
    /// @param shown name for messages
    /// @param packed supports marks; is closed with the stream
    /// @return a stream whose reading throws [CorruptDumpException] where the data are damaged; empty if they are not
    ///         packed in a known way
    public static Optional<InputStream> stream(Path shown, InputStream packed) throws IOException {
        packed.mark(Packing.FIRST_BYTES);
        byte[] first = packed.readNBytes(Packing.FIRST_BYTES);
        packed.reset();
        Optional<Packing> packing = Packing.of(first);
        boolean legacy = LegacyLz4Input.recognises(first);
        if (packing.isEmpty() && !legacy) {
            return Optional.empty();
        }
        String label = packing.orElse(Packing.LZ4).label();
        var counted = new CountedInput(packed);
        try {
            InputStream unpacked = legacy
                    ? new LegacyLz4Input(counted)
                    : Decoders.openBounded(packing.orElseThrow(), counted);
            return Optional.of(new UnpackedInput(shown, label, counted, unpacked));
        } catch (IOException | RuntimeException e) {
            throw damage(shown, label, counted, e);
        }
    }

    private void checkSpace(WorkFile work, Packing packing, long leastBytes) throws IOException {
        long free = work.freeBytes();
        String need = "at least " + (leastBytes + MIB - 1) / MIB + " MiB";
        if (free < leastBytes) {
            throw new FileSystemException(work.directory().toString(), null, "No space left to unpack " + shown + ": "
                    + need + " are needed, " + free / MIB + " MiB are free; --work-dir names another directory");
        }
        progress.warning("[" + shown + "] The input is packed with " + packing.label() + ": it is unpacked to " + need
                + " in " + work.directory() + ", where " + free / MIB + " MiB are free.");
    }

    // The decoders report damage by exceptions of all kinds.
    private void decode(Packing packing, InputStream packed, WorkFile work) throws IOException {
        var counted = new CountedInput(packed);
        try (InputStream unpacked = Decoders.open(packing, counted)) {
            work.fill(unpacked);
        } catch (FileSystemException e) {
            throw e;
        } catch (MemoryLimitException e) {
            throw new UnsupportedDumpException("[" + shown + "] xz data: dictionary must have at most "
                    + e.getMemoryLimit() / KIB + " MiB but has " + e.getMemoryNeeded() / KIB
                    + " MiB: unpack the file first (xz -dk)");
        } catch (IOException | RuntimeException e) {
            throw damage(shown, packing.label(), counted, e);
        }
    }

    /// The system's failure as it is; anything else is damage of the data.
    static IOException damage(Path shown, String label, CountedInput counted, Exception failure) {
        if (counted.failed() && failure instanceof IOException system) {
            return system;
        }
        var corrupt = new CorruptDumpException("[" + shown + "] " + label
                + " data: must be sound to its end but is damaged or cut off at or before offset 0x"
                + Long.toHexString(counted.count()) + ": " + reason(failure));
        corrupt.initCause(failure);
        return corrupt;
    }

    /// What a decoder says; of a sudden end some say nothing.
    static String reason(Exception failure) {
        String message = failure.getMessage();
        if (message != null) {
            return message;
        }
        return failure instanceof EOFException ? "it ends too early" : failure.toString();
    }
}
