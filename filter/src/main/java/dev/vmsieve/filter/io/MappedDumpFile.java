// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.io;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Iterator;

import org.jspecify.annotations.Nullable;

/// A dump that is copied out of mapped windows: for /proc/vmcore, where every read() maps and unmaps the crashed
/// machine's memory page by page inside the system, and a mapping does so once (fs/proc/vmcore.c).
///
/// A window that the system refuses to map, or that faults when touched, is read by position instead; after many refusals
/// nothing is mapped any more. Windows in use belong to one thread each; idle ones wait in a small pool.
public final class MappedDumpFile implements DumpFile {
    /// Bytes in a window, a multiple of every page size. In the lab's crash kernel (emulated, 0.75 GB) all windows of a dump
    /// at level 31 take 2.1 s when they have 64 KiB, 1.4 s with 256 KiB, 0.6 s with 1 MiB, 0.36 s with 4 and 0.33 s with 16;
    /// read() takes 0.87 s. At level 0 1 MiB and more take 1.8 s, read() 3.3 s.
    static final int WINDOW_BYTES = 4 << 20;
    private static final int MOST_IDLE = 4;
    private static final int MOST_REFUSALS = 16;

    private final FileDumpFile file;
    /// Guarded by itself, as are the two fields below.
    private final ArrayDeque<Window> idle = new ArrayDeque<>();
    private int refusals;
    private boolean closed;

    private MappedDumpFile(FileDumpFile file) {
        this.file = file;
    }

    /// Opens the file for reading; nothing is mapped yet.
    ///
    /// @throws IOException the JDK's own, with the file named, if the system refuses
    public static MappedDumpFile open(Path path) throws IOException {
        return new MappedDumpFile(FileDumpFile.open(path));
    }

    @Override
    public Path path() {
        return file.path();
    }

    @Override
    public long size() {
        return file.size();
    }

    @Override
    public int read(long offset, ByteBuffer target) throws IOException {
        int wanted = (int) Math.min(target.remaining(), Math.max(0, size() - offset));
        int done = 0;
        while (done < wanted) {
            long at = offset + done;
            int inWindow = (int) (at % WINDOW_BYTES);
            int length = Math.min(wanted - done, WINDOW_BYTES - inWindow);
            int count = copy(at - inWindow, inWindow, target, length) ? length : readByPosition(at, target, length);
            done += count;
            if (count < length) {
                break;
            }
        }
        return done;
    }

    /// Moves the target's position by length if it succeeds, else leaves it.
    private boolean copy(long windowStart, int inWindow, ByteBuffer target, int length) throws IOException {
        Window window = take(windowStart);
        if (window == null) {
            return false;
        }
        try {
            target.put(target.position(), window.bytes, inWindow, length);
            target.position(target.position() + length);
            return true;
        } catch (InternalError fault) {
            return false;
        } finally {
            giveBack(window);
        }
    }

    private int readByPosition(long offset, ByteBuffer target, int length) throws IOException {
        int limit = target.limit();
        target.limit(target.position() + length);
        int count = file.read(offset, target);
        target.limit(limit);
        return count;
    }

    /// A window for the calling thread alone, or null if it cannot be mapped.
    private @Nullable Window take(long start) throws IOException {
        Window spare = null;
        synchronized (idle) {
            for (Iterator<Window> windows = idle.iterator(); windows.hasNext();) {
                Window window = windows.next();
                if (window.start == start) {
                    windows.remove();
                    return window;
                }
            }
            if (refusals >= MOST_REFUSALS) {
                return null;
            }
            if (idle.size() >= MOST_IDLE) {
                spare = idle.poll();
            }
        }
        if (spare != null) {
            spare.unmap();
        }
        try {
            return Window.map(file.channel(), start, Math.min(WINDOW_BYTES, size() - start));
        } catch (ClosedChannelException e) {
            throw e;
        } catch (IOException | UnsupportedOperationException refused) {
            synchronized (idle) {
                refusals++;
            }
            return null;
        }
    }

    private void giveBack(Window window) {
        synchronized (idle) {
            if (!closed) {
                idle.add(window);
                return;
            }
        }
        window.unmap();
    }

    @Override
    public void close() throws IOException {
        synchronized (idle) {
            closed = true;
            for (Window window : idle) {
                window.unmap();
            }
            idle.clear();
        }
        file.close();
    }

    /// One mapping. Its arena is shared because windows go from thread to thread.
    private static final class Window {
        final long start;
        final ByteBuffer bytes;
        private final Arena arena;

        private Window(long start, ByteBuffer bytes, Arena arena) {
            this.start = start;
            this.bytes = bytes;
            this.arena = arena;
        }

        static Window map(FileChannel channel, long start, long length) throws IOException {
            Arena arena = Arena.ofShared();
            try {
                return new Window(start,
                        channel.map(FileChannel.MapMode.READ_ONLY, start, length, arena).asByteBuffer(), arena);
            } catch (IOException | RuntimeException e) {
                arena.close();
                throw e;
            }
        }

        void unmap() {
            arena.close();
        }
    }
}
