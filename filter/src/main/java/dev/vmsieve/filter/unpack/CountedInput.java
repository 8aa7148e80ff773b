// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.unpack;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/// Knows how many bytes were taken from it. Says where damage was met, and tells failures of the system from damage.
final class CountedInput extends FilterInputStream {
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
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
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

    @Override
    public long skip(long bytes) throws IOException {
        return readNBytes((int) Math.min(bytes, 1 << 16)).length;
    }

    @Override
    public boolean markSupported() {
        return false;
    }
}
