// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.kernel;

import java.nio.ByteOrder;
import java.util.OptionalLong;

import dev.vmsieve.filter.io.MissingSymbolException;

/// All that must be known of the crashed kernel to tell what a page is from its struct page; resolved once at start.
///
/// @param wordBytes bytes in an unsigned long
/// @param byteOrder byte order of memory
/// @param page the fields of struct page
/// @param flags the bits of page.flags
/// @param types the values of page_type
/// @param compound how a compound page tells its order
/// @param buddyOrders number of orders in the buddy allocator; the largest block has 2^(this - 1) pages
public record KernelLayout(int wordBytes, ByteOrder byteOrder, StructPage page, PageFlags flags, PageTypes types,
        CompoundLayout compound, int buddyOrders) {
    /// MAX_ORDER where VMCOREINFO does not tell.
    private static final int USUAL_BUDDY_ORDERS = 11;
    private static final int LARGEST_STRUCT_PAGE = 4096;

    /// Resolves the layout from VMCOREINFO, and asks the second source for fields that VMCOREINFO lacks.
    ///
    /// @throws MissingSymbolException if neither tells what cannot be done without; the message names the key
    public static KernelLayout resolve(Vmcoreinfo info, int wordBytes, ByteOrder byteOrder, TypeSource types)
            throws MissingSymbolException {
        KernelRelease release = KernelRelease.parse(info.text("OSRELEASE").orElse(""));
        StructPage page = structPage(info, types, release, wordBytes);
        return new KernelLayout(wordBytes, byteOrder, page, PageFlags.resolve(info), PageTypes.resolve(info, release),
                CompoundLayout.resolve(info, page, release, wordBytes, byteOrder),
                Math.clamp(info.length("zone.free_area").orElse(USUAL_BUDDY_ORDERS), 1, Integer.SIZE - 1));
    }

    private static StructPage structPage(Vmcoreinfo info, TypeSource types, KernelRelease release, int wordBytes)
            throws MissingSymbolException {
        int bytes = pageBytes(info, types, wordBytes);
        OptionalLong compoundInfo = info.offset("page", "compound_info");
        OptionalLong head = compoundInfo.isPresent() ? compoundInfo : info.offset("page", "compound_head");
        if (head.isEmpty() && release.atLeast(4, 6)) {
            compoundInfo = types.offset("page", "compound_info");
            head = compoundInfo.isPresent() ? compoundInfo : types.offset("page", "compound_head");
        }
        int lru = optional(info.offset("page", "lru"), bytes, wordBytes);
        int compoundHead = optional(head, bytes, wordBytes);
        if (compoundHead == StructPage.ABSENT && release.atLeast(4, 4) && !release.atLeast(4, 6)) {
            // Linux commit 1d798ca3f164 (in v4.4): compound_head shares its place with page.lru; exported since 4.6.
            compoundHead = lru;
        }
        return new StructPage(bytes, required(info, types, "flags", bytes, wordBytes),
                required(info, types, "mapping", bytes, wordBytes), field(info, types, release, "_mapcount", bytes, 4),
                field(info, types, release, "private", bytes, wordBytes), compoundHead, compoundInfo.isPresent(), lru);
    }

    private static int pageBytes(Vmcoreinfo info, TypeSource types, int wordBytes) throws MissingSymbolException {
        OptionalLong told = info.size("page");
        OptionalLong size = told.isPresent() ? told : types.size("page");
        if (size.isEmpty()) {
            throw missing(info, "SIZE(page)");
        }
        long bytes = size.getAsLong();
        if (bytes < 4L * wordBytes || bytes > LARGEST_STRUCT_PAGE || bytes % wordBytes != 0) {
            throw new MissingSymbolException("[" + info.source() + "] VMCOREINFO: SIZE(page) must be a multiple of "
                    + wordBytes + " from " + 4 * wordBytes + " to " + LARGEST_STRUCT_PAGE + " but was " + bytes);
        }
        return (int) bytes;
    }

    private static int required(Vmcoreinfo info, TypeSource types, String member, int pageBytes, int fieldBytes)
            throws MissingSymbolException {
        OptionalLong told = info.offset("page", member);
        int offset = optional(told.isPresent() ? told : types.offset("page", member), pageBytes, fieldBytes);
        if (offset == StructPage.ABSENT) {
            throw missing(info, "OFFSET(page." + member + ")");
        }
        return offset;
    }

    /// A field that kernels do not export before 3.9, and later ones always.
    private static int field(Vmcoreinfo info, TypeSource types, KernelRelease release, String member, int pageBytes,
            int fieldBytes) {
        OptionalLong told = info.offset("page", member);
        if (told.isEmpty() && release.atLeast(3, 9)) {
            told = types.offset("page", member);
        }
        return optional(told, pageBytes, fieldBytes);
    }

    /// An offset at which an aligned field lies inside the struct page; [StructPage#ABSENT] for any other.
    private static int optional(OptionalLong told, int pageBytes, int fieldBytes) {
        if (told.isEmpty()) {
            return StructPage.ABSENT;
        }
        long offset = told.getAsLong();
        return offset >= 0 && offset + fieldBytes <= pageBytes && offset % fieldBytes == 0
                ? (int) offset
                : StructPage.ABSENT;
    }

    private static MissingSymbolException missing(Vmcoreinfo info, String key) {
        return new MissingSymbolException("[" + info.source() + "] VMCOREINFO: " + key + " is missing");
    }
}
