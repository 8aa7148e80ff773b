// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.OptionalLong;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import dev.vmsieve.filter.io.MissingSymbolException;
import dev.vmsieve.filter.kernel.CompoundLayout.Field;

class KernelLayoutTest {
    private static final String COMMON = """
            SIZE(page)=64
            OFFSET(page.flags)=0
            OFFSET(page.mapping)=24
            OFFSET(page.lru)=8
            OFFSET(page._mapcount)=48
            OFFSET(page.private)=40
            """;

    /// Field of the order and field of the sign of hugetlb in the first tail, as offset+bytes.
    @ParameterizedTest(name = "{0} with {1}: order {2}, hugetlb {3}")
    @CsvSource(textBlock = """
            6.12, NUMBER(PAGE_HUGETLB_MAPCOUNT_VALUE)=-201326592,                                           0+1,  0+0
            6.6,  NUMBER(PG_hugetlb)=8,                                                                     0+1,  0+8
            6.4,  OFFSET(folio._folio_dtor)=80|OFFSET(folio._folio_order)=81|NUMBER(HUGETLB_PAGE_DTOR)=2,   17+1, 16+1
            6.4,  OFFSET(folio._folio_dtor)=80|OFFSET(folio._folio_order)=81,                               17+1, 0+0
            6.1,  OFFSET(page.compound_dtor)=16|OFFSET(page.compound_order)=17|NUMBER(HUGETLB_PAGE_DTOR)=2, 17+1, 16+1
            4.15, OFFSET(page.compound_dtor)=40|OFFSET(page.compound_order)=44|NUMBER(HUGETLB_PAGE_DTOR)=2, 44+4, 40+4
            4.9,  OFFSET(page.compound_dtor)=24|OFFSET(page.compound_order)=26|NUMBER(HUGETLB_PAGE_DTOR)=2, 26+2, 24+2
            4.4,  X=1,                                                                                      20+4, 16+4
            3.16, SYMBOL(free_huge_page)=ffffffff81000000,                                                  16+8, 8+8
            3.2,  X=1,                                                                                      16+8, 0+0
            5.4,  X=1,                                                                                      0+0,  0+0
            6.7,  X=1,                                                                                      0+1,  0+0
            6.1,  OFFSET(page.compound_dtor)=63|OFFSET(page.compound_order)=64|NUMBER(HUGETLB_PAGE_DTOR)=2, 0+0,  63+1
            4.15, OFFSET(page.compound_dtor)=64|OFFSET(page.compound_order)=60|NUMBER(HUGETLB_PAGE_DTOR)=2, 60+4, 0+0
            4.15, OFFSET(page.compound_dtor)=38|OFFSET(page.compound_order)=42|NUMBER(HUGETLB_PAGE_DTOR)=2, 0+0,  0+0
            6.1,  OFFSET(page.compound_dtor)=16|OFFSET(page.compound_order)=4294967296,                     0+0,  0+0
            3.16, OFFSET(list_head.next)=48|OFFSET(list_head.prev)=56|SYMBOL(free_huge_page)=ffffffff81,    0+0,  56+8
            3.16, OFFSET(list_head.prev)=4294967296|SYMBOL(free_huge_page)=ffffffff81,                      0+0,  8+8
            """)
    void findsCompoundFieldsByKeysAndOnlyThenByRelease(String release, String keys, String order, String hugetlb)
            throws MissingSymbolException {
        CompoundLayout compound = resolve(release, keys.replace('|', '\n') + "\n", TypeSource.NONE).compound();
        assertThat(text(compound.order())).isEqualTo(order);
        assertThat(text(compound.hugetlb())).isEqualTo(hugetlb);
    }

    @ParameterizedTest
    @CsvSource({"X=1, 8000", "NUMBER(PG_swapcache)=10, 20400", "NUMBER(PG_swapbacked)=19, 88000"})
    void testsSwapbackedOnlyWhereSwapcacheSharesItsBit(String key, String mask) throws MissingSymbolException {
        assertThat(resolve("4.15", key + "\n", TypeSource.NONE).flags().swapCache())
                .isEqualTo(Long.parseLong(mask, 16));
    }

    @Test
    void hasNoSlabFlagWhereSlabIsAType() throws MissingSymbolException {
        assertThat(resolve("6.12", "NUMBER(PAGE_SLAB_MAPCOUNT_VALUE)=-184549376\n", TypeSource.NONE).flags().slab())
                .isZero();
        assertThat(resolve("5.4", "", TypeSource.NONE).flags().slab()).isEqualTo(1 << 7);
        assertThat(resolve("5.4", "NUMBER(PG_slab)=9\n", TypeSource.NONE).flags().slab()).isEqualTo(1 << 9);
    }

