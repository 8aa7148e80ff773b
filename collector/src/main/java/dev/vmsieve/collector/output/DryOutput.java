// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.output;

import java.nio.ByteBuffer;

/// Takes everything, keeps nothing: for a dry run.
public final class DryOutput implements OutputChannel {
    @Override
    public void write(ByteBuffer source, long offset) {
        source.position(source.limit());
    }

    @Override
    public void truncate(long bytes) {}

    @Override
    public void force() {}

    @Override
    public boolean sparse() {
        return true;
    }

    @Override
    public String discard() {
        return DRY_RUN;
    }

    @Override
    public void close() {}
}
