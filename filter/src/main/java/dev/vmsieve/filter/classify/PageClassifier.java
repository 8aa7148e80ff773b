// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.classify;

import java.io.IOException;
import java.nio.ByteOrder;

import dev.vmsieve.filter.kernel.CompoundLayout.Field;
import dev.vmsieve.filter.kernel.KernelLayout;
import dev.vmsieve.filter.kernel.PageFlags;
import dev.vmsieve.filter.kernel.PageType;
import dev.vmsieve.filter.kernel.PageTypes;
import dev.vmsieve.filter.kernel.StructPage;
import dev.vmsieve.filter.memmap.StructPages;

/// Tells from a struct page whether the page, and how many after it, are left out, and as what.
///
/// The rules, in order; the first that applies wins, and a rule of a dump level's bit applies only if the bit is set:
///
/// | struct page | answer | pages |
/// |---|---|---|
/// | all bits of flags set (never initialised) | kept, as unclassified | 1 |
/// | tail of a compound page, or an alias of a head | kept, or left out with its head before | 1 |
/// | the same, with PG_hwpoison, no alias | HWPOISON | 1 |
/// | free, marked or found in a free list | FREE | 2^order |
/// | not accepted yet | FREE | largest block |
/// | on an LRU or in the swap cache, not anonymous | NON_PRIVATE_CACHE or PRIVATE_CACHE | 2^order |
/// | anonymous, or hugetlb | USER | 2^order |
/// | PG_hwpoison | HWPOISON | 2^order of a hugetlb page, else 1 |
/// | offline | OFFLINE | 2^order |
/// | anything else | KERNEL: kept | 1 |
///
/// One instance a thread. Guarded by ClassifyBenchmark.
public final class PageClassifier {
    /// Answer: keep this page.
    static final int KEEP = -1;
    /// Answer: keep this page, nothing is known of it.
    static final int UNKNOWN = -2;
    /// An answer that leaves pages out is a kind's index above this many bits that hold an order.
    private static final int ORDER_BITS = 8;
    /// No folio is larger: 1 GiB on x86_64 and 16 GiB anywhere (kernel 7.2, mm/Kconfig), with 4 KiB pages.
    private static final long LARGEST_FOLIO_BYTES = 1L << 34;
    /// Where no kernel of any architecture has an anon_vma or a KSM node below.
    private static final long LOWEST_ANON_VMA = 4096;
    /// page.mapping of a KSM page whose node of the stable tree is not there yet: flags alone.
    private static final long KSM_WITHOUT_NODE = 3;

    private final KernelLayout layout;
    private final long maxMapnr;
    private final int largestOrder;
    private final Anomalies anomalies;
    private final boolean wide;
    private final int flip;
    private final int flipByte;
    // Places in a struct page, in bytes.
    private final int pageBytes;
    private final int flagsAt;
    private final int mappingAt;
    private final int mapcountAt;
    private final int privateAt;
    private final int headAt;
    // Bits of flags.
    private final long lru;
    private final long priv;
    private final long swapCache;
    private final long slabFlag;
    private final long headFlag;
    private final long hwpoison;
    private final long buddyFlag;
    // Page types: mask, and value under it.
    private final int slabMask;
    private final int slabValue;
    private final int buddyMask;
    private final int buddyValue;
    private final int offlineMask;
    private final int offlineValue;
    private final int unacceptedMask;
    private final int unacceptedValue;
    private final PageType hugetlb;
    // Bits of the dump level.
    private final boolean takesFree;
    private final boolean takesBuddyByType;
    private final boolean takesNonPrivateCache;
    private final boolean takesCache;
    private final boolean takesUser;
    /// An aliased struct page is at a pfn that has these bits clear, if the mem_map is page aligned; -1: no aliases.
    private final long aliasMask;

