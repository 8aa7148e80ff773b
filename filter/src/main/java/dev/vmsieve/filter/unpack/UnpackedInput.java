// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.unpack;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;

/// A decoder's stream, whose failures of all kinds become two: the system's own, and damaged data.
final class UnpackedInput extends BulkInput {
    private final Path shown;
    private final String label;
    private final CountedInput packed;

    UnpackedInput(Path shown, String label, CountedInput packed, InputStream unpacked) {
        super(unpacked);
        this.shown = shown;
        this.label = label;
        this.packed = packed;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        try {
            return in.read(target, offset, length);
        } catch (IOException | RuntimeException e) {
            throw Unpacker.damage(shown, label, packed, e);
        }
    }
}
