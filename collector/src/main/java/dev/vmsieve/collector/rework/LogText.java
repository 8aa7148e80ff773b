// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.rework;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/// Log records as text, the way `--dump-dmesg` prints them: `[  125.726279] [    T162] text`.
///
/// Further lines of a record are indented by the length of what stands before its first. Bytes that are neither
/// printable ASCII nor white space become `\xNN`.
final class LogText {
    /// Value of a caller: the kernel does not tell.
    static final long NO_CALLER = -1;

    private static final int BUFFER_BYTES = 1 << 16;
    /// Room that is made before anything is put: more than a prefix or a byte's escape needs.
    private static final int ROOM = 64;
    private static final long NANOS_PER_SECOND = 1_000_000_000;
    private static final int NANOS_PER_MICRO = 1000;
    private static final int SECONDS_WIDTH = 5;
    private static final int MICROS_WIDTH = 6;
    private static final int CALLER_WIDTH = 8;
    /// A caller with this bit is a CPU, any other a thread.
    private static final long CPU_BIT = 1L << 31;

    private final OutputStream out;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int used;
    private int prefix;
    private long written;

    LogText(OutputStream out) {
        this.out = out;
    }

    /// One record.
    ///
    /// @param nanos its time, unsigned
    /// @param caller 32 bits, or [#NO_CALLER]
    /// @param source holds the text at [at, at + length)
    void record(long nanos, long caller, ByteBuffer source, int at, int length) throws IOException {
        room(ROOM);
        int start = used;
        putTime(nanos);
        if (caller != NO_CALLER) {
            putCaller(caller);
        }
        prefix = used - start;
        for (int i = at; i < at + length; i++) {
            putByte(source.get(i) & 0xff);
        }
        room(ROOM);
        buffer[used++] = '\n';
    }

    /// Text as it is.
    void raw(ByteBuffer source, int at, int length) throws IOException {
        int done = 0;
        while (done < length) {
            room(ROOM);
            int part = Math.min(length - done, BUFFER_BYTES - used);
            source.get(at + done, buffer, used, part);
            used += part;
            done += part;
        }
    }

    /// Hands over what is still held back.
    void flush() throws IOException {
        out.write(buffer, 0, used);
        written += used;
        used = 0;
        out.flush();
    }

    /// Bytes of text so far.
    long bytes() {
        return written + used;
    }

    private void room(int needed) throws IOException {
        if (BUFFER_BYTES - used < needed) {
            out.write(buffer, 0, used);
            written += used;
            used = 0;
        }
    }

    private void putTime(long nanos) {
        buffer[used++] = '[';
        putNumber(Long.divideUnsigned(nanos, NANOS_PER_SECOND), SECONDS_WIDTH, ' ');
        buffer[used++] = '.';
        putNumber(Long.remainderUnsigned(nanos, NANOS_PER_SECOND) / NANOS_PER_MICRO, MICROS_WIDTH, '0');
        buffer[used++] = ']';
        buffer[used++] = ' ';
    }

    private void putCaller(long caller) {
        long number = caller & CPU_BIT - 1;
        buffer[used++] = '[';
        for (int width = digits(number) + 1; width < CALLER_WIDTH; width++) {
            buffer[used++] = ' ';
        }
        buffer[used++] = (byte) ((caller & CPU_BIT) != 0 ? 'C' : 'T');
        putNumber(number, 1, ' ');
        buffer[used++] = ']';
        buffer[used++] = ' ';
    }

    private void putByte(int value) throws IOException {
        room(ROOM);
        if (value == '\n') {
            buffer[used++] = '\n';
            for (int i = 0; i < prefix; i++) {
                buffer[used++] = ' ';
            }
        } else if ((value >= ' ' && value < 0x7f) || (value >= '\t' && value <= '\r')) {
            buffer[used++] = (byte) value;
        } else {
            buffer[used++] = '\\';
            buffer[used++] = 'x';
            buffer[used++] = (byte) Character.forDigit(value >> 4, 16);
            buffer[used++] = (byte) Character.forDigit(value & 15, 16);
        }
    }

    private void putNumber(long number, int width, char fill) {
        int digits = digits(number);
        for (int i = digits; i < width; i++) {
            buffer[used++] = (byte) fill;
        }
        used += digits;
        long rest = number;
        for (int i = 1; i <= digits; i++) {
            buffer[used - i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
    }

    private static int digits(long number) {
        int digits = 1;
        for (long rest = number / 10; rest != 0; rest /= 10) {
            digits++;
        }
        return digits;
    }
}
