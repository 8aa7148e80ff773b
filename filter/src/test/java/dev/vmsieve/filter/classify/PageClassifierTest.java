// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.classify;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import dev.vmsieve.filter.kernel.KernelLayout;
import dev.vmsieve.filter.kernel.PageFlags;
import dev.vmsieve.filter.kernel.TypeSource;
import dev.vmsieve.filter.kernel.Vmcoreinfo;

class PageClassifierTest {
    private static final int PAGE = 4096;
    private static final int MAX_MAPNR = 4096;
    private static final long ANON = 0xffff888080000001L;
    private static final long FILE = 0xffff888000000010L;

    private final Anomalies anomalies = new Anomalies();

    /// One page, told from its own struct page alone. Flags: L lru, P private, S swapcache, B swapbacked, s slab, W
    /// hwpoison.
    @ParameterizedTest(name = "{0}: flags {1}, mapping {2}, mapcount {3}, private {4}, -d {5} is {6}")
    @CsvSource(textBlock = """
            6.12, -,  file, ffffffff, 0,  31, KEEP
            6.12, L,  file, ffffffff, 0,  31, NON_PRIVATE_CACHE
            6.12, L,  file, ffffffff, 0,   2, NON_PRIVATE_CACHE
            6.12, L,  file, ffffffff, 0,   4, NON_PRIVATE_CACHE
            6.12, L,  file, ffffffff, 0,  25, KEEP
            6.12, LP, file, ffffffff, 0,  31, PRIVATE_CACHE
            6.12, LP, file, ffffffff, 0,   4, PRIVATE_CACHE
            6.12, LP, file, ffffffff, 0,   2, KEEP
            6.12, LP, file, ffffffff, 0,  27, KEEP
            6.12, P,  file, ffffffff, 0,  31, KEEP
            6.12, S,  file, ffffffff, 0,  31, KEEP
            6.12, SB, file, ffffffff, 0,   2, NON_PRIVATE_CACHE
            6.12, L,  anon, 00000003, 0,  31, USER
            6.12, L,  anon, 00000003, 0,   8, USER
            6.12, L,  anon, 00000003, 0,  23, KEEP
            6.12, -,  anon, 00000003, 0,   8, USER
            6.12, SB, anon, 00000000, 0,   8, USER
            6.12, SB, anon, 00000000, 0,   6, KEEP
            6.12, -,  anon, f5000000, 0,  31, KEEP
            6.12, -,  anon, f5000123, 0,  31, KEEP
            6.12, s,  anon, 00000000, 0,   8, USER
            6.12, -,  none, f0000000, 3,  16, FREE 3
            6.12, -,  none, f0000000, 10, 31, FREE 10
            6.12, -,  none, f0000000, 11, 31, KEEP
            6.12, -,  none, f0000000, -1, 31, KEEP
            6.12, -,  none, f0000000, 3,  15, KEEP
            6.12, W,  none, f0000000, 3,  16, FREE 3
            6.12, W,  none, f0000000, 3,  15, HWPOISON
            6.12, -,  none, f1000000, 0,   0, OFFLINE
            6.12, -,  none, f1000000, 0,  31, OFFLINE
            6.12, -,  none, f2000000, 0,  31, KEEP
            6.12, W,  none, ffffffff, 0,   0, HWPOISON
            6.12, LW, file, ffffffff, 0,   0, HWPOISON
            6.12, LW, file, ffffffff, 0,   2, NON_PRIVATE_CACHE
            6.12, LW, anon, ffffffff, 0,   8, USER
            6.12, LW, anon, ffffffff, 0,   4, HWPOISON
            6.12, W,  none, f5000000, 0,  31, HWPOISON
            7.2,  -,  none, f7000000, 0,  16, FREE 10
            7.2,  -,  none, f7000000, 0,  15, KEEP
            6.12, -,  none, f7000000, 0,  16, KEEP
            6.1,  -,  none, ffffff7f, 4,  16, FREE 4
            6.1,  s,  none, ffffff7f, 4,  31, KEEP
            6.1,  -,  none, fffffeff, 0,   0, OFFLINE
            6.1,  s,  none, fffffeff, 0,  31, KEEP
            6.1,  s,  anon, ffffffff, 0,  31, KEEP
            6.1,  sL, anon, ffffffff, 0,   4, NON_PRIVATE_CACHE
            4.15, -,  none, ffffff80, 2,  16, FREE 2
            4.15, -,  none, fffffeff, 0,  31, KEEP
            3.2,  L,  file, -,        -,  31, NON_PRIVATE_CACHE
            3.2,  L,  anon, -,        -,  31, USER
            3.2,  -,  none, -,        -,  31, KEEP
            """)
    void tellsAPageFromItsOwnFields(String era, String flags, String mapping, String mapcount, String priv, int level,
            String expected) throws IOException {
        KernelLayout layout = Eras.layout(era);
        StatedPages pages = new StatedPages(layout, 64);
        pages.flags(0, bits(layout.flags(), flags, era));
        pages.mapping(0, mapping.equals("anon") ? ANON : mapping.equals("file") ? FILE : 0);
        if (!mapcount.equals("-")) {
            pages.mapcount(0, Integer.parseUnsignedInt(mapcount, 16));
            pages.priv(0, Long.parseLong(priv));
        }
        assertThat(classify(layout, level, pages, 0)).isEqualTo(expected);
    }

