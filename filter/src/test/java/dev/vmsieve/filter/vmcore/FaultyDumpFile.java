// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.vmcore;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import dev.vmsieve.filter.io.DumpFile;

/// A dump some of whose bytes the system cannot read. Counts reads.
final class FaultyDumpFile implements DumpFile {
    private final DumpFile file;
    private final long badStart;
    private final long badEnd;
    final List<String> reads = new ArrayList<>();
    boolean endsEarly;

    FaultyDumpFile(DumpFile file, long badStart, long badEnd) {
        this.file = file;
        this.badStart = badStart;
        this.badEnd = badEnd;
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
        reads.add(offset + "+" + target.remaining());
        if (offset < badEnd && badStart < offset + target.remaining()) {
            if (endsEarly) {
                target.limit((int) (target.position() + Math.max(0, badStart - offset)));
                return file.read(offset, target);
            }
            target.put((byte) 0x55);
            throw new IOException("Input/output error");
        }
        return file.read(offset, target);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
