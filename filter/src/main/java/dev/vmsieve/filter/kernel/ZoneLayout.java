// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.kernel;

import java.util.Optional;
import java.util.OptionalLong;

/// Where the buddy allocator's zones and free lists lie; offsets and sizes in bytes.
///
/// @param nodeZones pglist_data.node_zones
/// @param zoneCount pglist_data.nr_zones, an int
/// @param zoneBytes SIZE(zone)
/// @param spannedPages zone.spanned_pages, a word
/// @param freeArea zone.free_area
/// @param freeAreaBytes SIZE(free_area)
/// @param freeList free_area.free_list
/// @param listTypes number of lists of one order
/// @param listBytes SIZE(list_head)
/// @param listNext list_head.next
/// @param listPrev list_head.prev
/// @param freeCount where in a zone the number of its free pages lies, a word; negative if not told
public record ZoneLayout(long nodeZones, long zoneCount, long zoneBytes, long spannedPages, long freeArea,
        long freeAreaBytes, long freeList, long listTypes, long listBytes, long listNext, long listPrev,
        long freeCount) {
    private static final long MOST_LIST_TYPES = 64;

    /// Empty if VMCOREINFO lacks any of it; only the number of free pages may be missing.
    public static Optional<ZoneLayout> resolve(Vmcoreinfo info, int wordBytes) {
        long[] told = {value(info.offset("pglist_data", "node_zones")), value(info.offset("pglist_data", "nr_zones")),
                value(info.size("zone")), value(info.offset("zone", "spanned_pages")),
                value(info.offset("zone", "free_area")), value(info.size("free_area")),
                value(info.offset("free_area", "free_list")), value(info.size("list_head")),
                value(info.offset("list_head", "next")), value(info.offset("list_head", "prev"))};
        for (long number : told) {
            if (number < 0) {
                return Optional.empty();
            }
        }
        long types = Math.clamp(info.length("free_area.free_list").orElse(1), 1, MOST_LIST_TYPES);
        return Optional.of(new ZoneLayout(told[0], told[1], told[2], told[3], told[4], told[5], told[6], types,
                told[7], told[8], told[9], freeCount(info, wordBytes)));
    }

    private static long freeCount(Vmcoreinfo info, int wordBytes) {
        OptionalLong stats = info.offset("zone", "vm_stat");
        OptionalLong index = info.number("NR_FREE_PAGES");
        if (stats.isPresent() && index.isPresent()) {
            return stats.getAsLong() + index.getAsLong() * wordBytes;
        }
        return value(info.offset("zone", "free_pages"));
    }

    private static long value(OptionalLong told) {
        return told.orElse(-1);
    }
}