    /// Compound pages of every era: 2^4 pages at pfn 16, the head on the LRU and anonymous, or hugetlb and neither.
    @ParameterizedTest
    @ValueSource(strings = {"3.2", "4.4", "4.15", "6.1", "6.4", "6.6", "6.9", "6.12", "7.2"})
    void readsOrderAndHugetlbOfEveryEra(String era) throws IOException {
        KernelLayout layout = Eras.layout(era);
        StatedPages huge = new StatedPages(layout, 64).flags(16, layout.flags().lru()).mapping(16, ANON)
                .compound(16, 4);
        assertThat(classify(layout, 8, huge, 16)).isEqualTo("USER 4");
        assertThat(classify(layout, 7, huge, 16)).isEqualTo("KEEP");

        StatedPages file = new StatedPages(layout, 64).flags(16, layout.flags().lru()).mapping(16, FILE)
                .compound(16, 4);
        assertThat(classify(layout, 2, file, 16)).isEqualTo("NON_PRIVATE_CACHE 4");

        StatedPages hugetlb = new StatedPages(layout, 64).compound(16, 4).hugetlb(16);
        assertThat(classify(layout, 8, hugetlb, 16)).isEqualTo("USER 4");
        assertThat(classify(layout, 7, hugetlb, 16)).isEqualTo("KEEP");

        StatedPages kernel = new StatedPages(layout, 64).compound(16, 4);
        assertThat(classify(layout, 31, kernel, 16)).isEqualTo("KEEP");
        assertThat(anomalies.compoundOrders()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"4.4", "4.15", "6.1", "6.4", "6.6", "6.9", "6.12", "7.2"})
    void readsBigEndianStructPages(String era) throws IOException {
        KernelLayout layout = Eras.layout(Eras.text(era), ByteOrder.BIG_ENDIAN);
        StatedPages huge = new StatedPages(layout, 64).flags(16, layout.flags().lru()).mapping(16, ANON)
                .compound(16, 4).priv(3, 1).mapcount(2, layout.types().buddy().value()).priv(2, 1);
        assertThat(classify(layout, 8, huge, 16)).isEqualTo("USER 4");
        assertThat(classify(layout, 16, huge, 2)).isEqualTo("FREE 1");
        StatedPages hugetlb = new StatedPages(layout, 64).compound(16, 4).hugetlb(16);
        assertThat(classify(layout, 8, hugetlb, 16)).isEqualTo("USER 4");
    }

    @ParameterizedTest
    @ValueSource(strings = {"little", "big"})
    void readsStructPagesOf32BitKernels(String order) throws IOException {
        String text = """
                OSRELEASE=4.15.0
                SIZE(page)=36
                OFFSET(page.flags)=0
                OFFSET(page.mapping)=4
                OFFSET(page._mapcount)=12
                OFFSET(page.private)=28
                OFFSET(page.compound_head)=20
                OFFSET(page.compound_dtor)=24
                OFFSET(page.compound_order)=26
                NUMBER(HUGETLB_PAGE_DTOR)=2
                NUMBER(PG_lru)=5
                NUMBER(PG_private)=12
                NUMBER(PG_swapcache)=9
                NUMBER(PG_head_mask)=32768
                NUMBER(PG_slab)=8
                NUMBER(PG_hwpoison)=22
                NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-128
                """;
        KernelLayout layout = KernelLayout.resolve(
                Vmcoreinfo.parse("test", text.getBytes(StandardCharsets.US_ASCII)), Integer.BYTES,
                order.equals("big") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN, TypeSource.NONE);
        StatedPages pages = new StatedPages(layout, 64).flags(16, layout.flags().lru()).mapping(16, ANON)
                .compound(16, 3).mapcount(5, -128).priv(5, 0).flags(7, layout.flags().lru()).flags(8, 1L << 22)
                .flags(9, -1).head(9, 1);
        assertThat(classify(layout, 8, pages, 16)).isEqualTo("USER 3");
        assertThat(classify(layout, 16, pages, 5)).isEqualTo("FREE");
        assertThat(classify(layout, 2, pages, 7)).isEqualTo("NON_PRIVATE_CACHE");
        assertThat(classify(layout, 0, pages, 8)).isEqualTo("HWPOISON");
        assertThat(classify(layout, 31, pages, 9)).isEqualTo("UNKNOWN");
        assertThat(classify(layout, 31, pages, 17)).isEqualTo("KEEP");
    }

