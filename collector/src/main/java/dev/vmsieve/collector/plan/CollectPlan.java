// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.plan;

import java.nio.file.Path;
import java.util.OptionalInt;

import dev.vmsieve.filter.codec.Compression;
import dev.vmsieve.filter.codec.PageCodec;
import dev.vmsieve.filter.codec.Zstd;

/// What dump file to write, and how.
///
/// @param dumpFile where to
/// @param overwrite an existing dump file may be overwritten; it keeps its mode and owner
/// @param dryRun do everything except make the file; the report is that of the real run
/// @param format what the file is; an ELF file's pages are not compressed
/// @param compression how pages are compressed; [Compression#NONE]: stored as they are, which for pages of a dump that is
///        filtered again means as that dump stores them
/// @param zstdLevel level of [Compression#ZSTD], [#LEAST_ZSTD_LEVEL] to [#MOST_ZSTD_LEVEL]: pages are compressed anew by it
///        even where they are stored that way; empty: [Zstd#DEFAULT_LEVEL] for those that are not
/// @param threads threads that compress, at least 1; the file is the same for each number
/// @param batchPages pages a thread takes at a time, or [#DEFAULT_BATCH]; the file is the same for each number
/// @param sizeLimitBytes the file must not grow past this; [#NO_LIMIT] if it may
/// @param cancellation ends the run early
public record CollectPlan(Path dumpFile, boolean overwrite, boolean dryRun, DumpFormat format,
        Compression compression, OptionalInt zstdLevel, int threads, int batchPages, long sizeLimitBytes,
        Cancellation cancellation) {
    /// Value of sizeLimitBytes: no limit.
    public static final long NO_LIMIT = Long.MAX_VALUE;
    /// Value of batchPages: as many as fill 256 KiB.
    public static final int DEFAULT_BATCH = 0;

    /// Least level of zstd: the fastest, and the dump half as large again as at the default.
    public static final int LEAST_ZSTD_LEVEL = -7;
    /// Greatest: a tenth smaller, in fifty times the time. Beyond it a page comes out no smaller.
    public static final int MOST_ZSTD_LEVEL = 19;

    /// Rejects what cannot be done.
    public CollectPlan {
        if (format == DumpFormat.ELF && compression != Compression.NONE) {
            throw new IllegalArgumentException("an ELF dump is not compressed, but compression was " + compression);
        }
        if (zstdLevel.isPresent() && (compression != Compression.ZSTD || zstdLevel.getAsInt() < LEAST_ZSTD_LEVEL
                || zstdLevel.getAsInt() > MOST_ZSTD_LEVEL)) {
            throw new IllegalArgumentException(compression + " does not take level " + zstdLevel.getAsInt());
        }
        if (threads < 1) {
            throw new IllegalArgumentException("threads must be at least 1 but was " + threads);
        }
        if (batchPages < 0) {
            throw new IllegalArgumentException("batchPages must not be negative but was " + batchPages);
        }
        if (sizeLimitBytes < 1) {
            throw new IllegalArgumentException("sizeLimitBytes must be at least 1 but was " + sizeLimitBytes);
        }
    }

    /// A new kdump file, one thread, no limit.
    public static CollectPlan of(Path dumpFile, Compression compression) {
        return new CollectPlan(dumpFile, false, false, DumpFormat.KDUMP, compression, OptionalInt.empty(), 1,
                DEFAULT_BATCH, NO_LIMIT,
                new Cancellation());
    }

    /// A new ELF file, one thread, no limit.
    public static CollectPlan elf(Path dumpFile) {
        return new CollectPlan(dumpFile, false, false, DumpFormat.ELF, Compression.NONE, OptionalInt.empty(), 1,
                DEFAULT_BATCH, NO_LIMIT,
                new Cancellation());
    }

    /// The same to another file.
    public CollectPlan withDumpFile(Path file) {
        return new CollectPlan(file, overwrite, dryRun, format, compression, zstdLevel, threads, batchPages,
                sizeLimitBytes,
                cancellation);
    }

    /// The same with an existing file overwritten or not.
    public CollectPlan withOverwrite(boolean allowed) {
        return new CollectPlan(dumpFile, allowed, dryRun, format, compression, zstdLevel, threads, batchPages,
                sizeLimitBytes,
                cancellation);
    }

    /// The same, with or without a file.
    public CollectPlan withDryRun(boolean dry) {
        return new CollectPlan(dumpFile, overwrite, dry, format, compression, zstdLevel, threads, batchPages,
                sizeLimitBytes,
                cancellation);
    }

    /// The same with that level of zstd.
    public CollectPlan withZstdLevel(OptionalInt level) {
        return new CollectPlan(dumpFile, overwrite, dryRun, format, compression, level, threads, batchPages,
                sizeLimitBytes, cancellation);
    }

    /// The same with that many threads.
    public CollectPlan withThreads(int number) {
        return new CollectPlan(dumpFile, overwrite, dryRun, format, compression, zstdLevel, number, batchPages,
                sizeLimitBytes,
                cancellation);
    }

    /// The same with that many pages a batch.
    public CollectPlan withBatchPages(int pages) {
        return new CollectPlan(dumpFile, overwrite, dryRun, format, compression, zstdLevel, threads, pages,
                sizeLimitBytes,
                cancellation);
    }

    /// The same with a limit to the file's size.
    public CollectPlan withSizeLimit(long bytes) {
        return new CollectPlan(dumpFile, overwrite, dryRun, format, compression, zstdLevel, threads, batchPages, bytes,
                cancellation);
    }

    /// The same, ended early by that.
    public CollectPlan withCancellation(Cancellation by) {
        return new CollectPlan(dumpFile, overwrite, dryRun, format, compression, zstdLevel, threads, batchPages,
                sizeLimitBytes,
                by);
    }

    /// A codec for one worker thread, which closes it.
    public PageCodec newCodec() {
        return zstdLevel.isPresent() ? new Zstd(zstdLevel.getAsInt()) : compression.newCodec();
    }
}
