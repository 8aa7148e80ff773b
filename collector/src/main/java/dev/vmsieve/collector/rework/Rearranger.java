// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.rework;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ReadableByteChannel;

import dev.vmsieve.collector.rework.IncompleteFileException.Reason;
import dev.vmsieve.filter.format.flat.FlattenedHeader;
import dev.vmsieve.filter.format.flat.FlattenedRecord;
import dev.vmsieve.filter.io.CorruptDumpException;
import dev.vmsieve.filter.progress.Progress;

/// Makes a dump file of a flattened stream, in one pass (`-R`).
///
/// The file is created with the first data and not before, so a stream that is none leaves nothing behind. Records are
/// written where they belong as they come; what no record covers stays a hole. Nothing is read past the end record
/// that the stream has not handed over already: whoever feeds a whole block device, or a pipe that stays open, is not
/// waited for.
public final class Rearranger {
    private static final int BUFFER_BYTES = 1 << 20;
    /// Length of the shortest dump header (ELF32), which some record must cover.
    private static final int SHORTEST_HEADER = 52;
    private static final long HEADER_COVERED = (1L << SHORTEST_HEADER) - 1;

    private final String sourceName;
    private final ReadableByteChannel source;
    private final OutputFile output;
    private final Progress progress;
    /// Bytes read and not used yet, from position to limit.
    private final ByteBuffer in = ByteBuffer.allocateDirect(BUFFER_BYTES).order(ByteOrder.BIG_ENDIAN).limit(0);
    /// Bytes of the stream before the buffer's position.
    private long streamOffset;
    private long records;
    private long dataBytes;
    /// A bit for each of the file's first bytes that some record has covered.
    private long covered;

    private Rearranger(String sourceName, ReadableByteChannel source, OutputFile output, Progress progress) {
        this.sourceName = sourceName;
        this.source = source;
        this.output = output;
        this.progress = progress;
    }

    /// Reads the stream up to its end record and makes the dump file.
    ///
    /// @param sourceName the stream's name for messages
    /// @param source the stream; it stays open
    /// @throws IncompleteFileException if a file was left that is not complete
    /// @throws IOException if no file was made; one that was there is as it was
    public static RearrangeReport rearrange(RearrangePlan plan, String sourceName, ReadableByteChannel source,
            Progress progress) throws IOException {
        try (var output = new OutputFile(plan.dumpFile(), plan.overwrite(), plan.dryRun(), plan.sizeLimitBytes(),
                plan.lastResort())) {
            return new Rearranger(sourceName, source, output, progress).run();
        }
    }

    private RearrangeReport run() throws IOException {
        fill(FlattenedHeader.BYTES);
        FlattenedHeader.read(sourceName, in);
        use(FlattenedHeader.BYTES);
        try {
            copyRecords();
            checkHeaderCovered();
        } catch (CorruptDumpException damaged) {
            if (!output.begun()) {
                throw damaged;
            }
            throw output.incomplete(String.valueOf(damaged.getMessage()), damaged, Reason.INPUT);
        }
        try {
            output.finish();
        } catch (IOException refused) {
            throw output.incomplete(refused);
        }
        return new RearrangeReport(records, dataBytes, output.sizeBytes());
    }

    private void copyRecords() throws IOException {
        while (true) {
            if (!fill(FlattenedRecord.BYTES)) {
                throw endedEarly("where record " + records + " should begin");
            }
            FlattenedRecord record = FlattenedRecord.read(sourceName, streamOffset, in);
            streamOffset += FlattenedRecord.BYTES;
            if (record.isEnd()) {
                warnOfOddEnd(record);
                return;
            }
            if (record.bytes() > 0) {
                copyData(record);
                records++;
            }
        }
    }

    private void copyData(FlattenedRecord record) throws IOException {
        noteCovered(record);
        long at = record.offset();
        while (at < record.end()) {
            if (!in.hasRemaining() && !fill(1)) {
                throw endedEarly("within the data of record " + records + " (" + (at - record.offset()) + " of "
                        + record.bytes() + " bytes for offset 0x" + Long.toHexString(record.offset()) + ")");
            }
            int length = (int) Math.min(in.remaining(), record.end() - at);
            writeOut(at, in.slice(in.position(), length));
            use(length);
            at += length;
            dataBytes += length;
        }
    }

    private void writeOut(long at, ByteBuffer data) throws IOException {
        try {
            output.write(at, data);
        } catch (IOException refused) {
            if (!output.begun()) {
                throw refused;
            }
            throw output.incomplete(refused);
        }
    }

    /// Reads until at least that many bytes are in the buffer; false if the stream ends before.
    private boolean fill(int bytes) throws IOException {
        if (in.remaining() >= bytes) {
            return true;
        }
        in.compact();
        try {
            while (in.position() < bytes) {
                if (source.read(in) < 0) {
                    return false;
                }
            }
            return true;
        } catch (IOException failed) {
            if (!output.begun()) {
                throw failed;
            }
            throw output.incomplete("[" + sourceName + "] can't read: " + failed.getMessage(), failed, Reason.INPUT);
        } finally {
            in.flip();
        }
    }

    private void use(int bytes) {
        in.position(in.position() + bytes);
        streamOffset += bytes;
    }

    private CorruptDumpException endedEarly(String where) {
        return new CorruptDumpException("[" + sourceName + "] flattened stream: ends without an end record, " + where
                + " (offset 0x" + Long.toHexString(streamOffset) + ")");
    }

    private void warnOfOddEnd(FlattenedRecord end) {
        if (!end.isProperEnd()) {
            progress.warning("[" + sourceName + "] flattened stream: size of the end record must be -1 but was "
                    + end.bytes() + " (offset 0x" + Long.toHexString(streamOffset - Long.BYTES) + ")");
        }
    }

    private void noteCovered(FlattenedRecord record) {
        if (record.offset() < SHORTEST_HEADER) {
            long from = -1L << record.offset();
            covered |= record.end() >= Long.SIZE ? from : from & ~(-1L << record.end());
        }
    }

    private void checkHeaderCovered() throws CorruptDumpException {
        if ((covered & HEADER_COVERED) != HEADER_COVERED) {
            int missing = Long.numberOfTrailingZeros(~covered);
            throw new CorruptDumpException(
                    "[" + sourceName + "] flattened stream: no record covers the dump header, byte "
                            + missing + " of the dump file is missing");
        }
    }
}
