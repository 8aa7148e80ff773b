// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.classify;

import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

import dev.vmsieve.filter.io.MissingSymbolException;
import dev.vmsieve.filter.kernel.KernelLayout;
import dev.vmsieve.filter.kernel.TypeSource;
import dev.vmsieve.filter.kernel.Vmcoreinfo;

/// What kernels of each time tell in VMCOREINFO about struct page, as far as it bears on page kinds.
final class Eras {
    private static final String COMMON = """
            SIZE(page)=64
            OFFSET(page.flags)=0
            OFFSET(page.mapping)=24
            OFFSET(page.lru)=8
            OFFSET(list_head.next)=0
            OFFSET(list_head.prev)=8
            LENGTH(zone.free_area)=11
            NUMBER(PG_lru)=4
            NUMBER(PG_private)=13
            NUMBER(PG_swapcache)=10
            NUMBER(PG_swapbacked)=19
            NUMBER(PG_head_mask)=65536
            NUMBER(PG_hwpoison)=23
            """;
    private static final String MARKED = """
            OFFSET(page._mapcount)=48
            OFFSET(page.private)=40
            """;
    private static final String CLEARED_BITS = """
            NUMBER(PG_slab)=9
            NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-129
            NUMBER(PAGE_OFFLINE_MAPCOUNT_VALUE)=-257
            """;

    private Eras() {}

    /// VMCOREINFO of the era that begins with this release.
    static String text(String release) {
        String head = "OSRELEASE=" + release + ".0-test\n" + COMMON;
        return switch (release) {
            case "3.2" -> head + "SYMBOL(free_huge_page)=ffffffff81200000\nNUMBER(PG_slab)=9\n";
            case "4.4" -> head + MARKED + "NUMBER(PG_slab)=9\nNUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-128\n";
            case "4.15" -> head + MARKED + """
                    NUMBER(PG_slab)=9
                    NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-128
                    OFFSET(page.compound_head)=8
                    OFFSET(page.compound_dtor)=40
                    OFFSET(page.compound_order)=44
                    NUMBER(HUGETLB_PAGE_DTOR)=2
                    """;
            case "6.1" -> head + MARKED + CLEARED_BITS + """
                    OFFSET(page.compound_head)=8
                    OFFSET(page.compound_dtor)=16
                    OFFSET(page.compound_order)=17
                    NUMBER(HUGETLB_PAGE_DTOR)=2
                    """;
            case "6.4" -> head + MARKED + CLEARED_BITS + """
                    OFFSET(page.compound_head)=8
                    OFFSET(folio._folio_dtor)=80
                    OFFSET(folio._folio_order)=81
                    NUMBER(HUGETLB_PAGE_DTOR)=2
                    """;
            case "6.6" -> head + MARKED + CLEARED_BITS + """
                    OFFSET(page.compound_head)=8
                    NUMBER(PG_hugetlb)=8
                    """;
            case "6.9" -> head + MARKED + CLEARED_BITS + """
                    OFFSET(page.compound_head)=8
                    NUMBER(PAGE_HUGETLB_MAPCOUNT_VALUE)=-2049
                    """;
            case "6.12" -> head + MARKED + """
                    OFFSET(page.compound_head)=8
                    NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-268435456
                    NUMBER(PAGE_OFFLINE_MAPCOUNT_VALUE)=-251658240
                    NUMBER(PAGE_HUGETLB_MAPCOUNT_VALUE)=-201326592
                    NUMBER(PAGE_SLAB_MAPCOUNT_VALUE)=-184549376
                    """;
            case "7.2" -> head + MARKED + """
                    OFFSET(page.compound_info)=8
                    NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-268435456
                    NUMBER(PAGE_OFFLINE_MAPCOUNT_VALUE)=-251658240
                    NUMBER(PAGE_HUGETLB_MAPCOUNT_VALUE)=-201326592
                    NUMBER(PAGE_SLAB_MAPCOUNT_VALUE)=-184549376
                    NUMBER(PAGE_UNACCEPTED_MAPCOUNT_VALUE)=-150994944
                    """;
            default -> throw new IllegalArgumentException(release);
        };
    }

    /// Layout of a 64-bit little-endian kernel of the era.
    static KernelLayout layout(String release) {
        return layout(text(release), ByteOrder.LITTLE_ENDIAN);
    }

    /// Layout of a 64-bit kernel with this VMCOREINFO.
    static KernelLayout layout(String text, ByteOrder order) {
        try {
            Vmcoreinfo info = Vmcoreinfo.parse("test", text.getBytes(StandardCharsets.US_ASCII));
            return KernelLayout.resolve(info, Long.BYTES, order, TypeSource.NONE);
        } catch (MissingSymbolException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