    @ParameterizedTest
    @ValueSource(strings = {"4.15", "6.1", "6.12", "7.2"})
    void leavesTailsToTheirHead(String era) throws IOException {
        KernelLayout layout = Eras.layout(era);
        StatedPages pages = new StatedPages(layout, 64).compound(16, 4);
        pages.mapping(18, ANON).flags(18, layout.flags().lru());
        assertThat(classify(layout, 31, pages, 18)).isEqualTo("KEEP");
    }

    /// A tail whose page has a memory error is never read, though its compound page stays.
    @ParameterizedTest
    @ValueSource(strings = {"4.15", "6.1", "6.12", "7.2"})
    void leavesOutAPoisonedTailOfAKeptCompoundPage(String era) throws IOException {
        KernelLayout layout = Eras.layout(era);
        StatedPages pages = new StatedPages(layout, 64).compound(16, 4).flags(21, layout.flags().hwpoison());
        assertThat(classify(layout, 0, pages, 16)).isEqualTo("KEEP");
        assertThat(classify(layout, 0, pages, 21)).isEqualTo("HWPOISON");
    }

    /// The head's flag speaks for the whole folio with hugetlb only.
    @ParameterizedTest
    @ValueSource(strings = {"4.15", "6.1", "6.4", "6.6", "6.9", "6.12", "7.2"})
    void leavesOutAllOfAPoisonedHugetlbPageButOneOfAnyOther(String era) throws IOException {
        KernelLayout layout = Eras.layout(era);
        StatedPages kernel = new StatedPages(layout, 64).flags(16, layout.flags().hwpoison()).compound(16, 4);
        assertThat(classify(layout, 0, kernel, 16)).isEqualTo("HWPOISON");
        StatedPages hugetlb = new StatedPages(layout, 64).flags(16, layout.flags().hwpoison()).compound(16, 4)
                .hugetlb(16);
        assertThat(classify(layout, 0, hugetlb, 16)).isEqualTo("HWPOISON 4");
        assertThat(classify(layout, 8, hugetlb, 16)).isEqualTo("USER 4");
    }

    /// Bit 7 is PG_waiters since slab is a page type: an anonymous page that somebody waits for is still anonymous.
    @Test
    void doesNotTakeAWaiterForASlab() throws IOException {
        KernelLayout layout = Eras.layout("6.12");
        StatedPages pages = new StatedPages(layout, 64).flags(4, layout.flags().lru() | 1 << 7).mapping(4, ANON);
        assertThat(classify(layout, 8, pages, 4)).isEqualTo("USER");
        assertThat(classify(layout, 6, pages, 4)).isEqualTo("KEEP");
    }

    /// An optimised hugetlb page of order 9: the struct pages at 64, 128, ... mirror the head's.
    @ParameterizedTest
    @ValueSource(strings = {"6.1", "6.12"})
    void takesAnAliasOfAHeadForATail(String era) throws IOException {
        KernelLayout layout = Eras.layout(era);
        StatedPages pages = new StatedPages(layout, 1024).flags(512, layout.flags().hwpoison()).compound(512, 9)
                .hugetlb(512);
        for (int alias = 576; alias < 1024; alias += 64) {
            pages.head(alias, 0).flags(alias, layout.flags().head() | layout.flags().hwpoison())
                    .mapcount(alias, layout.types().hugetlb().known() ? layout.types().hugetlb().value() : -1);
            pages.field(alias + 1, layout.compound().order(), 9);
            assertThat(classify(layout, 0, pages, alias)).as("alias %s", alias).isEqualTo("KEEP");
            assertThat(classify(layout, 8, pages, alias)).as("alias %s", alias).isEqualTo("KEEP");
        }
        assertThat(classify(layout, 8, pages, 512)).isEqualTo("USER 9");
    }

    /// After the optimisation was undone the copies stay, and their neighbours are no tails any more.
    @Test
    void doesNotBelieveAStaleCopyOfAHead() throws IOException {
        KernelLayout layout = Eras.layout("6.12");
        StatedPages pages = new StatedPages(layout, 1024)
                .flags(576, layout.flags().head() | layout.flags().hwpoison())
                .mapcount(576, layout.types().hugetlb().value()).field(577, layout.compound().order(), 9);
        assertThat(classify(layout, 0, pages, 576)).isEqualTo("KEEP");
        assertThat(classify(layout, 8, pages, 576)).isEqualTo("KEEP");
    }

