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

/// The lockless log, sound and hostile.
class LocklessLogTest {
    private static final long CPU = 1L << 31;
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final PrintedLog printed = new PrintedLog();

    private String print(LogKeys keys, boolean partial) throws IOException {
        return printed.print(keys, partial);
    }

    private String print(LocklessRing ring) throws IOException {
        return print(ring.keys(), false);
    }

    @Test
    void printsTimeCallerAndText() throws IOException {
        var ring = new LocklessRing(3, 12).add(0, 0, 0, "Linux version")
                .add(1, 125_726_279_999L, 162, "lab: test message line one\nline two of the same write")
                .add(2, 99_999_000_000_001L, CPU | 3, "from an interrupt")
                .add(3, 123_456_000_000_000L, 1_234_567, "end");
        assertThat(print(ring)).isEqualTo("""
                [    0.000000] [      T0] Linux version
                [  125.726279] [    T162] lab: test message line one
                                          line two of the same write
                [99999.000000] [      C3] from an interrupt
                [123456.000000] [T1234567] end
                """);
        assertThat(printed.warnings).isEmpty();
    }

    @Test
    void leavesOutACallerThatTheKernelDoesNotTell() throws IOException {
        var ring = new LocklessRing(3, 12).add(0, 1_500_000_000L, 7, "a\nb");
        ring.caller = false;
        assertThat(print(ring)).isEqualTo("[    1.500000] a\n               b\n");
    }

    @Test
    void escapesWhatIsNotPrintable() throws IOException {
        var ring = new LocklessRing(3, 12).add(2, 0, 0, 0,
                new byte[]{'a', '\t', (byte) 0xc3, (byte) 0xa9, 0, 0x1b, 0x7f, '\r', '\\', ' '});
        ring.caller = false;
        assertThat(print(ring)).isEqualTo("[    0.000000] a\t\\xc3\\xa9\\x00\\x1b\\x7f\r\\ \n");
    }

    @Test
    void followsTheRingAsItWraps() throws IOException {
        var ring = new LocklessRing(3, 8);
        ring.caller = false;
        var expected = new StringBuilder();
        for (int i = 0; i < 50; i++) {
            String message = "message " + i + "!".repeat(i % 9);
            ring.add(i, i * 1_000_000L, 0, message);
            if (i >= 42) {
                expected.append("[    0.%06d] %s%n".formatted(i * 1000, message));
            }
        }
        assertThat(print(ring)).isEqualTo(expected.toString());
    }

    @Test
    void readsABlockThatEndsExactlyAtTheRingsEnd() throws IOException {
        var ring = new LocklessRing(3, 8).startAt(8, 512 - 24).add(0, 0, 0, "sixteen letters!").add(1, 0, 0, "next");
        ring.caller = false;
        assertThat(print(ring)).isEqualTo("[    0.000000] sixteen letters!\n[    0.000000] next\n");
    }

    @Test
    void readsABlockThatWasPutAtTheRingsStart() throws IOException {
        var ring = new LocklessRing(3, 8).startAt(8, 512 - 16).add(0, 0, 0, "sixteen letters!");
        ring.caller = false;
        assertThat(ring.text.getLong(0)).isEqualTo(8);
        assertThat(print(ring)).isEqualTo("[    0.000000] sixteen letters!\n");
    }

    @Test
    void printsAnEmptyLineButNoLostOne() throws IOException {
        var ring = new LocklessRing(3, 8).describe(2, 0, 1_000_000_000L, 5, 0, 3, 3)
                .describe(2, 1, 2_000_000_000L, 5, 20, 1, 1);
        assertThat(print(ring)).isEqualTo("[    1.000000] [      T5] \n");
    }

    @Test
    void skipsRecordsThatAreNotThere() throws IOException {
        var ring = new LocklessRing(3, 10).add(3, 0, 0, 0, "reusable".getBytes(StandardCharsets.US_ASCII))
                .add(0, 1, 0, 0, "reserved".getBytes(StandardCharsets.US_ASCII))
                .add(1, 2, 0, 0, "committed".getBytes(StandardCharsets.US_ASCII)).add(3, 0, 0, "reused");
        ring.setState(3, 2, 8 + 3 + 8);
        ring.caller = false;
        assertThat(print(ring)).isEqualTo("[    0.000000] committed\n");
    }

