// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector;

import java.io.UncheckedIOException;
import java.nio.file.Path;

import dev.vmsieve.filter.bitmap.ChunkFile;
import dev.vmsieve.filter.bitmap.PageBitmap;

/// A bitmap that lies in a file, as that of a large machine does, until the disk fails under it.
final class LostChunks {
    static final String MESSAGE = "the file for bitmaps cannot be read";

    final PageBitmap bitmap;

    LostChunks(Path directory, PageBitmap bits) {
        bitmap = new PageBitmap(bits.size(), new ChunkFile(directory));
        for (long pfn = bits.nextSet(0); pfn < bits.size(); pfn = bits.nextSet(pfn + 1)) {
            bitmap.set(pfn);
        }
        for (long chunk = 0; chunk < bits.size(); chunk += PageBitmap.CHUNK_PFNS) {
            bitmap.putAway(chunk);
        }
    }

    /// The file cannot be read from here on: a thread's interrupt closes it.
    LostChunks lose() {
        var reader = new Thread(() -> {
            Thread.currentThread().interrupt();
            try {
                bitmap.get(0);
            } catch (UncheckedIOException closed) {
                return;
            }
            throw new AssertionError("the bitmap does not lie in a file");
        });
        reader.start();
        try {
            reader.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        return this;
    }
}