    /// With tails that hold a mask every aligned head would look like an alias.
    @Test
    void doesNotLookForAliasesWhereTailsHoldAMask() throws IOException {
        KernelLayout layout = Eras.layout("7.2");
        StatedPages pages = new StatedPages(layout, 1024).compound(512, 9).hugetlb(512);
        assertThat(classify(layout, 8, pages, 512)).isEqualTo("USER 9");
        StatedPages pointing = new StatedPages(layout, 64).compound(16, 2).hugetlb(16);
        for (int tail = 17; tail < 20; tail++) {
            pointing.head(tail, pointing.structPage(16) + 1);
        }
        assertThat(classify(layout, 8, pointing, 16)).isEqualTo("USER 2");
    }

    @ParameterizedTest(name = "order {0} at pfn {1}")
    @CsvSource({"5, 16", "63, 0", "64, 0", "255, 0", "12, 0", "4, 24"})
    void takesACompoundPageOfImpossibleOrderForOnePage(int order, int pfn) throws IOException {
        KernelLayout layout = Eras.layout("6.12");
        StatedPages pages = new StatedPages(layout, 64).flags(pfn, layout.flags().lru() | layout.flags().head())
                .mapping(pfn, ANON).head(pfn + 1, 1).field(pfn + 1, layout.compound().order(), order);
        pages.head(pfn + 1, pages.structPage(pfn) + 1);
        assertThat(classify(layout, 8, pages, pfn)).isEqualTo("USER");
        assertThat(anomalies.compoundOrders()).isOne();
    }

    /// Pfn 0 is a multiple of everything.
    @Test
    void doesNotBelieveAnOrderAtPfnZeroOnAlignmentAlone() throws IOException {
        for (String era : new String[]{"3.2", "6.1", "6.12", "7.2"}) {
            KernelLayout layout = Eras.layout(era);
            StatedPages pages = new StatedPages(layout, 64).flags(0, layout.flags().lru() | layout.flags().head())
                    .mapping(0, ANON).field(1, layout.compound().order(), 5);
            assertThat(classify(layout, 8, pages, 0)).as(era).isEqualTo("USER");
        }
    }

    @Test
    void keepsAFreeBlockThatDoesNotFitItsPlace() throws IOException {
        KernelLayout layout = Eras.layout("6.12");
        StatedPages pages = new StatedPages(layout, 64).mapcount(4, layout.types().buddy().value()).priv(4, 3);
        assertThat(classify(layout, 16, pages, 4)).isEqualTo("KEEP");
        assertThat(anomalies.freeOrders()).isOne();
    }

    @Test
    void keepsStructPagesThatWereNeverInitialised() throws IOException {
        for (String era : new String[]{"3.2", "4.15", "6.1", "6.12", "7.2"}) {
            KernelLayout layout = Eras.layout(era);
            StatedPages pages = new StatedPages(layout, 64);
            for (int at = 0; at < layout.page().bytes(); at += 8) {
                pages.word(5, at, -1);
            }
            assertThat(classify(layout, 31, pages, 5)).as(era).isEqualTo("UNKNOWN");
        }
    }

    private String classify(KernelLayout layout, int level, StatedPages pages, long pfn) throws IOException {
        PageClassifier classifier = new PageClassifier(layout, DumpLevel.of(level), PAGE, MAX_MAPNR, anomalies);
        int answer = classifier.classify(pages, pages.words(), pfn);
        if (answer == PageClassifier.KEEP) {
            return "KEEP";
        }
        if (answer == PageClassifier.UNKNOWN) {
            return "UNKNOWN";
        }
        String kind = PageKind.at(PageClassifier.kindOf(answer)).name();
        return PageClassifier.orderOf(answer) == 0 ? kind : kind + " " + PageClassifier.orderOf(answer);
    }

    private static long bits(PageFlags flags, String letters, String era) {
        long bits = 0;
        for (int i = 0; i < letters.length(); i++) {
            bits |= switch (letters.charAt(i)) {
                case 'L' -> flags.lru();
                case 'P' -> flags.priv();
                case 'S' -> 1L << 10;
                case 'B' -> 1L << 19;
                case 's' -> era.equals("6.12") ? 1L << 9 : flags.slab();
                case 'W' -> flags.hwpoison();
                default -> 0;
            };
        }
        return bits;
    }
}