    @Test
    void countsIdsAroundTheirEnd() throws IOException {
        long last = (1L << 62) - 1;
        var ring = new LocklessRing(3, 10).startAt(last, 0).add(0, 0, 0, "last id");
        ring.startAt(0, 100).add(1, 0, 0, "first id");
        ring.caller = false;
        assertThat(print(ring.ends(last, 0).keys(), false))
                .isEqualTo("[    0.000000] last id\n[    0.000000] first id\n");
    }

    @Test
    void readsThirtyTwoBitAndBigEndianRings() throws IOException {
        for (ByteOrder order : new ByteOrder[]{ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN}) {
            var big = new LocklessRing(3, 8, 8, order).add(0, 1_000_000L, 1, "sixty-four");
            assertThat(print(big)).isEqualTo("[    0.001000] [      T1] sixty-four\n");
        }
    }

    @Test
    void printsOnlyWhatCameAfterTheClear() throws IOException {
        var ring = new LocklessRing(3, 10);
        for (int i = 100; i < 120; i++) {
            ring.add(i, 0, 0, "record " + i);
        }
        ring.caller = false;
        ring.clearSeq.putLong(0, 118);
        assertThat(print(ring.keys(), true)).isEqualTo("[    0.000000] record 118\n[    0.000000] record 119\n");
        ring.clearSeq.putLong(0, 120);
        assertThat(print(ring.keys(), true)).isEmpty();
    }

    @Test
    void printsEverythingWhenTheRingWrappedSinceTheClear() throws IOException {
        var ring = new LocklessRing(3, 10);
        for (int i = 0; i < 20; i++) {
            ring.add(i, 0, 0, "record " + i);
        }
        ring.clearSeq.putLong(0, 5);
        String all = print(ring.keys(), false);
        assertThat(all.lines()).hasSize(8);
        assertThat(assertTimeoutPreemptively(LIMIT, () -> print(ring.keys(), true))).isEqualTo(all);
    }

    @Test
    void readsTheLatchedClearMark() throws IOException {
        var ring = new LocklessRing(3, 10).add(0, 0, 0, "old").add(1, 0, 0, "new");
        ring.latched = true;
        ring.caller = false;
        ring.clearSeq.putInt(0, 7).putLong(8, 0).putLong(16, 1);
        assertThat(print(ring.keys(), true)).isEqualTo("[    0.000000] new\n");
        ring.clearSeq.putInt(0, 8);
        assertThat(print(ring.keys(), true)).isEqualTo("[    0.000000] old\n[    0.000000] new\n");
    }

    @Test
    void printsNoMoreThanTheRingHoldsWhenItsEndsMakeNoSense() throws IOException {
        var ring = new LocklessRing(3, 10).add(0, 0, 0, "only");
        ring.ends(9, 8);
        assertThat(assertTimeoutPreemptively(LIMIT, () -> print(ring.keys(), false))).contains("only");
        assertThat(printed.warnings).hasSize(1).first().asString()
                .startsWith("[vmcore] kernel log: descriptor ring: head_id 0x8 is more than 2^3 beyond tail_id 0x9");
    }

    @Test
    void readsOnWhereOneRecordIsMissing() throws IOException {
        var ring = new LocklessRing(3, 10).add(0, 0, 0, "one").describe(2, 1, 0, 0, 10, 0, 4).add(2, 0, 0, "three");
        ring.caller = false;
        assertThat(print(ring)).isEqualTo("[    0.000000] one\n[    0.000000] three\n");
        assertThat(printed.warnings)
                .containsExactly("[vmcore] kernel log: 1 of 3 records could not be read; the first is 0x9:"
                        + " [vmcore] kernel log: record 0x9: text block [0x0, 0x4) must hold a word");
    }

