// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.console;

/// Numbers and columns for people. By hand, since String.format costs a crash kernel eight milliseconds at first use.
public final class Text {
    private static final String HEX = "0123456789abcdef";

    private Text() {}

    /// The number in 16 hexadecimal digits after 0x.
    public static String hex16(long number) {
        StringBuilder text = new StringBuilder(18).append("0x");
        for (int shift = 60; shift >= 0; shift -= 4) {
            text.append(HEX.charAt((int) (number >>> shift) & 15));
        }
        return text.toString();
    }

    /// The text, filled up with blanks at its end.
    public static String left(String text, int columns) {
        return text.length() >= columns ? text : text + " ".repeat(columns - text.length());
    }

    /// The text, filled up with blanks at its start.
    public static String right(String text, int columns) {
        return text.length() >= columns ? text : " ".repeat(columns - text.length()) + text;
    }

    /// The number with at least that many digits, zeroes in front.
    public static String digits(long number, int count) {
        String text = Long.toString(number);
        return text.length() >= count ? text : "0".repeat(count - text.length()) + text;
    }

    /// Part of whole in percent with one decimal, rounded down, at most 100.0; a whole of 0 is complete.
    public static String percent(long part, long whole) {
        long tenths = tenths(part, whole);
        return tenths / 10 + "." + tenths % 10;
    }

    /// The number with a comma between groups of three digits.
    public static String grouped(long number) {
        StringBuilder text = new StringBuilder(Long.toString(number));
        for (int at = text.length() - 3; at > (number < 0 ? 1 : 0); at -= 3) {
            text.insert(at, ',');
        }
        return text.toString();
    }

    /// Bytes in the largest binary unit that leaves a number of at least 1, one decimal.
    public static String bytes(long count) {
        String units = "KMGTPE";
        int unit = -1;
        long whole = count;
        long rest = 0;
        while (whole >= 1024 && unit < units.length() - 1) {
            rest = whole & 1023;
            whole >>>= 10;
            unit++;
        }
        return unit < 0 ? count + " bytes" : whole + "." + rest * 10 / 1024 + " " + units.charAt(unit) + "iB";
    }

    /// The number and its noun: `1 byte`, `2 bytes`.
    public static String bytesOf(long count) {
        return count + (count == 1 ? " byte" : " bytes");
    }

    /// Tenths of a percent, 0 to 1000.
    public static long tenths(long part, long whole) {
        if (whole <= 0 || part >= whole) {
            return 1000;
        }
        // Above 2^53 a tenth of a percent does not need the low bits.
        return whole > 1L << 53 ? Math.min(part / (whole / 1000), 1000) : part * 1000 / whole;
    }
}
