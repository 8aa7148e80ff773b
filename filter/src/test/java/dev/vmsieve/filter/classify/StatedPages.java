// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.classify;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

import dev.vmsieve.filter.kernel.CompoundLayout.Field;
import dev.vmsieve.filter.kernel.KernelLayout;
import dev.vmsieve.filter.kernel.StructPage;
import dev.vmsieve.filter.memmap.StructPages;

/// Struct pages of pfns from 0 on that a test writes field by field, in any layout.
final class StatedPages implements StructPages {
    private static final long BASE = 0xffffea0000000000L;

    private final KernelLayout layout;
    private final ByteBuffer bytes;
    private final int count;

    StatedPages(KernelLayout layout, int count) {
        this.layout = layout;
        this.count = count;
        this.bytes = ByteBuffer.allocate((count * layout.page().bytes() + 7) & -8).order(layout.byteOrder());
        for (int pfn = 0; pfn < count; pfn++) {
            if (layout.page().mapcount() != StructPage.ABSENT) {
                mapcount(pfn, -1);
            }
        }
    }

    StatedPages flags(int pfn, long flags) {
        return word(pfn, layout.page().flags(), flags);
    }

    StatedPages mapping(int pfn, long mapping) {
        return word(pfn, layout.page().mapping(), mapping);
    }

    StatedPages mapcount(int pfn, int mapcount) {
        bytes.putInt(pfn * layout.page().bytes() + layout.page().mapcount(), mapcount);
        return this;
    }

    StatedPages priv(int pfn, long priv) {
        return word(pfn, layout.page().priv(), priv);
    }

    StatedPages head(int pfn, long value) {
        return word(pfn, layout.page().compoundHead(), value);
    }

    /// Makes a compound page of 2^order pages whose tails point to the head, where the era has such a pointer.
    StatedPages compound(int head, int order) {
        flags(head, word(head, layout.page().flags()) | layout.flags().head());
        if (layout.page().compoundHead() != StructPage.ABSENT) {
            for (int tail = head + 1; tail < head + (1 << order); tail++) {
                head(tail, layout.page().maskTails()
                        ? -((long) layout.page().bytes() << order) | 1
                        : structPage(head) + 1);
            }
        }
        return field(head + 1, layout.compound().order(), order);
    }

    /// Writes the sign of hugetlb, wherever the era has it.
    StatedPages hugetlb(int head) {
        if (layout.types().hugetlb().known()) {
            return mapcount(head, layout.types().hugetlb().value());
        }
        Field field = layout.compound().hugetlb();
        long old = read(head + 1, field);
        return field(head + 1, field, layout.compound().hugetlbMask() == -1
                ? layout.compound().hugetlbValue()
                : old | layout.compound().hugetlbValue());
    }

    StatedPages field(int pfn, Field field, long value) {
        int at = pfn * layout.page().bytes() + field.offset();
        switch (field.bytes()) {
            case 1 -> bytes.put(at, (byte) value);
            case 2 -> bytes.putShort(at, (short) value);
            case 4 -> bytes.putInt(at, (int) value);
            case 8 -> word(pfn, field.offset(), value);
            default -> throw new IllegalArgumentException("this era has no such field");
        }
        return this;
    }

    StatedPages word(int pfn, int offset, long value) {
        int at = pfn * layout.page().bytes() + offset;
        if (layout.wordBytes() == Long.BYTES) {
            bytes.putLong(at, value);
        } else {
            bytes.putInt(at, (int) value);
        }
        return this;
    }

    private long read(int pfn, Field field) {
        int at = pfn * layout.page().bytes() + field.offset();
        return switch (field.bytes()) {
            case 4 -> bytes.getInt(at);
            case 8 -> bytes.getLong(at);
            default -> bytes.get(at);
        };
    }

    private long word(int pfn, int offset) {
        int at = pfn * layout.page().bytes() + offset;
        return layout.wordBytes() == Long.BYTES ? bytes.getLong(at) : Integer.toUnsignedLong(bytes.getInt(at));
    }

    @Override
    public long start() {
        return 0;
    }

    @Override
    public long end() {
        return count;
    }

    @Override
    public long[] words() {
        long[] words = new long[bytes.capacity() / Long.BYTES];
        bytes.asLongBuffer().get(0, words);
        return words;
    }

    @Override
    public long structPage(long pfn) {
        return BASE + pfn * layout.page().bytes();
    }

    @Override
    public long wordOf(long pfn, int offset, long fallback) {
        return pfn < count ? word((int) pfn, offset) : fallback;
    }

    /// The byte order in use, for messages.
    ByteOrder order() {
        return bytes.order();
    }
}