    /// @param machinePageBytes bytes in a page of the crashed machine
    /// @param maxMapnr pfns, exclusive: no range reaches beyond
    /// @param anomalies counts what cannot be right
    public PageClassifier(KernelLayout layout, DumpLevel level, int machinePageBytes, long maxMapnr,
            Anomalies anomalies) {
        this.layout = layout;
        this.maxMapnr = maxMapnr;
        this.anomalies = anomalies;
        this.largestOrder = Long.numberOfTrailingZeros(LARGEST_FOLIO_BYTES / machinePageBytes);
        this.wide = layout.wordBytes() == Long.BYTES;
        boolean little = layout.byteOrder() == ByteOrder.LITTLE_ENDIAN;
        this.flip = little ? 0 : Integer.BYTES;
        this.flipByte = little ? 0 : Long.BYTES - 1;
        StructPage page = layout.page();
        this.pageBytes = page.bytes();
        this.flagsAt = page.flags();
        this.mappingAt = page.mapping();
        this.mapcountAt = page.mapcount();
        this.privateAt = page.priv();
        this.headAt = page.compoundHead();
        PageFlags flags = layout.flags();
        this.lru = flags.lru();
        this.priv = flags.priv();
        this.swapCache = flags.swapCache();
        this.slabFlag = flags.slab();
        this.headFlag = flags.head();
        this.hwpoison = flags.hwpoison();
        this.buddyFlag = privateAt >= 0 ? flags.buddy() : 0;
        PageTypes types = layout.types();
        this.slabMask = types.slab().mask();
        this.slabValue = types.slab().value();
        this.buddyMask = types.buddy().mask();
        this.buddyValue = types.buddy().value();
        this.offlineMask = types.offline().mask();
        this.offlineValue = types.offline().value();
        this.unacceptedMask = types.unaccepted().mask();
        this.unacceptedValue = types.unaccepted().value();
        this.hugetlb = mapcountAt >= 0 ? types.hugetlb() : PageType.NONE;
        this.takesFree = level.excludes(PageKind.FREE);
        this.takesBuddyByType = takesFree && types.buddy().known() && page.marksFreePages();
        this.takesNonPrivateCache = level.excludes(PageKind.NON_PRIVATE_CACHE)
                && !level.excludes(PageKind.PRIVATE_CACHE);
        this.takesCache = level.excludes(PageKind.PRIVATE_CACHE);
        this.takesUser = level.excludes(PageKind.USER);
        boolean aliases = headAt != StructPage.ABSENT && !page.maskTails() && Integer.bitCount(pageBytes) == 1;
        this.aliasMask = aliases ? machinePageBytes / pageBytes - 1L : -1;
    }

    /// True if free pages cannot be told from their struct pages and must be looked for in the free lists.
    public static boolean needsFreeLists(KernelLayout layout) {
        boolean byType = layout.types().buddy().known() && layout.page().marksFreePages();
        boolean byFlag = layout.flags().buddy() != 0 && layout.page().priv() != StructPage.ABSENT;
        return !byType && !byFlag;
    }

    /// Kind of an answer other than [#KEEP] and [#UNKNOWN].
    static int kindOf(int answer) {
        return answer >>> ORDER_BITS;
    }

    /// True for a page to be left out, as the answer says, that must not be read either.
    boolean mustNotRead(StructPages pages, long[] words, long pfn, int answer) {
        return isPoisoned(pages, words, pfn) || kindOf(answer) == PageKind.OFFLINE.index();
    }

    /// True for a page with a memory error.
    boolean isPoisoned(StructPages pages, long[] words, long pfn) {
        int at = (int) (pfn - pages.start()) * pageBytes;
        return (word(words, at + flagsAt) & hwpoison) != 0;
    }

    /// Order of the range of an answer other than [#KEEP] and [#UNKNOWN].
    static int orderOf(int answer) {
        return answer & (1 << ORDER_BITS) - 1;
    }

    private static int answer(PageKind kind, int order) {
        return kind.index() << ORDER_BITS | order;
    }

