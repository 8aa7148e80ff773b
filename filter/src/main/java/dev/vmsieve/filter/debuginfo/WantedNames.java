// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.debuginfo;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The few names that are looked for, among the hundreds of thousands that a kernel has; each has a number.
///
/// Hashes run from a name's last byte to its first, so that all suffixes of a string are looked up in one go backwards.
final class WantedNames {
    /// No name of interest.
    static final int NONE = -1;

    private static final int FACTOR = 31;

    private final List<byte[]> names = new ArrayList<>();
    private int[] slots = new int[0];
    private int longest;

    /// All names there are to be.
    WantedNames(Iterable<String> wanted) {
        for (String name : wanted) {
            byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
            names.add(bytes);
            longest = Math.max(longest, bytes.length);
        }
        slots = new int[Integer.highestOneBit(Math.max(4, names.size())) * 8];
        Arrays.fill(slots, NONE);
        for (int id = 0; id < names.size(); id++) {
            byte[] bytes = names.get(id);
            int slot = slot(hash(ByteBuffer.wrap(bytes), 0, bytes.length));
            while (slots[slot] != NONE) {
                slot = (slot + 1) & (slots.length - 1);
            }
            slots[slot] = id;
        }
    }

    /// Bytes of the longest.
    int longest() {
        return longest;
    }

    String name(int id) {
        return new String(names.get(id), StandardCharsets.US_ASCII);
    }

    /// The number of the name that these bytes are; [#NONE] for any other.
    int find(ByteBuffer bytes, int at, int length) {
        return length > longest ? NONE : find(bytes, at, length, hash(bytes, at, length));
    }

    /// The same for bytes whose hash is known.
    int find(ByteBuffer bytes, int at, int length, int hash) {
        for (int slot = slot(hash); slots[slot] != NONE; slot = (slot + 1) & (slots.length - 1)) {
            if (is(names.get(slots[slot]), bytes, at, length)) {
                return slots[slot];
            }
        }
        return NONE;
    }

    /// The hash of a string that has one more byte before its first.
    static int extended(int hash, byte before) {
        return hash * FACTOR + before;
    }

    private static int hash(ByteBuffer bytes, int at, int length) {
        int hash = 0;
        for (int i = length - 1; i >= 0; i--) {
            hash = extended(hash, bytes.get(at + i));
        }
        return hash;
    }

    private int slot(int hash) {
        return ((hash * 0x9e37_79b9) >>> 8) & (slots.length - 1);
    }

    private static boolean is(byte[] name, ByteBuffer bytes, int at, int length) {
        if (name.length != length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (bytes.get(at + i) != name[i]) {
                return false;
            }
        }
        return true;
    }
}
