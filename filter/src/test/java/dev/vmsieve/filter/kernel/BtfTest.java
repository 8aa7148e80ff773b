// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.vmsieve.filter.io.CorruptDumpException;

/// BTF and the symbol table that leads to it, in a kernel's memory of a few hundred bytes.
class BtfTest {
    private static final long BASE = 0xffffffff81000000L;

    /// struct page { long flags; union { long mapping; struct { int a; int b; }; }; }, and an enum with X = 0xf0.
    static byte[] btf(ByteOrder order) {
        byte[] strings = "\0page\0flags\0mapping\0a\0b\0X\0long\0".getBytes(StandardCharsets.US_ASCII);
        ByteBuffer types = ByteBuffer.allocate(1024).order(order);
        types.putInt(27).putInt(1 << 24).putInt(8).putInt(64); // 1: long
        types.putInt(0).putInt(4 << 24 | 2).putInt(8); // 2: struct { a; b; }
        types.putInt(20).putInt(1).putInt(0).putInt(22).putInt(1).putInt(32);
        types.putInt(0).putInt(5 << 24 | 2).putInt(8); // 3: union { mapping; struct 2; }
        types.putInt(12).putInt(1).putInt(0).putInt(0).putInt(2).putInt(0);
        types.putInt(1).putInt(4 << 24 | 2).putInt(16); // 4: struct page
        types.putInt(6).putInt(1).putInt(0).putInt(0).putInt(3).putInt(64);
        types.putInt(0).putInt(6 << 24 | 1).putInt(4); // 5: enum
        types.putInt(24).putInt(0xf0);
        ByteBuffer all = ByteBuffer.allocate(24 + types.position() + strings.length).order(order);
        all.putShort((short) 0xeb9f).put((byte) 1).put((byte) 0).putInt(24).putInt(0).putInt(types.position())
                .putInt(types.position()).putInt(strings.length);
        all.put(types.flip()).put(strings);
        return all.array();
    }

    @ParameterizedTest
    @ValueSource(strings = {"LITTLE_ENDIAN", "BIG_ENDIAN"})
    void findsMembersInAnonymousStructsInside(String name) {
        ByteOrder order = name.equals("BIG_ENDIAN") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        Btf btf = Btf.parse(ByteBuffer.wrap(btf(order)).order(order)).orElseThrow();
        assertThat(btf.size("page")).hasValue(16);
        assertThat(btf.offset("page", "flags")).hasValue(0);
        assertThat(btf.offset("page", "mapping")).hasValue(8);
        assertThat(btf.offset("page", "b")).hasValue(12);
        assertThat(btf.offset("page", "c")).isEmpty();
        assertThat(btf.offset("pag", "flags")).isEmpty();
        assertThat(btf.enumerator("X")).hasValue(0xf0);
        assertThat(btf.enumerator("Y")).isEmpty();
    }

    /// Every prefix, and every byte changed: an answer or none, never an exception, never a hang.
    @Test
    void survivesBrokenTypes() {
        byte[] sound = btf(ByteOrder.LITTLE_ENDIAN);
        for (int length = 24; length < sound.length; length++) {
            ByteBuffer prefix = ByteBuffer.wrap(sound, 0, length).slice().order(ByteOrder.LITTLE_ENDIAN);
            assertThat(Btf.parse(prefix)).as("first %s bytes", length).isEmpty();
        }
        for (int at = 0; at < sound.length; at++) {
            for (int value : new int[]{0, 1, 0x7f, 0x80, 0xff}) {
                byte[] broken = sound.clone();
                broken[at] = (byte) value;
                Optional<Btf> btf = Btf.parse(ByteBuffer.wrap(broken).order(ByteOrder.LITTLE_ENDIAN));
                if (btf.isPresent()) {
                    assertThat(btf.get().offset("page", "b").orElse(0)).isNotNegative();
                    assertThat(btf.get().size("page").orElse(0)).isNotNegative();
                    assertThat(btf.get().length("page", "flags").orElse(0)).isNotNegative();
                    assertThat(btf.get().enumerator("Y")).isEmpty();
                }
            }
        }
    }

    /// Addresses in each of the forms that kernels used.
    @ParameterizedTest
    @ValueSource(strings = {"absolute-percpu", "base relative", "place relative", "absolute"})
    void findsSymbolsInEveryFormOfAddress(String form) throws Exception {
        Memory memory = new Memory();
        long stext = BASE + 0x4000;
        long start = BASE + 0x5000;
        byte[][] names = {"T_stext".getBytes(StandardCharsets.US_ASCII),
                "D__start_BTF".getBytes(StandardCharsets.US_ASCII)};
        long table = memory.put(names(names));
        long tokens = memory.put(tokens());
        long index = memory.put(tokenIndex());
        long count = memory.put(ints(2));
        long base = memory.put(longs(BASE));
        long offsets = memory.next();
        int[] values = new int[2];
        long[] addresses = {stext, start};
        for (int i = 0; i < 2; i++) {
            values[i] = (int) switch (form) {
                case "absolute-percpu" -> BASE - 1 - addresses[i];
                case "base relative" -> addresses[i] - BASE;
                default -> addresses[i] - (offsets + 4L * i);
            };
        }
        memory.put(ints(values));
        long absolute = memory.put(longs(addresses));
        String text = "SYMBOL(_stext)=" + hex(stext) + "\nSYMBOL(kallsyms_names)=" + hex(table)
                + "\nSYMBOL(kallsyms_num_syms)=" + hex(count) + "\nSYMBOL(kallsyms_token_table)=" + hex(tokens)
                + "\nSYMBOL(kallsyms_token_index)=" + hex(index) + "\n"
                + (form.equals("absolute")
                        ? "SYMBOL(kallsyms_addresses)=" + hex(absolute)
                        : "SYMBOL(kallsyms_offsets)=" + hex(offsets))
                + (form.equals("place relative") ? "" : "\nSYMBOL(kallsyms_relative_base)=" + hex(base)) + "\n";
        Map<String, Long> found = Kallsyms.find(Set.of("__start_BTF", "absent"),
                Vmcoreinfo.parse("test", text.getBytes(StandardCharsets.US_ASCII)), memory, ByteOrder.LITTLE_ENDIAN);
        assertThat(found).containsEntry("__start_BTF", start).containsEntry("_stext", stext).hasSize(2);
    }

