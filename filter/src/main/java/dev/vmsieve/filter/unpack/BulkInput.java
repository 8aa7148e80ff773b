// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.unpack;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/// A stream on another one in which everything goes through one method, [#read(byte\[\], int, int)]: single bytes and
/// skipping too. There are no marks.
abstract class BulkInput extends FilterInputStream {
    private static final int MOST_SKIPPED = 1 << 16;

    BulkInput(InputStream in) {
        super(in);
    }

    @Override
    public abstract int read(byte[] target, int offset, int length) throws IOException;

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public long skip(long bytes) throws IOException {
        return readNBytes((int) Math.min(bytes, MOST_SKIPPED)).length;
    }

    @Override
    public boolean markSupported() {
        return false;
    }
}