    @ParameterizedTest
    @CsvSource({"-268435456, f0000123, true", "-268435456, f1000000, false", "-129, ffffff7f, true",
            "-129, ffffff7e, false", "-128, ffffff80, true", "-2, fffffffe, true", "-1073741825, bfffffff, true"})
    void comparesTheTopByteOnlyWhereTheOwnerHasTheRest(long exported, String mapcount, boolean expected) {
        assertThat(PageType.of(exported).matches(Integer.parseUnsignedInt(mapcount, 16))).isEqualTo(expected);
    }

    @Test
    void noPageIsOfAnUnknownType() {
        assertThat(PageType.of(OptionalLong.empty()).matches(0)).isFalse();
        assertThat(PageType.NONE.matches(-1)).isFalse();
        assertThat(PageType.NONE.known()).isFalse();
    }

    @Test
    void asksTheSecondSourceOnlyForWhatIsMissing() throws MissingSymbolException {
        var types = new StatedTypes(Map.of("page.compound_info", 8L, "page.mapping", 24L));
        resolve("6.12", "OFFSET(page.compound_head)=8\n", types);
        assertThat(types.asked()).isEmpty();
        StructPage page = resolve("7.2", "", types).page();
        assertThat(types.asked()).containsExactly("page.compound_info");
        assertThat(page.compoundHead()).isEqualTo(8);
        assertThat(page.maskTails()).isTrue();
        String text = COMMON.replace("OFFSET(page.mapping)", "X") + "OSRELEASE=6.12.0\nOFFSET(page.compound_head)=8\n";
        assertThat(KernelLayout.resolve(info(text), 8, ByteOrder.LITTLE_ENDIAN, types).page().mapping()).isEqualTo(24);
    }

    @ParameterizedTest
    @CsvSource({"SIZE(page)", "OFFSET(page.flags)", "OFFSET(page.mapping)"})
    void namesTheKeyThatIsMissing(String key) {
        String text = ("OSRELEASE=6.1.0\n" + COMMON).replace(key + "=", "X=");
        assertThatThrownBy(() -> KernelLayout.resolve(info(text), 8, ByteOrder.LITTLE_ENDIAN, TypeSource.NONE))
                .isInstanceOf(MissingSymbolException.class).hasMessage("[test] VMCOREINFO: " + key + " is missing");
    }

    @ParameterizedTest
    @CsvSource({"SIZE(page)=0", "SIZE(page)=63", "SIZE(page)=1000000"})
    void rejectsAnImpossibleSizeOfStructPage(String line) {
        String text = line + "\nOSRELEASE=6.1.0\n" + COMMON;
        assertThatThrownBy(() -> KernelLayout.resolve(info(text), 8, ByteOrder.LITTLE_ENDIAN, TypeSource.NONE))
                .isInstanceOf(MissingSymbolException.class).hasMessageContaining("SIZE(page) must be a multiple of 8");
    }

    @Test
    void takesAFieldOutsideTheStructForMissing() {
        String text = "OFFSET(page.mapping)=60\nOSRELEASE=6.1.0\n" + COMMON;
        assertThatThrownBy(() -> KernelLayout.resolve(info(text), 8, ByteOrder.LITTLE_ENDIAN, TypeSource.NONE))
                .hasMessage("[test] VMCOREINFO: OFFSET(page.mapping) is missing");
    }

    @ParameterizedTest
    @CsvSource({"6.1.0-56-amd64, 6, 1", "4.4.0-210-generic, 4, 4", "6.12, 6, 12", "7.2-rc1, 7, 2", "linux, 0, 0",
            "6, 0, 0"})
    void readsTheRelease(String text, int major, int minor) {
        assertThat(KernelRelease.parse(text)).isEqualTo(new KernelRelease(major, minor));
    }

    private static KernelLayout resolve(String release, String keys, TypeSource types) throws MissingSymbolException {
        return KernelLayout.resolve(info("OSRELEASE=" + release + ".0\n" + COMMON + keys), Long.BYTES,
                ByteOrder.LITTLE_ENDIAN, types);
    }

    private static Vmcoreinfo info(String text) {
        return Vmcoreinfo.parse("test", text.getBytes(StandardCharsets.US_ASCII));
    }

    private static String text(Field field) {
        return field.offset() + "+" + field.bytes();
    }
}