    /// The last type has more elements than there are bytes, so that the questions would look past the end.
    @ParameterizedTest
    @ValueSource(ints = {3, 4, 6, 19})
    void refusesATypeThatDoesNotEndWithTheTypes(int kind) {
        ByteBuffer bytes = ByteBuffer.wrap(btf(ByteOrder.LITTLE_ENDIAN)).order(ByteOrder.LITTLE_ENDIAN);
        int types = bytes.getInt(12);
        int strings = bytes.getInt(20);
        ByteBuffer broken = ByteBuffer.allocate(24 + strings + types + 12).order(ByteOrder.LITTLE_ENDIAN);
        broken.put(0, bytes, 0, 24).putInt(8, strings).putInt(12, types + 12).putInt(16, 0);
        broken.put(24, bytes, 24 + types, strings).put(24 + strings, bytes, 24, types);
        broken.putInt(24 + strings + types + 4, kind << 24 | 0xffff); // types come last, nothing is behind them
        assertThat(Btf.parse(broken)).isEmpty();
    }

    /// Addresses at the very top and bottom, where a sum would wrap around.
    @ParameterizedTest
    @ValueSource(strings = {"7ffffffffffffffe", "7fffffffffffffff", "ffffffffffffffff", "fffffffffffffffe", "0"})
    void findsNothingWhereTheSymbolTableCannotBe(String address) {
        String text = "SYMBOL(_stext)=" + hex(BASE) + "\nSYMBOL(kallsyms_names)=" + address
                + "\nSYMBOL(kallsyms_num_syms)=" + address + "\nSYMBOL(kallsyms_token_table)=" + address
                + "\nSYMBOL(kallsyms_token_index)=" + address + "\n";
        Vmcoreinfo info = Vmcoreinfo.parse("test", text.getBytes(StandardCharsets.US_ASCII));
        assertThat(Btf.find(info, new Memory(), ByteOrder.LITTLE_ENDIAN)).isEmpty();
    }

    @Test
    void findsNothingInAKernelThatTellsNoSymbolTable() throws Exception {
        Vmcoreinfo info = Vmcoreinfo.parse("test", new byte[0]);
        assertThat(Kallsyms.find(Set.of("x"), info, new Memory(), ByteOrder.LITTLE_ENDIAN)).isEmpty();
        assertThat(Btf.find(info, new Memory(), ByteOrder.LITTLE_ENDIAN)).isEmpty();
    }

    /// One token a byte; the second name has a two-byte length, though it is short.
    private static byte[] names(byte[]... names) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < names.length; i++) {
            if (i == 0) {
                out.write(names[i].length);
            } else {
                out.write(names[i].length | 0x80);
                out.write(0);
            }
            out.writeBytes(names[i]);
        }
        return out.toByteArray();
    }

    private static byte[] tokens() {
        byte[] bytes = new byte[512];
        for (int i = 0; i < 256; i++) {
            bytes[2 * i] = (byte) i;
        }
        return bytes;
    }

    private static byte[] tokenIndex() {
        ByteBuffer bytes = ByteBuffer.allocate(512).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < 256; i++) {
            bytes.putShort((short) (2 * i));
        }
        return bytes.array();
    }

    private static byte[] ints(int... values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asIntBuffer().put(values);
        return bytes.array();
    }

    private static byte[] longs(long... values) {
        ByteBuffer bytes = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asLongBuffer().put(values);
        return bytes.array();
    }

    private static String hex(long value) {
        return Long.toHexString(value);
    }

    /// Memory from BASE on, filled from below; nothing can be read past what was put.
    private static final class Memory implements KernelReader {
        private final byte[] bytes = new byte[1 << 14];
        private int end;

        long next() {
            return BASE + end;
        }

        long put(byte[] data) {
            long at = next();
            System.arraycopy(data, 0, bytes, end, data.length);
            end += data.length + 7 & -8;
            return at;
        }

        @Override
        public void read(long kvaddr, ByteBuffer target, int targetOffset, int count) throws CorruptDumpException {
            long from = kvaddr - BASE;
            if (from < 0 || from + count > end) {
                throw new CorruptDumpException("[test] not mapped");
            }
            target.put(targetOffset, bytes, (int) from, count);
        }
    }
}
