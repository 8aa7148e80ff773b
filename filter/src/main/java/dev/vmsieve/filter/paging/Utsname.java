// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.paging;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// struct new_utsname as bytes (include/uapi/linux/utsname.h): sysname, nodename, release, version, machine, domainname.
final class Utsname {
    /// Bytes of each string, NUL included.
    static final int STRING_BYTES = 65;
    /// All six.
    static final int BYTES = 6 * STRING_BYTES;

    private static final int RELEASE = 2;

    private final byte[] bytes = new byte[BYTES];

    /// Copies the bytes at the start of the buffer.
    Utsname(ByteBuffer buffer) {
        buffer.get(0, bytes);
    }

    byte[] bytes() {
        return bytes;
    }

    /// True for a system that calls itself Linux.
    boolean isLinux() {
        return string(0).equals("Linux");
    }

    String release() {
        return string(RELEASE);
    }

    private String string(int index) {
        int start = index * STRING_BYTES;
        int end = start;
        while (end < start + STRING_BYTES && bytes[end] != 0) {
            end++;
        }
        return new String(bytes, start, end - start, StandardCharsets.ISO_8859_1);
    }
}
