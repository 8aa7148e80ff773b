// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.rework;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.SplittableRandom;

import org.junit.jupiter.api.Test;

import dev.vmsieve.filter.io.CorruptDumpException;
import dev.vmsieve.filter.io.MissingSymbolException;
import dev.vmsieve.filter.kernel.Vmcoreinfo;

/// The logs of older kernels, structured records and plain text, sound and hostile.
class OlderLogsTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final PrintedLog printed = new PrintedLog();

    private String print(LogKeys keys, boolean partial) throws IOException {
        return printed.print(keys, partial);
    }

    private static final long LOG_BUF = 0xffff_8000_0000_0000L;
    private static final long VARIABLES = 0xffff_8000_1000_0000L;

    /// log_buf, log_buf_len, log_first_idx, log_next_idx, clear_idx, log_end at 0, 8, 12, 16, 20, 24.
    private final FakeMemory memory = new FakeMemory(ByteOrder.LITTLE_ENDIAN);
    private final ByteBuffer log = memory.map(LOG_BUF, 256);
    private final ByteBuffer variables = memory.map(VARIABLES, 64);

    private LogKeys structured(String extra) {
        variables.putLong(0, LOG_BUF).putInt(8, 256);
        return oldKeys("""
                SYMBOL(log_buf)=%x
                SYMBOL(log_buf_len)=%x
                SYMBOL(log_first_idx)=%x
                SYMBOL(log_next_idx)=%x
                SYMBOL(clear_idx)=%x
                SIZE(printk_log)=16
                OFFSET(printk_log.ts_nsec)=0
                OFFSET(printk_log.len)=8
                OFFSET(printk_log.text_len)=10
                """.formatted(VARIABLES, VARIABLES + 8, VARIABLES + 12, VARIABLES + 16, VARIABLES + 20) + extra);
    }

    private LogKeys oldKeys(String text) {
        return new LogKeys("vmcore", Vmcoreinfo.parse("VMCOREINFO", text.getBytes(StandardCharsets.US_ASCII)), memory,
                8,
                ByteOrder.LITTLE_ENDIAN);
    }

    private int record(int at, long nanos, int length, String text) {
        log.putLong(at, nanos).putShort(at + 8, (short) length).putShort(at + 10, (short) text.length());
        log.put(at + 16, text.getBytes(StandardCharsets.ISO_8859_1));
        return at + length;
    }

    private LogKeys range(int first, int next, int cleared) {
        variables.putInt(12, first).putInt(16, next).putInt(20, cleared);
        return structured("");
    }

    @Test
    void printsStructuredRecords() throws IOException {
        int at = record(0, 5_000_001_999L, 32, "one");
        at = record(at, 6_000_000_000L, 48, "two\nlines\u00ff");
        assertThat(print(range(0, at, 0), false)).isEqualTo("""
                [    5.000001] one
                [    6.000000] two
                               lines\\xff
                """);
    }

    @Test
    void printsTheCallerOfStructuredRecordsWhereItIsKnown() throws IOException {
        int at = record(0, 0, 32, "one");
        log.putInt(12, 42);
        range(0, at, 0);
        assertThat(print(structured("OFFSET(printk_log.caller_id)=12\n"), false))
                .isEqualTo("[    0.000000] [     T42] one\n");
    }

    @Test
    void readsTheOldNameOfTheStructure() throws IOException {
        int at = record(0, 0, 32, "one");
        range(0, at, 0);
        String keys = """
                SYMBOL(log_buf)=%x
                SYMBOL(log_buf_len)=%x
                SYMBOL(log_first_idx)=%x
                SYMBOL(log_next_idx)=%x
                SIZE(log)=16
                OFFSET(log.ts_nsec)=0
                OFFSET(log.len)=8
                OFFSET(log.text_len)=10
                """.formatted(VARIABLES, VARIABLES + 8, VARIABLES + 12, VARIABLES + 16);
        assertThat(print(oldKeys(keys), false)).isEqualTo("[    0.000000] one\n");
        assertThat(print(oldKeys(keys), true)).isEqualTo("[    0.000000] one\n");
        assertThat(printed.warnings).hasSize(1).first().asString().contains("VMCOREINFO lacks SYMBOL(clear_idx)");
    }

    @Test
    void followsStructuredRecordsAroundTheRing() throws IOException {
        int next = record(0, 3, 32, "newest");
        int at = record(160, 1, 40, "oldest");
        at = record(at, 2, 40, "middle");
        log.putShort(at + 8, (short) 0);
        assertThat(print(range(160, next, 0), false))
                .isEqualTo("[    0.000000] oldest\n[    0.000000] middle\n[    0.000000] newest\n");
    }

    @Test
    void printsStructuredRecordsSinceTheClear() throws IOException {
        int second = record(0, 0, 32, "one");
        int third = record(second, 0, 32, "two");
        int end = record(third, 0, 32, "three");
        assertThat(print(range(0, end, third), true)).isEqualTo("[    0.000000] three\n");
        assertThat(print(range(0, end, end), true)).isEmpty();
        assertThat(print(range(0, end, 0), true).lines()).hasSize(3);
    }

    @Test
    void printsAllStructuredRecordsWhenTheClearMarkWasOverwritten() throws IOException {
        int end = record(record(0, 0, 32, "one"), 0, 32, "two");
        assertThat(print(range(0, end, 17), true).lines()).hasSize(2);
    }

    @Test
    void printsWhatFollowsTheClearThoughAnOlderRecordIsDamaged() throws IOException {
        int third = 56;
        record(0, 0, 24, "one");
        record(24, 0, 8, "");
        int end = record(third, 0, 32, "three");
        assertThat(print(range(0, end, third), true)).isEqualTo("[    0.000000] three\n");
        assertThat(printed.warnings).containsExactly(
                "[vmcore] kernel log: record at index 0x18: length 8 must hold a header of 16 and a text of 0 bytes and"
                        + " end within the ring of 256; the log ends there, before clear_idx 0x38, from which on it is"
                        + " printed");
    }

    @Test
    void stopsWhereStructuredRecordsMakeNoSense() {
        record(record(0, 0, 32, "one"), 0, 8, "");
        assertThatThrownBy(() -> print(range(0, 128, 0), false)).isInstanceOf(CorruptDumpException.class)
                .hasMessage(
                        "[vmcore] kernel log: record at index 0x20: length 8 must hold a header of 16 and a text of 0"
                                + " bytes and end within the ring of 256; the log ends there");
        assertThat(printed.text()).isEqualTo("[    0.000000] one\n");
    }

    @Test
    void stopsWhereStructuredRecordsRunInCircles() {
        record(200, 0, 32, "before the wrap");
        assertThatThrownBy(
                () -> assertTimeoutPreemptively(LIMIT, () -> print(range(200, 100, 0), false)))
                .isInstanceOf(CorruptDumpException.class).hasMessageContaining("length must not be 0");
        record(0, 0, 200, "over the end");
        assertThatThrownBy(() -> print(range(200, 100, 0), false)).hasMessageContaining("index must be at most 100");
    }

    @Test
    void rejectsIndexesOutsideTheRing() {
        assertThatThrownBy(() -> print(range(300, 0, 0), false)).isInstanceOf(CorruptDumpException.class)
                .hasMessage("[vmcore] kernel log: log_first_idx must be 0 to 256 but was 300");
    }

    @Test
    void survivesAnyStructuredRecords() {
        for (long seed = 0; seed < 2000; seed++) {
            var random = new SplittableRandom(seed);
            for (int i = 0; i < 256; i++) {
                log.put(i, (byte) (random.nextInt(3) == 0 ? random.nextInt(256) : random.nextInt(40) * 8));
            }
            LogKeys keys = range(random.nextInt(257), random.nextInt(257), random.nextInt(257));
            assertTimeoutPreemptively(LIMIT, () -> {
                try {
                    print(keys, random.nextBoolean());
                } catch (CorruptDumpException expected) {
                    assertThat(expected).hasMessageStartingWith("[vmcore] kernel log: ");
                }
            }, "seed " + seed);
        }
    }

    private LogKeys plain(int length, long end) {
        variables.putLong(0, LOG_BUF).putInt(8, length).putInt(24, (int) end);
        return oldKeys("SYMBOL(log_buf)=%x\nSYMBOL(log_buf_len)=%x\nSYMBOL(log_end)=%x\n".formatted(VARIABLES,
                VARIABLES + 8, VARIABLES + 24));
    }

    @Test
    void printsPlainText() throws IOException {
        log.put(0, "<6>[    0.000000] raw \u00e9\n".getBytes(StandardCharsets.ISO_8859_1));
        assertThat(print(plain(256, 24), false)).isEqualTo("<6>[    0.000000] raw \u00e9\n");
    }

    @Test
    void printsPlainTextThatWrapped() throws IOException {
        byte[] bytes = new byte[64];
        for (int i = 0; i < 64; i++) {
            bytes[i] = (byte) ('0' + i);
        }
        log.put(0, bytes);
        String all = new String(bytes, StandardCharsets.US_ASCII);
        assertThat(print(plain(64, 64 * 1000 + 10), false)).isEqualTo(all.substring(10) + all.substring(0, 10));
        assertThat(print(plain(64, 64), false)).isEqualTo(all);
        assertThat(print(plain(64, 0xffff_ffc5L), false)).isEqualTo(all.substring(5) + all.substring(0, 5));
        assertThat(print(plain(64, 0), false)).isEmpty();
    }

    @Test
    void rejectsAPlainRingOfNoLength() {
        assertThatThrownBy(() -> print(plain(-1, 10), false)).isInstanceOf(CorruptDumpException.class)
                .hasMessage("[vmcore] kernel log: log_buf_len must be 1 to 2147483647 but was -1");
    }

    @Test
    void saysWhichSymbolToSupplyWhenThereIsNoLog() {
        assertThatThrownBy(() -> print(oldKeys("OSRELEASE=1\n"), false)).isInstanceOf(MissingSymbolException.class)
                .hasMessageContaining("lacks SYMBOL(prb)");
    }
}
