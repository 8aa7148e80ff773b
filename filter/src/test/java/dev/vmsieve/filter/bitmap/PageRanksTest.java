// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.bitmap;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PageRanksTest {
    private static final long CHUNK = PageBitmap.CHUNK_PFNS;

    @Test
    void countsTheBitsBelow() {
        PageBitmap pages = new PageBitmap(5 * CHUNK + 100);
        pages.setRange(3, 20);
        pages.setRange(CHUNK, 2 * CHUNK);
        for (long pfn = 4 * CHUNK; pfn < pages.size(); pfn += 777) {
            pages.set(pfn);
        }
        pages.set(pages.size() - 1);
        PageRanks ranks = new PageRanks(pages);
        for (long pfn = 0; pfn < pages.size(); pfn += 9973) {
            assertThat(ranks.below(pfn)).as("below %d", pfn).isEqualTo(pages.cardinality(0, pfn));
        }
        assertThat(ranks.below(pages.size() - 1)).isEqualTo(pages.cardinality() - 1);
        assertThat(ranks.below(pages.size())).isEqualTo(pages.cardinality());
        assertThat(ranks.total()).isEqualTo(pages.cardinality());
    }

    @Test
    void countsFullBlocks() {
        PageBitmap pages = new PageBitmap(3 * CHUNK);
        pages.setRange(0, pages.size());
        PageRanks ranks = new PageRanks(pages);
        for (long pfn = 0; pfn < pages.size(); pfn += 4099) {
            assertThat(ranks.below(pfn)).isEqualTo(pfn);
        }
        assertThat(ranks.total()).isEqualTo(pages.size());
    }

    @Test
    void countsOnFromTheLastPfnAndBackToAnEarlierOne() {
        PageBitmap pages = new PageBitmap(2 * CHUNK);
        for (long pfn = 5; pfn < pages.size(); pfn += 3) {
            pages.set(pfn);
        }
        PageRanks.Cursor cursor = new PageRanks(pages).cursor();
        for (long pfn : new long[]{0, 0, 6, 6, 4000, 8096, 12_193, CHUNK + 1, CHUNK + 900, 7, 11, 2 * CHUNK, 8}) {
            assertThat(cursor.below(pfn)).as("below %d", pfn).isEqualTo(pages.cardinality(0, pfn));
        }
    }

    @Test
    void countsNoneWhereThereAreNone() {
        assertThat(new PageRanks(new PageBitmap(0)).total()).isZero();
        assertThat(new PageRanks(new PageBitmap(3 * CHUNK)).below(2 * CHUNK + 5)).isZero();
    }
}
