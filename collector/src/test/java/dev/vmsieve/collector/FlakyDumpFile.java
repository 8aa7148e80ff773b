// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

import dev.vmsieve.filter.io.DumpFile;

/// A dump with one byte that the system cannot read. Remembers how many bytes each read asked for.
final class FlakyDumpFile implements DumpFile {
    private final DumpFile file;
    private final long bad;
    final List<Integer> reads = Collections.synchronizedList(new ArrayList<>());

    FlakyDumpFile(DumpFile file, long bad) {
        this.file = file;
        this.bad = bad;
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
        reads.add(target.remaining());
        if (bad >= offset && bad < offset + target.remaining()) {
            throw new IOException("Input/output error");
        }
        return file.read(offset, target);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
