// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.kernel;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

import org.jspecify.annotations.Nullable;

import dev.vmsieve.filter.io.CorruptDumpException;

/// The crashed kernel's VMCOREINFO: lines of KEY=VALUE that tell where things are and how big (kernel/vmcore_info.c).
///
/// The first occurrence of a key wins. A line that is not KEY=VALUE, or that the end of the text cuts off before its
/// line end, counts as absent; so does a value that is no number where one is asked for. The text ends at its first NUL.
/// Immutable.
public final class Vmcoreinfo {
    /// Numbers from here to 2^63 are error markers that leaked out of a tool, never sizes or offsets.
    private static final long FIRST_ERROR_MARKER = Long.MAX_VALUE - 4095;

    private static final int MOST_FILE_BYTES = 1 << 20;

    private final String source;
    private final byte[] bytes;
    private final Map<String, String> values;

    private Vmcoreinfo(String source, byte[] bytes, Map<String, String> values) {
        this.source = source;
        this.bytes = bytes;
        this.values = values;
    }

    /// Reads the text; any bytes are accepted, the worst has no keys.
    ///
    /// @param source where it comes from, for messages: a file's name, or a dump's name and place
    /// @param text ASCII; copied
    public static Vmcoreinfo parse(String source, byte[] text) {
        Map<String, String> values = new HashMap<>();
        int end = 0;
        while (end < text.length && text[end] != 0) {
            end++;
        }
        int start = 0;
        for (int at = 0; at < end; at++) {
            if (text[at] == '\n') {
                putLine(text, start, at, values);
                start = at + 1;
            }
        }
        return new Vmcoreinfo(source, text.clone(), values);
    }

    /// Reads a file that a tool or a person made: unlike a note, its last line may lack the line end.
    ///
    /// @throws IOException the JDK's own, with the file named, if the system refuses
    /// @throws CorruptDumpException if the file is no VMCOREINFO: too large, or without OSRELEASE
    public static Vmcoreinfo read(Path file) throws IOException {
        byte[] text;
        try (InputStream in = Files.newInputStream(file)) {
            text = in.readNBytes(MOST_FILE_BYTES + 1);
        }
        if (text.length > MOST_FILE_BYTES) {
            throw new CorruptDumpException("[" + file + "] VMCOREINFO: must be at most " + MOST_FILE_BYTES
                    + " bytes long but is longer");
        }
        Vmcoreinfo parsed = parse(file.toString(), withLastLineEnded(text));
        if (parsed.text("OSRELEASE").isEmpty()) {
            throw new CorruptDumpException("[" + file + "] VMCOREINFO: OSRELEASE= must be there but is missing");
        }
        return parsed;
    }

    private static byte[] withLastLineEnded(byte[] text) {
        int end = 0;
        while (end < text.length && text[end] != 0) {
            end++;
        }
        if (end == 0 || text[end - 1] == '\n') {
            return text;
        }
        byte[] ended = Arrays.copyOf(text, end + 1);
        ended[end] = '\n';
        return ended;
    }

    private static void putLine(byte[] text, int start, int lineEnd, Map<String, String> values) {
        int end = lineEnd > start && text[lineEnd - 1] == '\r' ? lineEnd - 1 : lineEnd;
        for (int at = start; at < end; at++) {
            if (text[at] == '=') {
                String key = new String(text, start, at - start, StandardCharsets.ISO_8859_1);
                String value = new String(text, at + 1, end - at - 1, StandardCharsets.ISO_8859_1);
                values.putIfAbsent(key, value);
                return;
            }
        }
    }

    /// This text, and for keys that it lacks the other's: the source and the bytes stay this one's.
    public Vmcoreinfo orElse(Vmcoreinfo other) {
        Map<String, String> both = new HashMap<>(other.values);
        both.putAll(values);
        return new Vmcoreinfo(source, bytes, both);
    }

    /// This text with each SYMBOL of at least that value moved: what a vmlinux says, where KASLR put it. The bytes stay.
    public Vmcoreinfo withSymbolsMoved(long imageBase, long by) {
        Map<String, String> moved = new HashMap<>(values);
        for (Map.Entry<String, String> entry : moved.entrySet()) {
            if (entry.getKey().startsWith("SYMBOL(")) {
                OptionalLong value = hexadecimal(entry.getValue());
                if (value.isPresent() && Long.compareUnsigned(value.getAsLong(), imageBase) >= 0) {
                    entry.setValue(Long.toHexString(value.getAsLong() + by));
                }
            }
        }
        return new Vmcoreinfo(source, bytes, moved);
    }

    /// Where the text comes from, for messages.
    public String source() {
        return source;
    }

    /// The text as it was found; a copy.
    public byte[] bytes() {
        return bytes.clone();
    }

    /// Value of a key that is asked for by its whole name, such as OSRELEASE.
    public Optional<String> text(String key) {
        return Optional.ofNullable(values.get(key));
    }

    /// SYMBOL(name): a kernel virtual address, KASLR included. 0 is a value like any other.
    public OptionalLong symbol(String name) {
        return hexadecimal(values.get("SYMBOL(" + name + ")"));
    }

    /// SIZE(type) in bytes.
    public OptionalLong size(String type) {
        return decimal(values.get("SIZE(" + type + ")"));
    }

    /// OFFSET(struct.member) in bytes.
    public OptionalLong offset(String struct, String member) {
        return decimal(values.get("OFFSET(" + struct + "." + member + ")"));
    }

    /// LENGTH(array) in elements.
    public OptionalLong length(String array) {
        return decimal(values.get("LENGTH(" + array + ")"));
    }

    /// NUMBER(name): signed decimal, else hexadecimal with or without 0x, which may use all 64 bits.
    public OptionalLong number(String name) {
        return anyNumber(values.get("NUMBER(" + name + ")"));
    }

    /// A bare key's number in hexadecimal without 0x, such as KERNELOFFSET.
    public OptionalLong hexadecimalOf(String key) {
        return hexadecimal(values.get(key));
    }

    /// A bare key's number in decimal, such as PAGESIZE or CRASHTIME.
    public OptionalLong decimalOf(String key) {
        return decimal(values.get(key));
    }

    private static OptionalLong decimal(@Nullable String value) {
        if (value == null) {
            return OptionalLong.empty();
        }
        try {
            long number = Long.parseLong(value);
            return number < 0 || number >= FIRST_ERROR_MARKER ? OptionalLong.empty() : OptionalLong.of(number);
        } catch (NumberFormatException notANumber) {
            return OptionalLong.empty();
        }
    }

    private static OptionalLong hexadecimal(@Nullable String value) {
        if (value == null) {
            return OptionalLong.empty();
        }
        String digits = value.startsWith("0x") ? value.substring(2) : value;
        if (digits.startsWith("+") || digits.startsWith("-")) {
            return OptionalLong.empty();
        }
        try {
            return OptionalLong.of(Long.parseUnsignedLong(digits, 16));
        } catch (NumberFormatException notANumber) {
            return OptionalLong.empty();
        }
    }

    private static OptionalLong anyNumber(@Nullable String value) {
        if (value == null) {
            return OptionalLong.empty();
        }
        try {
            return OptionalLong.of(Long.parseLong(value));
        } catch (NumberFormatException notANumber) {
            return hexadecimal(value);
        }
    }
}