    /// Classifies one page.
    ///
    /// @param pages struct pages, the pfn's among them
    /// @param words its words
    /// @param pfn the page
    int classify(StructPages pages, long[] words, long pfn) throws IOException {
        int at = (int) (pfn - pages.start()) * pageBytes;
        long flags = word(words, at + flagsAt);
        if (headAt >= 0 && (word(words, at + headAt) & 1) != 0) {
            return tail(flags);
        }
        int mapcount = mapcountAt >= 0 ? u32(words, at + mapcountAt) : 0;
        boolean slab = (flags & slabFlag) != 0 || (mapcount & slabMask) == slabValue;
        if (takesFree) {
            boolean buddy = takesBuddyByType ? (mapcount & buddyMask) == buddyValue && !slab : (flags & buddyFlag) != 0;
            if (buddy) {
                return free(word(words, at + privateAt), pfn);
            }
            if ((mapcount & unacceptedMask) == unacceptedValue) {
                return free(layout.buddyOrders() - 1L, pfn);
            }
        }
        boolean anonymous = (word(words, at + mappingAt) & 1) != 0 && !slab;
        boolean cache = !anonymous && ((flags & lru) != 0 || (flags & swapCache) == swapCache);
        boolean offline = (mapcount & offlineMask) == offlineValue && !slab;
        boolean head = (flags & headFlag) != 0 && (pfn & 1) == 0 && pfn + 1 < pages.end();
        if (!cache && !anonymous && !offline && !head && (flags & hwpoison) == 0) {
            return KEEP;
        }
        return decide(pages, words, pfn, head, cache, anonymous, offline);
    }

    /// The rules past free pages, for a page that may be of some kind: most are not, and stay out of here.
    private int decide(StructPages pages, long[] words, long pfn, boolean head, boolean cache, boolean anonymous,
            boolean offline) throws IOException {
        int at = (int) (pfn - pages.start()) * pageBytes;
        long flags = word(words, at + flagsAt);
        if (flags == allOnes()) {
            return UNKNOWN;
        }
        if (head && isAlias(words, at, pages.structPage(pfn), pfn)) {
            return KEEP;
        }
        boolean plain = (flags & priv) == 0;
        if (cache && (takesCache || (takesNonPrivateCache && plain))) {
            PageKind kind = plain ? PageKind.NON_PRIVATE_CACHE : PageKind.PRIVATE_CACHE;
            return answer(kind, head ? order(pages, words, at, pfn) : 0);
        }
        boolean poisoned = (flags & hwpoison) != 0;
        boolean isHugetlb = head && (takesUser || poisoned) && isHugetlb(words, at);
        if (takesUser && (isHugetlb || (anonymous && !isZsmalloc(word(words, at + mappingAt))))) {
            return answer(PageKind.USER, head ? order(pages, words, at, pfn) : 0);
        }
        if (poisoned) {
            return answer(PageKind.HWPOISON, isHugetlb ? order(pages, words, at, pfn) : 0);
        }
        if (offline) {
            return answer(PageKind.OFFLINE, head ? order(pages, words, at, pfn) : 0);
        }
        return KEEP;
    }

    /// Classifies a page whose memory is not in use, perhaps never was: its struct page is believed only if it says just
    /// that, or that the memory is faulty, since the kernel leaves that mark when it takes memory offline.
    int classifyOffline(StructPages pages, long[] words, long pfn) {
        int at = (int) (pfn - pages.start()) * pageBytes;
        long flags = word(words, at + flagsAt);
        if ((flags & hwpoison) != 0 && flags != allOnes()) {
            return answer(PageKind.HWPOISON, 0);
        }
        boolean offline = mapcountAt >= 0 && (u32(words, at + mapcountAt) & offlineMask) == offlineValue;
        return offline ? answer(PageKind.OFFLINE, 0) : UNKNOWN;
    }

    private int tail(long flags) {
        if (flags == allOnes()) {
            return UNKNOWN;
        }
        return (flags & hwpoison) != 0 ? answer(PageKind.HWPOISON, 0) : KEEP;
    }

