// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.doctor;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/// Builds an archive of the format newc.
final class CpioBuilder {
    private static final int FILE = 0100644;
    private static final int LINK = 0120777;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    CpioBuilder file(String name, byte[] data) {
        return entry(name, FILE, data);
    }

    CpioBuilder file(String name, String data) {
        return file(name, data.getBytes(StandardCharsets.UTF_8));
    }

    CpioBuilder link(String name, String target) {
        return entry(name, LINK, target.getBytes(StandardCharsets.UTF_8));
    }

    /// Ends the archive.
    byte[] end() {
        entry("TRAILER!!!", 0, new byte[0]);
        return out.toByteArray();
    }

    /// An entry whose header says something else than its data.
    CpioBuilder entry(String name, int mode, byte[] data) {
        header(name.length() + 1, mode, data.length);
        out.writeBytes((name + "\0").getBytes(StandardCharsets.UTF_8));
        pad();
        out.writeBytes(data);
        pad();
        return this;
    }

    CpioBuilder header(long nameBytes, int mode, long dataBytes) {
        long[] fields = {1, mode, 0, 0, 1, 0, dataBytes, 0, 0, 0, 0, nameBytes, 0};
        out.writeBytes("070701".getBytes(StandardCharsets.US_ASCII));
        for (long field : fields) {
            out.writeBytes(String.format("%08x", field).getBytes(StandardCharsets.US_ASCII));
        }
        return this;
    }

    byte[] bytes() {
        return out.toByteArray();
    }

    private void pad() {
        while (out.size() % 4 != 0) {
            out.write(0);
        }
    }
}
