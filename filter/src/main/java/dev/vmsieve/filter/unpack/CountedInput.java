// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.unpack;

import java.io.IOException;
import java.io.InputStream;

/// Knows how many bytes were taken from it. Says where damage was met, and tells failures of the system from damage.
final class CountedInput extends BulkInput {
    private long count;
    private boolean failed;

    CountedInput(InputStream in) {
        super(in);
    }

    /// Bytes taken.
    long count() {
        return count;
    }

    /// True if the system could not read on.
    boolean failed() {
        return failed;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        try {
            int taken = in.read(target, offset, length);
            count += Math.max(taken, 0);
            return taken;
        } catch (IOException e) {
            failed = true;
            throw e;
        }
    }
}
