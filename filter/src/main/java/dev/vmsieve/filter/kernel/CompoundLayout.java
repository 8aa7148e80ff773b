// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.kernel;

import java.nio.ByteOrder;
import java.util.OptionalLong;

/// How the first tail page of a compound page tells the compound page's order, and whether it is hugetlb.
///
/// Every era's rule comes down to reading two fields of the first tail; where the head's page type tells hugetlb
/// ([PageTypes#hugetlb]), the second is not asked. Order is 0 if the kernel gives no way to know it.
///
/// @param order where the order lies in the first tail; [Field#NONE] if unknown
/// @param hugetlb where the sign of hugetlb lies in the first tail; [Field#NONE] if there is none
/// @param hugetlbMask which bits of it count
/// @param hugetlbValue what they are in a hugetlb page
public record CompoundLayout(Field order, Field hugetlb, long hugetlbMask, long hugetlbValue) {
    /// Bits of a struct page.
    ///
    /// @param offset in bytes
    /// @param bytes 1, 2, 4 or 8; 0 if there is no such field
    public record Field(int offset, int bytes) {
        /// No such field.
        public static final Field NONE = new Field(0, 0);
    }

    /// HUGETLB_PAGE_DTOR in 4.4 and 4.5, which do not export it.
    private static final long HUGETLB_DTOR = 2;

    private static CompoundLayout ofOrder(Field order) {
        return new CompoundLayout(order, Field.NONE, 0, 0);
    }

    private static CompoundLayout ofDtor(Field order, Field dtor, OptionalLong hugetlb) {
        if (hugetlb.isEmpty()) {
            return ofOrder(order);
        }
        return new CompoundLayout(order, dtor, -1L, hugetlb.getAsLong());
    }

    /// Takes the first rule whose keys are there; only where there is none, the release decides.
    static CompoundLayout resolve(Vmcoreinfo info, StructPage page, KernelRelease release, int wordBytes,
            ByteOrder byteOrder) {
        int lowByte = byteOrder == ByteOrder.LITTLE_ENDIAN ? 0 : wordBytes - 1;
        Field lowByteOfFlags = new Field(page.flags() + lowByte, 1);
        if (info.number("PAGE_HUGETLB_MAPCOUNT_VALUE").isPresent()) {
            return ofOrder(lowByteOfFlags);
        }
        OptionalLong hugetlbFlag = info.number("PG_hugetlb");
        if (hugetlbFlag.isPresent()) {
            long mask = PageFlags.bitOrNone(hugetlbFlag);
            return new CompoundLayout(lowByteOfFlags, new Field(page.flags(), wordBytes), mask, mask);
        }
        OptionalLong folioOrder = info.offset("folio", "_folio_order");
        OptionalLong folioDtor = info.offset("folio", "_folio_dtor");
        OptionalLong hugetlbDtor = info.number("HUGETLB_PAGE_DTOR");
        if (folioOrder.isPresent() && folioDtor.isPresent()) {
            return ofDtor(inTail(folioOrder.getAsLong(), 1, page), inTail(folioDtor.getAsLong(), 1, page), hugetlbDtor);
        }
        OptionalLong order = info.offset("page", "compound_order");
        OptionalLong dtor = info.offset("page", "compound_dtor");
        if (order.isPresent() && dtor.isPresent()) {
            int width = width(Math.abs(order.getAsLong() - dtor.getAsLong()));
            return ofDtor(within(order.getAsLong(), width, page), within(dtor.getAsLong(), width, page), hugetlbDtor);
        }
        return byRelease(info, page, release, wordBytes, lowByteOfFlags);
    }

    private static CompoundLayout byRelease(Vmcoreinfo info, StructPage page, KernelRelease release, int wordBytes,
            Field lowByteOfFlags) {
        if (release.atLeast(6, 6)) {
            return ofOrder(lowByteOfFlags);
        }
        if (page.lru() == StructPage.ABSENT || release.atLeast(4, 6)) {
            return ofOrder(Field.NONE);
        }
        int lru = page.lru();
        if (release.atLeast(4, 4)) {
            return wordBytes == Long.BYTES
                    ? new CompoundLayout(within(lru + 12L, 4, page), within(lru + 8L, 4, page), -1L, HUGETLB_DTOR)
                    : ofOrder(Field.NONE);
        }
        long next = info.offset("list_head", "next").orElse(0);
        long prev = info.offset("list_head", "prev").orElse(wordBytes);
        OptionalLong freeHugePage = info.symbol("free_huge_page");
        return ofDtor(within(lru + prev, wordBytes, page), within(lru + next, wordBytes, page), freeHugePage);
    }

    /// Offsets of struct folio count from the head; the first tail follows it.
    private static Field inTail(long folioOffset, int bytes, StructPage page) {
        return within(folioOffset - page.bytes(), bytes, page);
    }

    /// An aligned field that lies inside the struct page; [Field#NONE] for any other.
    private static Field within(long offset, int bytes, StructPage page) {
        return offset >= 0 && offset <= page.bytes() - bytes && offset % bytes == 0
                ? new Field((int) offset, bytes)
                : Field.NONE;
    }

    /// The two fields are neighbours of one width.
    private static int width(long distance) {
        return distance == 1 || distance == 2 || distance == 4 ? (int) distance : 1;
    }
}
