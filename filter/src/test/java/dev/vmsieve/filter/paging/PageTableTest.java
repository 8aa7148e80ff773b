// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.paging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import dev.vmsieve.filter.arch.Arm64;
import dev.vmsieve.filter.arch.Level;
import dev.vmsieve.filter.arch.Riscv64;
import dev.vmsieve.filter.arch.TableFormat;
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
        return new PageTable(X86_64.tables(levels, mask), root).walk(Long.parseUnsignedLong(kvaddr, 16), memory);
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

    private static TableFormat format(String name) {
        return switch (name) {
            case "4K V48" -> Arm64.tables(12, 48, 48);
            case "4K LPA2" -> Arm64.tables(12, 52, 52);
            case "4K V52 A48" -> Arm64.tables(12, 52, 48);
            case "16K LPA2" -> Arm64.tables(14, 52, 52);
            case "16K V52 A47" -> Arm64.tables(14, 52, 47);
            case "64K V52" -> Arm64.tables(16, 52, 52);
            case "64K V52 A48" -> Arm64.tables(16, 52, 48);
            case "64K V48" -> Arm64.tables(16, 48, 48);
            case "64K V42" -> Arm64.tables(16, 42, 42);
            case "Sv57" -> Riscv64.tables(5);
            case "Sv48" -> Riscv64.tables(4);
            case "Sv39" -> Riscv64.tables(3);
            default -> throw new IllegalArgumentException(name);
        };
    }

    private static Translation walk(Memory memory, TableFormat format, long root, String kvaddr) throws IOException {
        return new PageTable(format, root).walk(Long.parseUnsignedLong(kvaddr, 16), memory);
    }

    /// Chains seen in real dumps, but for those of 64 KiB, which no distribution at hand has: by the manual's tables.
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "4K LPA2     | 41f16000 | ffffc1ffc0000000 | 48[15]@41f16078=10000000426d7003 39[387]@426d7c18=100000005fcfa003 30[511]@5fcfaff8=100000005fcf9003 21[0]@5fcf9000=6800005f400401 | 5f400000 | 200000",
            "4K LPA2     | 41f16000 | ffffa239b7188368 | 48[15]@41f16078=10000000426d7003 39[324]@426d7a20=10000000426d8003 30[230]@426d8730=10000000426d9003 21[440]@426d9dc0=e8000042400401 | 42588368 | 77c98",
            "4K V52 A48  | 41f16000 | ffffffab00000000 | 39[511]@41f16ff8=425ee003 30[172]@425ee560=100000005fedb003 21[0]@5fedb000=6800005f600f01 | 5f600000 | 200000",
            "16K LPA2    | 41f54000 | fffff03fc0000000 | 47[31]@41f540f8=1000000042778003 36[1795]@4277b818=100000005ff20003 25[2016]@5ff23f00=100000005ff1c003 14[0]@5ff1c000=e8000056000403 | 56000000 | 4000",
            "16K V52 A47 | 41f54000 | ffffffcb7ac00000 | 36[2044]@41f57fe0=100000005ff9c003 25[1469]@5ff9ede8=100000005ff98003 14[768]@5ff99800=e8000056000f03 | 56000000 | 4000",
            "4K V48      | 41853000 | fffffc0000000000 | 39[504]@41853fc0=100000005fecd003 30[0]@5fecd000=100000005fecc003 21[0]@5fecc000=6000005f600701 | 5f600000 | 200000",
            // blocks of 1 GiB, of 32 MiB and of 512 MiB
            "4K V48      | 1000     | ffffffffffffffff | 39[511]@1ff8=2003 30[511]@2ff8=80000701 | bfffffff | 1",
            "16K V52 A47 | 10000    | ffffffffffffffff | 36[2047]@13ff8=20003 25[2047]@23ff8=4000701 | 5ffffff | 1",
            "64K V48     | 10000    | ffffffffffffffff | 42[63]@101f8=20003 29[8191]@2fff8=20000701 | 3fffffff | 1",
            // a table laid out for 52 bits, used with 48: the index keeps its high bits
            "64K V52 A48 | 10000    | ffff000000000000 | 42[960]@11e00=20003 29[0]@20000=30003 16[0]@30000=40703 | 40000 | 10000",
            "64K V42     | 10000    | fffffe0000000000 | 29[4096]@18000=20003 16[0]@20000=30703 | 30000 | 10000",
            "Sv57        | 81fca000 | ff1c000000000000 | 48[284]@81fca8e0=27ffb801 39[0]@9ffee000=27ffb401 30[0]@9ffed000=27ffb001 21[0]@9ffec000=275000e7 | 9d400000 | 200000",
            "Sv48        | 81fca000 | ffff8d8000000000 | 39[283]@81fca8d8=27ffc001 30[0]@9fff0000=27ffbc01 21[0]@9ffef000=275000e7 | 9d400000 | 200000",
            "Sv39        | 81fca000 | ffffffc500000000 | 30[276]@81fca8a0=27ffc801 21[0]@9fff2000=275000e7 | 9d400000 | 200000",
            // Svnapot: four bits of the page number say that 64 KiB are one leaf
            "Sv39        | 1000     | ffffffffffff5678 | 30[511]@1ff8=801 21[511]@2ff8=c01 12[501]@3fa8=80000000000120e7 | 45678 | a988"})
    void translatesWhatOtherMachinesMapped(String format, String root, String kvaddr, String chain, String paddr,
            String bytes) throws IOException {
        assertThat(walk(Memory.of(chain), format(format), Long.parseLong(root, 16), kvaddr))
                .isEqualTo(new Translation.Mapped(Long.parseLong(paddr, 16), Long.parseLong(bytes, 16)));
    }

    /// Two places in an entry for the highest bits of an address; without FEAT_LPA2 the lower ones say something else.
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "4K LPA2  | ffffffffffffffff | 48@1078=2003 39@2ff8=3003 30@3ff8=4003 21@4ff8=5003 12@5ff8=3000000006303 | f000000006fff",
            "16K LPA2 | ffffffffffffffff | 47@100f8=20003 36@23ff8=30003 25@33ff8=40003 14@43ff8=3000000008303 | f00000000bfff",
            "64K V52  | ffffffffffffffff | 42@11ff8=20003 29@2fff8=30003 16@3fff8=80000007f703 | f80000007ffff"})
    void putsTheHighestAddressBitsTogether(String format, String kvaddr, String chain, String paddr)
            throws IOException {
        Memory memory = Memory.of(chain);
        memory.end = 1L << 52;
        long root = format.startsWith("4K") ? 0x1000 : 0x10000;
        assertThat(walk(memory, format(format), root, kvaddr))
                .isEqualTo(new Translation.Mapped(Long.parseLong(paddr, 16), 1));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "4K V48 | 39@1ff8=2002                                     | PGD | 2002",
            // a block where only pages may be
            "4K V48 | 39@1ff8=2003 30@2ff8=3003 21@3ff8=4003 12@4ff8=5701 | PTE | 5701",
            "Sv48   | 39@1ff8=800                                      | PGD | 800",
            // a table where only pages may be
            "Sv48   | 39@1ff8=801 30@2ff8=c01 21@3ff8=1001 12@4ff8=1401   | PTE | 1401"})
    void namesTheEntryThatStopsItOnOtherMachines(String format, String chain, Level level, String entry)
            throws IOException {
        assertThat(walk(Memory.of(chain), format(format), 0x1000, "ffffffffffffffff"))
                .isEqualTo(new Translation.NotPresent(level, 511, Long.parseLong(entry, 16)));
    }

    @ParameterizedTest
    @CsvSource({"4K V48, fffeffffffffffff, false", "4K V48, 0000000000000000, false", "4K V48, ffff000000000000, true",
            "4K V48, f0ff000000000000, true", "4K LPA2, fff0000000000000, true", "4K LPA2, ffe0000000000000, false",
            "16K V52 A47, ffff800000000000, true", "16K V52 A47, ffff000000000000, false",
            "64K V42, fffffc0000000000, true",
            "64K V42, fffff80000000000, false", "Sv39, ffffffc000000000, true", "Sv39, ffffff8000000000, false"})
    void knowsTheAddressesOfOtherMachines(String format, String kvaddr, boolean canonical) {
        assertThat(format(format).isCanonical(Long.parseUnsignedLong(kvaddr, 16))).isEqualTo(canonical);
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
