// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.vmcore;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/// PAGESIZE in the text of VMCOREINFO, which is wanted before anything else of it: on some machines a kernel is built for
/// one of several page sizes.
final class PageSizeKey {
    private static final byte[] KEY = "PAGESIZE=".getBytes(StandardCharsets.US_ASCII);
    private static final int MOST_DIGITS = 6;

    private PageSizeKey() {}

    /// Bytes in a page; 0 if the text does not tell.
    static int in(Optional<byte[]> vmcoreinfo) {
        if (vmcoreinfo.isEmpty()) {
            return 0;
        }
        byte[] text = vmcoreinfo.get();
        for (int start = 0; start + KEY.length <= text.length; start++) {
            if ((start == 0 || text[start - 1] == '\n')
                    && Arrays.equals(text, start, start + KEY.length, KEY, 0, KEY.length)) {
                return number(text, start + KEY.length);
            }
        }
        return 0;
    }

    private static int number(byte[] text, int start) {
        int number = 0;
        for (int i = start; i < text.length && i < start + MOST_DIGITS && text[i] >= '0' && text[i] <= '9'; i++) {
            number = number * 10 + (text[i] - '0');
        }
        return number;
    }
}
