// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.format.flat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;

import dev.vmsieve.filter.bitmap.ChunkFile;
import dev.vmsieve.filter.extent.ExtentSorter;
import dev.vmsieve.filter.extent.ExtentTable;
import dev.vmsieve.filter.io.CorruptDumpException;
import dev.vmsieve.filter.io.DumpFile;
import dev.vmsieve.filter.io.UnsupportedDumpException;
import dev.vmsieve.filter.progress.Progress;

/// A flattened file seen as the dump file it is to become: the bytes as they lie once rearranged, without a copy.
///
/// Opening reads every record's 16 bytes once and makes a table of 24 bytes a record, of which little stays in memory;
/// what no record covers reads as zero. A file that ends without an end record is opened as far as it goes, with a warning.
public final class FlattenedFile implements DumpFile {
    /// Most records a file may have to be read directly: 1 MiB of memory, 3 GiB of work files, at least 4 TiB of dump as
    /// makedumpfile writes it.
    static final int MAX_RECORDS = 1 << 26;
    /// Length of the shortest dump header (ELF32), which records must cover.
    private static final int SHORTEST_HEADER = 52;

    private final DumpFile file;
    private final ExtentTable records;
    private final long size;
    private final boolean truncated;

    private FlattenedFile(DumpFile file, ExtentTable records, long size, boolean truncated) {
        this.file = file;
        this.records = records;
        this.size = size;
        this.truncated = truncated;
    }

    /// True if the file begins as a flattened one does.
    public static boolean recognises(DumpFile file) throws IOException {
        ByteBuffer head = ByteBuffer.allocate(FlattenedRecord.BYTES);
        file.read("flattened header", 0, head);
        return FlattenedHeader.begins(head.flip());
    }

    /// Reads the records of a flattened file.
    ///
    /// @param file the flattened file; closed with the result, and left open if this fails
    /// @param workDirectory where the table goes as far as memory is not to hold it
    public static FlattenedFile open(DumpFile file, Path workDirectory, Progress progress) throws IOException {
        var indexer = new Indexer(file, workDirectory, progress);
        indexer.index();
        ExtentTable records = indexer.records.table();
        checkHeaderCovered(file, records);
        return new FlattenedFile(file, records, records.end(records.size() - 1), indexer.truncated);
    }

    /// True if the file ended without an end record.
    public boolean truncated() {
        return truncated;
    }

    @Override
    public Path path() {
        return file.path();
    }

    /// Length of the dump file once rearranged.
    @Override
    public long size() {
        return size;
    }

    @Override
    public int read(long offset, ByteBuffer target) throws IOException {
        int wanted = (int) Math.min(target.remaining(), Math.max(size - offset, 0));
        int limit = target.limit();
        long end = offset + wanted;
        long at = offset;
        int index = records.floor(at);
        while (at < end) {
            long recordEnd = index < 0 ? 0 : records.end(index);
            if (at < recordEnd) {
                target.limit(target.position() + (int) (Math.min(recordEnd, end) - at));
                at += readRecord(records.source(index) + (at - records.start(index)), target);
                target.limit(limit);
            } else {
                index++;
                long next = index < records.size() ? records.start(index) : end;
                at += zero(target, (int) (Math.min(next, end) - at));
            }
        }
        return wanted;
    }

    @Override
    public long nextData(long offset) {
        int index = records.floor(offset);
        if (index >= 0 && offset < records.end(index)) {
            return offset;
        }
        return index + 1 < records.size() ? records.start(index + 1) : Math.max(offset, size);
    }

    private int readRecord(long source, ByteBuffer target) throws IOException {
        int length = target.remaining();
        if (file.read(source, target) < length) {
            throw new CorruptDumpException("[" + file.path() + "] flattened record: " + length + " bytes at offset 0x"
                    + Long.toHexString(source) + " are no longer there");
        }
        return length;
    }

    private static int zero(ByteBuffer target, int length) {
        int end = target.position() + length;
        while (end - target.position() >= Long.BYTES) {
            target.putLong(0);
        }
        while (target.position() < end) {
            target.put((byte) 0);
        }
        return length;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    private static void checkHeaderCovered(DumpFile file, ExtentTable records) throws CorruptDumpException {
        long covered = 0;
        for (int i = 0; i < records.size() && records.start(i) <= covered; i++) {
            covered = records.end(i);
        }
        if (covered < SHORTEST_HEADER) {
            throw new CorruptDumpException("[" + file.path()
                    + "] flattened file: no record covers the dump header, byte " + covered
                    + " of the dump file is missing");
        }
    }

    /// Goes from record to record through the file.
    private static final class Indexer {
        private final DumpFile file;
        private final String name;
        private final Progress progress;
        private final ExtentSorter records;
        private boolean truncated;

        Indexer(DumpFile file, Path workDirectory, Progress progress) {
            this.file = file;
            this.name = file.path().toString();
            this.progress = progress;
            this.records = new ExtentSorter(ExtentSorter.Winner.LAST, new ChunkFile(workDirectory),
                    "[" + name + "] flattened file: has more than " + ExtentSorter.MOST_OPEN
                            + " records one above another; rearrange it first (-R)");
        }

        void index() throws IOException {
            ByteBuffer head = ByteBuffer.allocate(FlattenedHeader.BYTES);
            file.read("flattened header", 0, head);
            FlattenedHeader.read(name, head.flip());
            ByteBuffer numbers = ByteBuffer.allocateDirect(FlattenedRecord.BYTES).order(ByteOrder.BIG_ENDIAN);
            long at = FlattenedHeader.BYTES;
            while (file.read("flattened record", at, numbers.clear()) == FlattenedRecord.BYTES) {
                FlattenedRecord record = FlattenedRecord.read(name, at, numbers.flip());
                at += FlattenedRecord.BYTES;
                if (record.isEnd()) {
                    warnOfOddEnd(record, at);
                    return;
                }
                add(record, at);
                if (record.bytes() > file.size() - at) {
                    break;
                }
                at += record.bytes();
            }
            truncated = true;
            progress.warning("[" + name + "] flattened file: ends without an end record (offset 0x"
                    + Long.toHexString(file.size()) + "); it was cut short, and is read as far as it goes");
        }

        private void add(FlattenedRecord record, long at) throws UnsupportedDumpException {
            long there = Math.min(record.bytes(), file.size() - at);
            if (there > 0) {
                records.add(record.offset(), there, at);
                checkCount();
            }
        }

        private void checkCount() throws UnsupportedDumpException {
            if (records.size() > MAX_RECORDS) {
                throw new UnsupportedDumpException("[" + name + "] flattened file: has more than " + MAX_RECORDS
                        + " records; rearrange it first (-R)");
            }
        }

        private void warnOfOddEnd(FlattenedRecord end, long at) {
            if (!end.isProperEnd()) {
                progress.warning("[" + name + "] flattened file: size of the end record must be -1 but was "
                        + end.bytes() + " (offset 0x" + Long.toHexString(at - Long.BYTES) + ")");
            }
        }
    }
}
