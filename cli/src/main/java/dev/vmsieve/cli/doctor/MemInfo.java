// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.doctor;

import java.util.OptionalLong;

/// Files of lines such as `MemTotal:  16000 kB`.
final class MemInfo {
    private MemInfo() {}

    /// The line's number in bytes; 0 if there is no such line.
    static long bytes(String text, String key) {
        return find(text, key).orElse(0);
    }

    /// The line's number in bytes; a line without kB is a plain number.
    static OptionalLong find(String text, String key) {
        for (String line : text.split("\n", -1)) {
            if (line.startsWith(key + ":")) {
                String[] words = line.substring(key.length() + 1).strip().split("\\s+", -1);
                try {
                    long number = Math.clamp(Long.parseLong(words[0]), 0, Long.MAX_VALUE >> 10);
                    return OptionalLong.of(words.length > 1 && words[1].equals("kB") ? number << 10 : number);
                } catch (NumberFormatException none) {
                    return OptionalLong.empty();
                }
            }
        }
        return OptionalLong.empty();
    }
}
