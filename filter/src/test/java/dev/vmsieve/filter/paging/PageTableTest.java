// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.paging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import dev.vmsieve.filter.arch.Level;
import dev.vmsieve.filter.arch.X86_64;

class PageTableTest {
    /// Entries by address; memory is what has an entry's table in it, and everything below 1 TiB if not told otherwise.
    private static final class Memory implements PageTable.Entries {
        final Map<Long, Long> entries = new HashMap<>();
        long end = 1L << 40;

        /// As in `48[485]@16210f28=2f966067`, separated by blanks.
        static Memory of(String chain) {
            var memory = new Memory();
            for (String link : chain.trim().split(" +", -1)) {
                String[] parts = link.split("[@=]", -1);
                memory.entries.put(Long.parseLong(parts[1], 16), Long.parseUnsignedLong(parts[2], 16));
            }
            return memory;
        }

        @Override
        public boolean isStored(long paddr) {
            return paddr < end;
        }

        @Override
        public long entry(int level, long tablePaddr, int index) {
            return entries.getOrDefault(tablePaddr + 8L * index, 0L);
        }
    }

    private static Translation walk(Memory memory, long root, int levels, long mask, String kvaddr)
            throws IOException {
        return new PageTable(new X86_64(), root, levels, mask).walk(Long.parseUnsignedLong(kvaddr, 16), memory);
    }

    /// Chains seen in real dumps.
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "5 | 16210000 | ffe54c44c0200040 | 48[485]@16210f28=2f966067 39[152]@2f9664c0=2f965067 30[275]@2f965898=2f964067 21[1]@2f964008=800000001e6001e3 | 1e600040 | 1fffc0",
            "5 | 16210000 | ffffffffb91fb000 | 48[511]@16210ff8=16214067 39[511]@16214ff8=16215067 30[510]@16215ff0=16216063 21[456]@16216e40=80000000162001e3 | 163fb000 | 5000",
            "4 | 29a22000 | fffffa9480000000 | 39[501]@29a22fa8=2b74a067 30[82]@2b74a290=2b749067 21[0]@2b749000=80000000272000e3 | 27200000 | 200000"})
    void translatesWhatRealKernelsMapped(int levels, String root, String kvaddr, String chain, String paddr,
            String bytes) throws IOException {
        assertThat(walk(Memory.of(chain), Long.parseLong(root, 16), levels, 0, kvaddr))
                .isEqualTo(new Translation.Mapped(Long.parseLong(paddr, 16), Long.parseLong(bytes, 16)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            // last level: bit 7 is PAT there, high bits are software's, keys and NX
            "39@1ff8=2003 30@2ff8=3003 21@3ff8=4003 12@4ff8=fff0000000abc183 | abcfff | 1",
            // 2 MiB: PAT in bit 12 is no address bit
            "39@1ff8=2003 30@2ff8=3003 21@3ff8=8000000000601083              | 7fffff | 1",
            // 1 GiB
            "39@1ff8=2003 30@2ff8=80001083                                   | bfffffff | 1"})
    void findsLeavesOfEverySize(String chain, String paddr, String bytes) throws IOException {
        assertThat(walk(Memory.of(chain), 0x1000, 4, 0, "ffffffffffffffff"))
                .isEqualTo(new Translation.Mapped(Long.parseLong(paddr, 16), Long.parseLong(bytes, 16)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "39@1ff8=2002                                     | PGD | 511 | 2002",
            "39@1ff8=2003 30@2ff8=0                           | PUD | 511 | 0",
            "39@1ff8=2003 30@2ff8=3003 21@3ff8=4000           | PMD | 511 | 4000",
            "39@1ff8=2003 30@2ff8=3003 21@3ff8=4003 12@4ff8=2 | PTE | 511 | 2",
            // a table, a page, a large page outside the dump's memory
            "39@1ff8=10000000003                              | PGD | 511 | 10000000003",
            "39@1ff8=2003 30@2ff8=3003 21@3ff8=4003 12@4ff8=10000000003 | PTE | 511 | 10000000003",
            "39@1ff8=2003 30@2ff8=3003 21@3ff8=10000000083    | PMD | 511 | 10000000083"})
    void namesTheEntryThatStopsIt(String chain, Level level, int index, String entry) throws IOException {
        Translation.NotPresent expected = new Translation.NotPresent(level, index, Long.parseLong(entry, 16));
        assertThat(walk(Memory.of(chain), 0x1000, 4, 0, "ffffffffffffffff")).isEqualTo(expected);
        assertThat(expected.describe()).isEqualTo(level.label() + "[511] = 0x" + entry);
    }

    @Test
    void takesBitSevenForALeafOnlyWhereThereAreSome() throws IOException {
        assertThat(walk(Memory.of("48@1ff8=2083 39@2ff8=3083 30@3ff8=4003 21@4ff8=200083"), 0x1000, 5, 0,
                "ffffffffffffffff")).isEqualTo(new Translation.Mapped(0x3f_ffff, 1));
    }

    @ParameterizedTest
    @CsvSource({"4, 8000000000000000", "4, 0000800000000000", "4, ffff7fffffffffff", "5, 0100000000000000",
            "5, feffffffffffffff"})
    void rejectsAddressesThatAreNotCanonical(int levels, String kvaddr) throws IOException {
        Translation translation = walk(Memory.of("x@1ff8=2003"), 0x1000, levels, 0, kvaddr);
        assertThat(translation)
                .isEqualTo(new Translation.NotPresent(Level.PGD, Translation.NotPresent.NOT_CANONICAL, 0));
        assertThat(((Translation.NotPresent) translation).describe()).isEqualTo("address not canonical");
    }

    @ParameterizedTest
    @CsvSource({"4, ffff800000000000, 256", "4, 00007fffffffffff, 255", "5, ff00000000000000, 256"})
    void acceptsTheEdgesOfTheCanonicalRange(int levels, String kvaddr, int index) throws IOException {
        assertThat(walk(Memory.of("x@0=0"), 0x1000, levels, 0, kvaddr))
                .isEqualTo(new Translation.NotPresent(Level.PGD, index, 0));
    }

    @Test
    void takesTheEncryptionMaskOffTablesAndLeaves() throws IOException {
        long mask = 1L << 47;
        String chain = "39@1ff8=800000002003 30@2ff8=800000003003 21@3ff8=8000800000600083";
        assertThat(walk(Memory.of(chain), 0x1000, 4, mask, "ffffffffffffffff"))
                .isEqualTo(new Translation.Mapped(0x7f_ffff, 1));
        assertThat(walk(Memory.of(chain), 0x1000, 4, 0, "ffffffffffffffff"))
                .isEqualTo(new Translation.NotPresent(Level.PGD, 511, 0x8000_0000_2003L));
    }

    @Test
    void endsInATableThatPointsToItself() throws IOException {
        assertThat(walk(Memory.of("x@1ff8=1003"), 0x1000, 5, 0, "ffffffffffffffff"))
                .isEqualTo(new Translation.Mapped(0x1fff, 1));
    }

    @Test
    void stopsAtARootOutsideMemory() throws IOException {
        assertThat(walk(Memory.of("x@1ff8=1003"), 1L << 41, 4, 0, "ffffffffffffffff"))
                .isEqualTo(new Translation.NotPresent(Level.PGD, 511, 0));
    }
}
