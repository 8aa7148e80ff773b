// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.doctor;

/// Writes JSON (RFC 8259). The caller keeps to its grammar; commas and escapes are seen to here. What is not ASCII is
/// escaped, so that the text is the same in every encoding.
final class Json {
    private static final String HEX = "0123456789abcdef";

    private final StringBuilder text = new StringBuilder();
    private boolean comma;

    /// Begins an object or an array: `{` or `[`.
    Json begin(char bracket) {
        separate();
        text.append(bracket);
        comma = false;
        return this;
    }

    /// Ends it: `}` or `]`.
    Json end(char bracket) {
        text.append(bracket);
        comma = true;
        return this;
    }

    /// The name of the value that follows.
    Json name(String name) {
        string(name);
        text.append(':');
        comma = false;
        return this;
    }

    /// A string value.
    Json string(String value) {
        separate();
        text.append('"');
        value.chars().forEach(this::escape);
        text.append('"');
        return this;
    }

    /// A number value.
    Json number(long value) {
        separate();
        text.append(value);
        return this;
    }

    /// All that was written.
    String text() {
        return text.toString();
    }

    private void separate() {
        if (comma) {
            text.append(',');
        }
        comma = true;
    }

    private void escape(int c) {
        if (c == '"' || c == '\\') {
            text.append('\\').append((char) c);
        } else if (c >= ' ' && c < 0x7f) {
            text.append((char) c);
        } else {
            text.append("\\u");
            for (int shift = 12; shift >= 0; shift -= 4) {
                text.append(HEX.charAt(c >> shift & 15));
            }
        }
    }
}
