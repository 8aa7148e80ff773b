// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.options;

import java.util.OptionalInt;
import java.util.OptionalLong;

/// Numbers as the command line writes them.
final class Numbers {
    private static final String SIZE_SUFFIXES = "KMGTPE";

    private Numbers() {}

    /// A decimal number that is nothing else: leading blanks and a sign are allowed, anything after the digits is not.
    static OptionalInt strict(String text) {
        int at = skipBlanks(text);
        boolean negative = at < text.length() && text.charAt(at) == '-';
        if (negative || (at < text.length() && text.charAt(at) == '+')) {
            at++;
        }
        if (at == text.length() || text.length() - at > 9) {
            return OptionalInt.empty();
        }
        int number = 0;
        for (; at < text.length(); at++) {
            int digit = text.charAt(at) - '0';
            if (digit < 0 || digit > 9) {
                return OptionalInt.empty();
            }
            number = number * 10 + digit;
        }
        return OptionalInt.of(negative ? -number : number);
    }

    /// As C's atoi reads it: leading blanks, a sign, digits; what follows is ignored, no digits are 0. Too large
    /// numbers are cut to the ends of the int range.
    static int lenient(String text) {
        int at = skipBlanks(text);
        boolean negative = at < text.length() && text.charAt(at) == '-';
        if (negative || (at < text.length() && text.charAt(at) == '+')) {
            at++;
        }
        long number = 0;
        for (; at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9'; at++) {
            number = Math.min(number * 10 + (text.charAt(at) - '0'), Integer.MAX_VALUE);
        }
        return (int) (negative ? -number : number);
    }

    /// A size in bytes: decimal, octal after 0 or hexadecimal after 0x, then at most one of K, M, G, T, P, E in either
    /// case. Empty unless it is a positive number that fits a long.
    static OptionalLong size(String text) {
        int at = skipBlanks(text);
        int radix = 10;
        if (text.startsWith("0x", at) || text.startsWith("0X", at)) {
            radix = 16;
            at += 2;
        } else if (text.startsWith("0", at)) {
            radix = 8;
        }
        int first = at;
        long number = 0;
        for (; at < text.length() && Character.digit(text.charAt(at), radix) >= 0; at++) {
            int digit = Character.digit(text.charAt(at), radix);
            if (number > (Long.MAX_VALUE - digit) / radix) {
                return OptionalLong.empty();
            }
            number = number * radix + digit;
        }
        if (at == first || number == 0) {
            return OptionalLong.empty();
        }
        if (at == text.length()) {
            return OptionalLong.of(number);
        }
        int power = SIZE_SUFFIXES.indexOf(Character.toUpperCase(text.charAt(at)));
        int shift = 10 * (power + 1);
        if (power < 0 || at + 1 != text.length() || number > Long.MAX_VALUE >>> shift) {
            return OptionalLong.empty();
        }
        return OptionalLong.of(number << shift);
    }

    /// An address of 64 bits and nothing else: decimal, octal after 0 or hexadecimal after 0x.
    static OptionalLong address(String text) {
        String number = text.substring(skipBlanks(text));
        boolean hexadecimal = number.startsWith("0x") || number.startsWith("0X");
        int radix = hexadecimal ? 16 : number.startsWith("0") ? 8 : 10;
        String digits = hexadecimal ? number.substring(2) : number;
        if (digits.startsWith("+") || digits.startsWith("-")) {
            return OptionalLong.empty();
        }
        try {
            return OptionalLong.of(Long.parseUnsignedLong(digits, radix));
        } catch (NumberFormatException notANumber) {
            return OptionalLong.empty();
        }
    }

    private static int skipBlanks(String text) {
        int at = 0;
        while (at < text.length() && isBlank(text.charAt(at))) {
            at++;
        }
        return at;
    }

    private static boolean isBlank(char character) {
        return character == ' ' || (character >= '\t' && character <= '\r');
    }
}
