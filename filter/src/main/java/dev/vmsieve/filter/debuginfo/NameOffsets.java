// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.debuginfo;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/// Where in a string section the wanted names lie, so that a reference to a string is known by its offset alone.
///
/// Linkers let one string be the end of another, so a name may begin in the middle of a string.
final class NameOffsets {
    private static final int WINDOW_BYTES = 1 << 16;
    private static final int MOST_FINDS = 1 << 20;
    private static final long FREE = -1;

    private final SectionData strings;
    private final WantedNames wanted;
    private long[] offsets = new long[1 << 8];
    private int[] ids = new int[1 << 8];
    private int count;

    private NameOffsets(SectionData strings, WantedNames wanted) {
        this.strings = strings;
        this.wanted = wanted;
        Arrays.fill(offsets, FREE);
    }

    /// Reads through the section once.
    static NameOffsets find(SectionData strings, WantedNames wanted) throws IOException {
        var found = new NameOffsets(strings, wanted);
        found.scan();
        return found;
    }

    /// The number of the name at the offset; [WantedNames#NONE] if none of the wanted begins there.
    int nameAt(long offset) {
        for (int slot = slot(offset);; slot = (slot + 1) & (offsets.length - 1)) {
            if (offsets[slot] == offset) {
                return ids[slot];
            }
            if (offsets[slot] == FREE) {
                return WantedNames.NONE;
            }
        }
    }

    /// Windows overlap by the longest name and its end, so that each name lies whole in the window that its end is in.
    private void scan() throws IOException {
        int overlap = wanted.longest() + 1;
        ByteBuffer window = ByteBuffer.allocate(overlap + WINDOW_BYTES);
        int kept = 0;
        for (long at = 0; at < strings.bytes(); at += WINDOW_BYTES) {
            int fresh = (int) Math.min(WINDOW_BYTES, strings.bytes() - at);
            window.limit(kept + fresh).position(kept);
            strings.read(at, window);
            for (int end = kept; end < kept + fresh; end++) {
                if (window.get(end) == 0) {
                    takeSuffixes(window, end, at - kept);
                }
            }
            int keep = Math.min(overlap, kept + fresh);
            window.position(kept + fresh - keep).limit(kept + fresh);
            window.compact();
            kept = keep;
        }
    }

    private void takeSuffixes(ByteBuffer window, int end, long windowStart) throws IOException {
        int hash = 0;
        int first = Math.max(0, end - wanted.longest());
        for (int at = end - 1; at >= first && window.get(at) != 0; at--) {
            hash = WantedNames.extended(hash, window.get(at));
            int id = wanted.find(window, at, end - at, hash);
            if (id != WantedNames.NONE) {
                put(windowStart + at, id);
            }
        }
    }

    private void put(long offset, int id) throws IOException {
        if (count == MOST_FINDS) {
            throw strings.corrupt("wanted names", "be there at most " + MOST_FINDS + " times", "more", offset);
        }
        if (++count * 2 > offsets.length) {
            grow();
        }
        set(offset, id);
    }

    private void grow() {
        long[] oldOffsets = offsets;
        int[] oldIds = ids;
        offsets = new long[oldOffsets.length * 2];
        ids = new int[offsets.length];
        Arrays.fill(offsets, FREE);
        for (int i = 0; i < oldOffsets.length; i++) {
            if (oldOffsets[i] != FREE) {
                set(oldOffsets[i], oldIds[i]);
            }
        }
    }

    private void set(long offset, int id) {
        int slot = slot(offset);
        while (offsets[slot] != FREE) {
            slot = (slot + 1) & (offsets.length - 1);
        }
        offsets[slot] = offset;
        ids[slot] = id;
    }

    private int slot(long offset) {
        return (int) ((offset * 0x9e37_79b9_7f4a_7c15L) >>> 40) & (offsets.length - 1);
    }
}