    /// True for a mapping that is no address: zsmalloc put class and fullness of a zspage there until 4.7 (Linux commit
    /// 3783689a1aa8, in v4.8).
    private static boolean isZsmalloc(long mapping) {
        return mapping >= 0 && mapping < LOWEST_ANON_VMA && mapping != KSM_WITHOUT_NODE;
    }

    private long allOnes() {
        return wide ? -1L : 0xffff_ffffL;
    }

    private int free(long order, long pfn) {
        if (Long.compareUnsigned(order, layout.buddyOrders()) >= 0 || (pfn & (1L << order) - 1) != 0
                || pfn + (1L << order) > maxMapnr) {
            anomalies.countFreeOrder();
            return KEEP;
        }
        return answer(PageKind.FREE, (int) order);
    }

    /// Order of a compound page; 0, and an anomaly, if what its first tail says cannot be.
    private int order(StructPages pages, long[] words, int at, long pfn) throws IOException {
        Field field = layout.compound().order();
        long order = field(words, at + pageBytes, field);
        if (order == 0) {
            return 0;
        }
        if (Long.compareUnsigned(order, largestOrder) > 0 || (pfn & (1L << order) - 1) != 0
                || pfn + (1L << order) > maxMapnr || !isTailOf(pages, words, pfn + (1L << order) - 1, pfn)) {
            anomalies.countCompoundOrder();
            return 0;
        }
        return (int) order;
    }

    /// True if the last page of a compound page says that it belongs to the head, or if this kernel cannot say.
    private boolean isTailOf(StructPages pages, long[] words, long last, long head) throws IOException {
        if (headAt < 0) {
            return head != 0;
        }
        long pointer = last < pages.end()
                ? word(words, (int) (last - pages.start()) * pageBytes + headAt)
                : pages.wordOf(last, headAt, 0);
        if ((pointer & 1) == 0) {
            return false;
        }
        long headPage = pages.structPage(head) & allOnes();
        long masked = pages.structPage(last) & (pointer - 1) & allOnes();
        return pointer - 1 == headPage || (layout.page().maskTails() && masked == headPage);
    }

    private boolean isHugetlb(long[] words, int at) {
        if (hugetlb.known()) {
            return hugetlb.matches(u32(words, at + mapcountAt));
        }
        Field field = layout.compound().hugetlb();
        return field.bytes() != 0 && (field(words, at + pageBytes, field) & layout.compound().hugetlbMask()) == layout
                .compound().hugetlbValue();
    }

    /// True for a struct page that only mirrors a head: all but the first page of a hugetlb page's struct pages may be
    /// aliases of the first (Linux commit e7d324850bfc, in v5.18, to v7.0), or stale copies of it once they were taken
    /// apart again. An alias's neighbour is a tail of another head; a copy's order does not fit its place.
    private boolean isAlias(long[] words, int at, long structPage, long pfn) {
        if (aliasMask < 0 || (pfn & aliasMask) != 0) {
            return false;
        }
        long next = word(words, at + pageBytes + headAt);
        if ((next & 1) != 0) {
            return next - 1 != (structPage & allOnes());
        }
        long order = field(words, at + pageBytes, layout.compound().order());
        return order > 0 && order <= largestOrder && (pfn & (1L << order) - 1) != 0;
    }

    private long field(long[] words, int at, Field field) {
        int from = at + field.offset();
        return switch (field.bytes()) {
            case 1 -> words[from >>> 3] >>> (((from ^ flipByte) & 7) << 3) & 0xff;
            case 2 -> words[from >>> 3] >>> (((from ^ (flipByte & 6)) & 6) << 3) & 0xffff;
            case 4 -> Integer.toUnsignedLong(u32(words, from));
            case 8 -> word(words, from);
            default -> 0;
        };
    }

    private long word(long[] words, int at) {
        long word = words[at >>> 3];
        return wide ? word : word >>> (((at ^ flip) & 4) << 3) & 0xffff_ffffL;
    }

    private int u32(long[] words, int at) {
        return (int) (words[at >>> 3] >>> (((at ^ flip) & 4) << 3));
    }
}
