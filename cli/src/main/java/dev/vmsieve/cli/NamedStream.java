// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/// Standard output, whose failures say that it is at fault, and what is missing there.
final class NamedStream extends FilterOutputStream {
    private final String failed;

    /// @param failed what to say of a failure, before the system's own words
    NamedStream(OutputStream stream, String failed) {
        super(stream);
        this.failed = failed;
    }

    @Override
    public void write(int value) throws IOException {
        write(new byte[]{(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        try {
            out.write(bytes, offset, length);
        } catch (IOException e) {
            throw named(e);
        }
    }

    @Override
    public void flush() throws IOException {
        try {
            out.flush();
        } catch (IOException e) {
            throw named(e);
        }
    }

    private IOException named(IOException failure) {
        return new IOException("[" + DumpOutput.STANDARD_OUTPUT + "] " + failed + ": " + failure.getMessage(), failure);
    }
}