    @Test
    void rejectsRingsOfImpossibleSize() {
        var ring = new LocklessRing(3, 10);
        ring.ring.putInt(16, 63);
        assertThatThrownBy(() -> print(ring)).isInstanceOf(CorruptDumpException.class)
                .hasMessage("[vmcore] kernel log: descriptor ring: count_bits must be 1 to 30 but was 63");
        ring.ring.putInt(16, 3).putInt(128, 40);
        assertThatThrownBy(() -> print(ring))
                .hasMessage("[vmcore] kernel log: text ring: size_bits must be 1 to 31 but was 40");
    }

    @Test
    void namesTheKeyThatIsMissing() {
        var ring = new LocklessRing(3, 10);
        for (String line : ring.vmcoreinfo().lines().toList()) {
            String key = line.substring(0, line.indexOf('='));
            if (key.equals("SYMBOL(clear_seq)") || key.equals("OFFSET(printk_info.caller_id)")
                    || key.equals("OFFSET(printk_info.seq)")) {
                continue;
            }
            String without = ring.vmcoreinfo().replace(line + "\n", "");
            assertThatThrownBy(() -> print(ring.keys(without), false)).as(key)
                    .isInstanceOf(MissingSymbolException.class)
                    .hasMessage("[vmcore] kernel log: VMCOREINFO lacks " + key
                            + "; a file with it can be given with -i");
        }
    }

    @Test
    void needsTheSequenceOnlyToTellWhatAClearLeft() throws IOException {
        var ring = new LocklessRing(3, 10).add(0, 0, 0, "all");
        ring.caller = false;
        String without = ring.vmcoreinfo().replace("OFFSET(printk_info.seq)=8\n", "");
        assertThat(print(ring.keys(without), false)).isEqualTo("[    0.000000] all\n");
        assertThatThrownBy(() -> print(ring.keys(without), true)).isInstanceOf(MissingSymbolException.class)
                .hasMessage("[vmcore] kernel log: VMCOREINFO lacks OFFSET(printk_info.seq)"
                        + "; a file with it can be given with -i");
    }

    @Test
    void rejectsMembersOutsideTheirStructure() {
        var ring = new LocklessRing(3, 10);
        String wide = ring.vmcoreinfo().replace("OFFSET(printk_info.seq)=8", "OFFSET(printk_info.seq)=81");
        assertThatThrownBy(() -> print(ring.keys(wide), false)).isInstanceOf(CorruptDumpException.class)
                .hasMessage("[vmcore] kernel log: OFFSET(printk_info.seq) must be 0 to 80 but was 81");
    }

    @Test
    void endsQuicklyOnRingsThatClaimTooMuch() {
        var ring = new LocklessRing(3, 10).startAt(0, 0).add(0, 0, 0, "only");
        ring.ring.putInt(16, 30).putInt(128, 31);
        ring.ends(0, (1L << 30) - 1);
        assertThat(assertTimeoutPreemptively(LIMIT, () -> print(ring.keys(), false))).contains("only");
        assertThat(printed.warnings).hasSize(1).first().asString()
                .contains("65536 of 1073741824 records could not be read");
    }

    @Test
    void survivesAnyDescriptors() {
        for (long seed = 0; seed < 300; seed++) {
            var random = new SplittableRandom(seed);
            var ring = new LocklessRing(5, 10);
            for (int i = 0; i < 40; i++) {
                ring.add(i, i, i, "message " + i);
            }
            for (int i = 0; i < 60; i++) {
                ByteBuffer victim = switch (random.nextInt(3)) {
                    case 0 -> ring.descs;
                    case 1 -> ring.infos;
                    default -> ring.text;
                };
                victim.putLong(random.nextInt(victim.capacity() - 8), random.nextLong() >>> random.nextInt(64));
            }
            String text = assertTimeoutPreemptively(LIMIT, () -> print(ring.keys(), false), "seed " + seed);
            assertThat(text.length()).as("seed %d", seed).isLessThan(32 * 5 * 1024);
        }
    }
}
