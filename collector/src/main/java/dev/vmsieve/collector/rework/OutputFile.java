// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.rework;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

import dev.vmsieve.collector.output.FullDisk;
import dev.vmsieve.collector.output.SizeLimitException;
import dev.vmsieve.collector.rework.IncompleteFileException.Reason;
import dev.vmsieve.filter.io.FileKind;

/// A dump file while it is being made: created with the first bytes, for its owner alone, and marked incomplete until
/// [#finish]. One thread.
final class OutputFile implements Closeable {
    /// No limit to the size.
    static final long NO_LIMIT = Long.MAX_VALUE;

    private static final int GAP_PIECE_BYTES = 1 << 20;

    private final Path path;
    private final boolean overwrite;
    private final boolean dryRun;
    private final long limitBytes;
    private final Consumer<IOException> lastResort;
    /// The head of the file as it is meant, without our mark.
    private final ByteBuffer head = ByteBuffer.allocate(IncompleteMark.HEAD_BYTES);
    private final ByteBuffer word = ByteBuffer.allocateDirect(Integer.BYTES);
    private @Nullable WatchedFile file;
    private @Nullable IncompleteMark mark;
    /// The disk failed while the mark was put on again.
    private boolean markUncertain;
    private long sizeBytes;
    private boolean begun;

    /// Makes nothing yet, but refuses what could not be made.
    ///
    /// @param dryRun never make the file
    /// @param limitBytes the file must not grow past this; [#NO_LIMIT] if it may
    /// @param lastResort told of the file's failure when the system lets no writer go ([dev.vmsieve.collector.output.WriteWatch])
    OutputFile(Path path, boolean overwrite, boolean dryRun, long limitBytes, Consumer<IOException> lastResort)
            throws IOException {
        this.path = path;
        this.overwrite = overwrite;
        this.dryRun = dryRun;
        this.limitBytes = limitBytes;
        this.lastResort = lastResort;
        if (!overwrite && Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileAlreadyExistsException(path.toString(), null, "File exists");
        }
        Path directory = path.toAbsolutePath().getParent();
        if (directory != null && !Files.isDirectory(directory)) {
            throw new NoSuchFileException(path.toString(), null, "no directory " + directory);
        }
    }

    /// A file that is open already.
    OutputFile(Path path, WatchedFile opened) throws IOException {
        this(path, true, false, NO_LIMIT, failure -> {});
        this.file = opened;
    }

    /// True once something was written (in a dry run: would have been).
    boolean begun() {
        return begun;
    }

    /// Size of the file so far.
    long sizeBytes() {
        return sizeBytes;
    }

    /// The head of the file as far as it was written, zero elsewhere.
    ByteBuffer head() {
        return head.asReadOnlyBuffer();
    }

    /// Writes the source's remaining bytes at the place.
    ///
    /// @throws SizeLimitException if that passes the limit; what lies below it was written
    void write(long offset, ByteBuffer source) throws IOException {
        long allowed = limitBytes - offset;
        boolean cut = allowed < source.remaining();
        if (cut) {
            source.limit(source.position() + (int) Math.max(allowed, 0));
        }
        if (source.hasRemaining()) {
            writeFully(offset, source);
        }
        if (cut) {
            throw new SizeLimitException(limitBytes);
        }
    }

    private void writeFully(long offset, ByteBuffer source) throws IOException {
        ByteBuffer written = source.duplicate();
        long before = sizeBytes;
        sizeBytes = Math.max(sizeBytes, offset + source.remaining());
        if (dryRun) {
            begun = true;
            source.position(source.limit());
            return;
        }
        WatchedFile opened = open();
        FileChannel channel = opened.channel();
        begun = true;
        opened.watch().begin();
        try {
            if (opened.kind() == FileKind.BLOCK_DEVICE) {
                fillGap(channel, before, offset);
            }
            long at = offset;
            while (source.hasRemaining()) {
                at += channel.write(source, at);
            }
            if (offset < IncompleteMark.HEAD_BYTES) {
                noteHead((int) offset, written, channel);
            }
        } finally {
            opened.watch().end();
        }
    }

    /// What was never written must read as zero, on a device too.
    private static void fillGap(FileChannel file, long start, long end) throws IOException {
        ByteBuffer zeroes = ByteBuffer.allocateDirect(Math.clamp(end - start, 0, GAP_PIECE_BYTES));
        long at = start;
        while (at < end) {
            zeroes.clear().limit((int) Math.min(zeroes.capacity(), end - at));
            at += file.write(zeroes, at);
        }
    }

    /// Sees to it that everything is on the disk, then takes off the mark, and closes the file.
    void finish() throws IOException {
        WatchedFile opened = file;
        if (opened != null) {
            opened.force();
            IncompleteMark set = mark;
            if (set != null) {
                takeOff(set, opened);
            }
        }
        close();
    }

    private void takeOff(IncompleteMark set, WatchedFile opened) throws IOException {
        try {
            putWord(opened.channel(), set, set.word(head));
            opened.force();
        } catch (IOException refused) {
            putOnAgain(set, opened);
            throw refused;
        }
    }

    private void putOnAgain(IncompleteMark set, WatchedFile opened) {
        try {
            putWord(opened.channel(), set, set.word(head) | set.bit());
            opened.force();
        } catch (IOException second) {
            markUncertain = true;
        }
    }

    /// Closes the file; without [#finish] it stays marked.
    @Override
    public void close() throws IOException {
        WatchedFile opened = file;
        file = null;
        if (opened != null) {
            opened.close();
        }
    }

    /// What to tell the user when the file cannot be finished.
    ///
    /// @param why begins with the name of the file at fault, in brackets
    IncompleteFileException incomplete(String why, @Nullable Throwable cause, Reason reason) {
        String state;
        if (!begun || dryRun) {
            state = "no file was made";
        } else if (markUncertain) {
            state = "[" + path + "] holds what came before, and may not be marked incomplete on the disk";
        } else if (mark != null) {
            state = "[" + path + "] holds what came before, and is marked incomplete";
        } else {
            state = "[" + path + "] is incomplete, and too short to be marked so";
        }
        return new IncompleteFileException(why + "; " + state, cause, reason);
    }

    /// What to tell the user when the system or the limit refused a write.
    IncompleteFileException incomplete(IOException refused) {
        if (refused instanceof SizeLimitException) {
            return incomplete("[" + path + "] " + refused.getMessage(), refused, Reason.SIZE_LIMIT);
        }
        return incomplete("[" + path + "] can't write: " + refused.getMessage(), refused,
                FullDisk.isCause(refused) ? Reason.NO_SPACE : Reason.FAILED);
    }

    private WatchedFile open() throws IOException {
        WatchedFile opened = file;
        if (opened == null) {
            opened = WatchedFile.create(path, overwrite, "the dump file is marked incomplete", lastResort);
            file = opened;
        }
        return opened;
    }

    private void noteHead(int offset, ByteBuffer written, FileChannel file) throws IOException {
        int length = Math.min(written.remaining(), IncompleteMark.HEAD_BYTES - offset);
        head.put(offset, written, written.position(), length);
        IncompleteMark found = IncompleteMark.find(head);
        mark = found;
        if (found != null) {
            putWord(file, found, found.word(head) | found.bit());
        }
    }

    private void putWord(FileChannel file, IncompleteMark place, int value) throws IOException {
        word.clear().order(place.order()).putInt(0, value);
        long at = place.offset();
        while (word.hasRemaining()) {
            at += file.write(word, at);
        }
    }
}
