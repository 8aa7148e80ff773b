// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.kernel;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/// The crashed kernel's own symbol table (kernel/kallsyms.c, scripts/kallsyms.c), told by VMCOREINFO since 6.0.
///
/// Names are stored as numbers of tokens; addresses as 32-bit offsets in one of three forms, and the form is the one
/// under which _stext comes out as VMCOREINFO has it.
public final class Kallsyms {
    private static final String STEXT = "_stext";
    private static final int TOKENS = 256;
    private static final int MOST_SYMBOLS = 1 << 24;
    private static final int CHUNK = 1 << 16;
    private static final int LONGEST_NAME = 2048;

    private final Vmcoreinfo info;
    private final KernelReader memory;
    private final ByteBuffer buffer;
    private final byte[][] tokens = new byte[TOKENS][];
    /// Where the buffer's first byte lies, and how much of it is filled.
    private long bufferStart;
    private int bufferEnd;

    private Kallsyms(Vmcoreinfo info, KernelReader memory, ByteOrder byteOrder) {
        this.info = info;
        this.memory = memory;
        this.buffer = ByteBuffer.allocateDirect(CHUNK).order(byteOrder);
    }

    /// Addresses of those of the names that the kernel has; none if it does not tell where its table is.
    ///
    /// @throws IOException if the table cannot be read
    public static Map<String, Long> find(Set<String> names, Vmcoreinfo info, KernelReader memory, ByteOrder byteOrder)
            throws IOException {
        boolean told = info.symbol("kallsyms_names").isPresent() && info.symbol("kallsyms_num_syms").isPresent()
                && info.symbol("kallsyms_token_table").isPresent() && info.symbol("kallsyms_token_index").isPresent()
                && info.symbol(STEXT).isPresent();
        return told ? new Kallsyms(info, memory, byteOrder).find(names) : Map.of();
    }

    private Map<String, Long> find(Set<String> names) throws IOException {
        readTokens();
        Map<String, Integer> indexes = indexes(names);
        Integer stext = indexes.get(STEXT);
        Map<String, Long> found = new HashMap<>();
        if (stext == null) {
            return found;
        }
        long wanted = info.symbol(STEXT).orElseThrow();
        for (Form form : Form.values()) {
            OptionalLong address = address(stext, form);
            if (address.isPresent() && address.getAsLong() == wanted) {
                for (Map.Entry<String, Integer> entry : indexes.entrySet()) {
                    found.put(entry.getKey(), address(entry.getValue(), form).orElseThrow());
                }
                return found;
            }
        }
        return found;
    }

    private void readTokens() throws IOException {
        long index = info.symbol("kallsyms_token_index").orElseThrow();
        long table = info.symbol("kallsyms_token_table").orElseThrow();
        int[] starts = new int[TOKENS];
        for (int i = 0; i < TOKENS; i++) {
            fill(index + 2L * i, 2);
            starts[i] = Short.toUnsignedInt(buffer.getShort(at(index + 2L * i)));
        }
        byte[] name = new byte[LONGEST_NAME];
        for (int i = 0; i < TOKENS; i++) {
            int length = 0;
            while (length < name.length && u8(table + starts[i] + length) != 0) {
                name[length] = (byte) u8(table + starts[i] + length);
                length++;
            }
            tokens[i] = Arrays.copyOf(name, length);
        }
    }

    private Map<String, Integer> indexes(Set<String> names) throws IOException {
        long count = info.symbol("kallsyms_num_syms").orElseThrow();
        fill(count, 4);
        int symbols = Math.clamp(Integer.toUnsignedLong(buffer.getInt(at(count))), 0, MOST_SYMBOLS);
        Map<String, Integer> indexes = new HashMap<>();
        byte[] name = new byte[LONGEST_NAME];
        long at = info.symbol("kallsyms_names").orElseThrow();
        for (int i = 0; i < symbols && indexes.size() <= names.size(); i++) {
            int length = u8(at++);
            if ((length & 0x80) != 0) {
                length = (length & 0x7f) | (u8(at++) << 7);
            }
            int end = 0;
            for (int j = 0; j < length; j++) {
                byte[] token = tokens[u8(at + j)];
                int fits = Math.min(token.length, name.length - end);
                System.arraycopy(token, 0, name, end, fits);
                end += fits;
            }
            at += length;
            // The first character is the symbol's type.
            String text = end < 2 ? "" : new String(name, 1, end - 1, StandardCharsets.ISO_8859_1);
            if (text.equals(STEXT) || names.contains(text)) {
                indexes.putIfAbsent(text, i);
            }
        }
        return indexes;
    }

    /// How a symbol's address is stored.
    private enum Form {
        /// Signed: not negative, the address itself; negative, that far below the base (x86_64 up to 6.13).
        ABSOLUTE_PERCPU,
        /// Unsigned distance from the base.
        BASE_RELATIVE,
        /// Signed distance from the entry (since 7.0).
        PLACE_RELATIVE,
        /// A word.
        ADDRESS
    }

    private OptionalLong address(int index, Form form) throws IOException {
        if (form == Form.ADDRESS) {
            OptionalLong table = info.symbol("kallsyms_addresses");
            return table.isPresent() ? OptionalLong.of(u64(table.getAsLong() + 8L * index)) : OptionalLong.empty();
        }
        OptionalLong offsets = info.symbol("kallsyms_offsets");
        OptionalLong base = info.symbol("kallsyms_relative_base");
        if (offsets.isEmpty()) {
            return OptionalLong.empty();
        }
        long place = offsets.getAsLong() + 4L * index;
        fill(place, 4);
        int offset = buffer.getInt(at(place));
        if (form == Form.PLACE_RELATIVE) {
            return OptionalLong.of(place + offset);
        }
        if (base.isEmpty()) {
            return OptionalLong.empty();
        }
        long start = u64(base.getAsLong());
        if (form == Form.BASE_RELATIVE) {
            return OptionalLong.of(start + Integer.toUnsignedLong(offset));
        }
        return OptionalLong.of(offset >= 0 ? offset : start - 1 - offset);
    }

    private long u64(long kvaddr) throws IOException {
        fill(kvaddr, 8);
        return buffer.getLong(at(kvaddr));
    }

    private int u8(long kvaddr) throws IOException {
        fill(kvaddr, 1);
        return buffer.get(at(kvaddr)) & 0xff;
    }

    private int at(long kvaddr) {
        return (int) (kvaddr - bufferStart);
    }

    /// Brings that many bytes into the buffer, and what follows as far as it can be read.
    private void fill(long kvaddr, int bytes) throws IOException {
        long into = kvaddr - bufferStart;
        if (into >= 0 && into <= bufferEnd - bytes) {
            return;
        }
        int length = CHUNK;
        bufferEnd = 0;
        while (true) {
            try {
                memory.read(kvaddr, buffer, 0, length);
                break;
            } catch (IOException tooMuch) {
                if (length == bytes) {
                    throw tooMuch;
                }
                length = Math.max(bytes, length / 4);
            }
        }
        bufferStart = kvaddr;
        bufferEnd = length;
    }
}
