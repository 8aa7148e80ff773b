// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.BitSet;

import org.junit.jupiter.api.Test;

class PageProofTest {
    @Test
    void saysThatBothHoldTheSame() {
        assertThat(PageProof.line(proof(0, 1, 5), proof(0, 1, 5)))
                .isEqualTo("both hold the same 2 pages, each with the vmcore's bytes");
    }

    @Test
    void countsPagesOfOneOnly() {
        assertThat(PageProof.line(proof(0, 1, 5, 6), proof(0, 5, 7))).isEqualTo(
                "pages held by both 1, by ours only 2, by the peer's only 1, each with the vmcore's bytes");
    }

    @Test
    void countsWrongPages() {
        assertThat(PageProof.line(proof(3, 1), proof(4, 1))).isEqualTo("both hold the same 1 pages, with other bytes"
                + " than the vmcore's: 3 of ours, 4 of the peer's");
    }

    @Test
    void asksEachPageOnce() throws IOException {
        BitSet pages = new BitSet();
        pages.set(3);
        pages.set(16_383, 16_390);
        pages.set(50_000);
        assertThat(PageProof.count(pages, pfn -> pfn % 2 == 0)).isEqualTo(5);
        assertThat(PageProof.count(pages, pfn -> false)).isEqualTo(9);
    }

    private static PageProof proof(long wrong, int... pfns) {
        BitSet pages = new BitSet();
        for (int pfn : pfns) {
            pages.set(pfn);
        }
        return new PageProof(pages, wrong);
    }
}
