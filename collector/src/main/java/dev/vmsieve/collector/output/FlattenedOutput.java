// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.output;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;

import dev.vmsieve.filter.format.flat.FlattenedHeader;
import dev.vmsieve.filter.format.flat.FlattenedRecord;

/// Sends a dump file down a stream, as flattened data: each write becomes a record that says where it belongs.
///
/// Nothing is marked incomplete first and complete later: a stream without an end record is an incomplete one. What is
/// written again comes as a later record, which counts. The stream's bytes follow from the order of the writes, which must
/// therefore be one.
///
/// Small records are gathered in a buffer of 64 KiB, large ones are sent from where they are. After a failure nothing
/// more is sent: what comes next would not be at the start of a record.
public final class FlattenedOutput implements OutputChannel {
    /// What is left of data that are not whole, to end a message with.
    public static final String NO_END = "the flattened data have no end record";

    private static final int BUFFER_BYTES = 64 << 10;

    private final WritableByteChannel stream;
    /// Not sent yet, from 0 to position. Guarded by this, like the rest.
    private final ByteBuffer pending = ByteBuffer.allocateDirect(BUFFER_BYTES).order(ByteOrder.BIG_ENDIAN);
    private final long limitBytes;
    private long sentBytes;
    private boolean broken;

    /// An output to that stream, which stays open.
    ///
    /// @param limitBytes most bytes that may be sent; what would be more is cut off there
    public FlattenedOutput(WritableByteChannel stream, long limitBytes) {
        this.stream = stream;
        this.limitBytes = limitBytes;
        FlattenedHeader.CURRENT.write(pending);
    }

    @Override
    public synchronized void write(ByteBuffer source, long offset) throws IOException {
        if (!source.hasRemaining()) {
            return;
        }
        if (pending.remaining() < FlattenedRecord.BYTES) {
            sendPending();
        }
        new FlattenedRecord(offset, source.remaining()).write(pending);
        if (source.remaining() <= pending.remaining()) {
            pending.put(source);
        } else {
            sendPending();
            send(source);
        }
    }

    /// What has been sent cannot be taken back.
    @Override
    public void truncate(long bytes) {}

    /// Sends what is at hand; the stream's reader alone knows of disks.
    @Override
    public synchronized void force() throws IOException {
        if (!broken) {
            sendPending();
        }
    }

    /// Sends the end record.
    @Override
    public synchronized void end() throws IOException {
        if (pending.remaining() < FlattenedRecord.BYTES) {
            sendPending();
        }
        FlattenedRecord.END.write(pending);
        sendPending();
    }

    /// False: readers of flattened data do not all take a gap for zeroes.
    @Override
    public boolean sparse() {
        return false;
    }

    @Override
    public boolean sequential() {
        return true;
    }

    @Override
    public String discard() {
        return NO_END;
    }

    @Override
    public void close() {}

    private void sendPending() throws IOException {
        send(pending.flip());
        pending.clear();
    }

    private void send(ByteBuffer source) throws IOException {
        if (broken) {
            throw new IOException("an earlier write to the stream failed");
        }
        broken = true;
        boolean cut = source.remaining() > limitBytes - sentBytes;
        if (cut) {
            source.limit(source.position() + (int) (limitBytes - sentBytes));
        }
        while (source.hasRemaining()) {
            sentBytes += stream.write(source);
        }
        if (cut) {
            throw new SizeLimitException(limitBytes);
        }
        broken = false;
    }
}
