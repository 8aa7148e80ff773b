// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.BitSet;

import org.junit.jupiter.api.Test;

import dev.vmsieve.bench.compare.PageProof.Verdict;

class PageProofTest {
    @Test
    void saysThatBothHoldTheSame() {
        assertThat(PageProof.compare(proof(0, 1, 5), proof(0, 1, 5))).isEqualTo(
                new Verdict("both hold the same 2 pages, each with the vmcore's bytes", true));
    }

    @Test
    void countsPagesOfOneOnly() {
        assertThat(PageProof.compare(proof(0, 1, 5, 6), proof(0, 5, 7))).isEqualTo(new Verdict(
                "pages held by both 1, by ours only 2, by the peer's only 1, each with the vmcore's bytes", false));
    }

    @Test
    void countsWrongPages() {
        assertThat(PageProof.compare(proof(3, 1), proof(4, 1))).isEqualTo(new Verdict("both hold the same 1 pages, with"
                + " other bytes than the vmcore's: 3 of ours, 4 of the peer's", false));
        assertThat(PageProof.compare(proof(0, 1), proof(4, 1)).holds()).as("only the peer's are wrong").isTrue();
    }

    @Test
    void lacksAFewPagesAtMost() {
        BitSet many = new BitSet();
        many.set(0, 3000);
        assertThat(PageProof.compare(without(many, 0, 3), new PageProof(many, 0, 0)).holds()).isFalse();
        assertThat(PageProof.compare(without(many, 0, 2), new PageProof(many, 0, 0)).holds()).isTrue();
        assertThat(PageProof.compare(new PageProof(many, 0, 4), new PageProof(many, 0, 0)).holds()).isFalse();
        assertThat(PageProof.compare(new PageProof(many, 0, 3), new PageProof(many, 0, 0))).isEqualTo(new Verdict(
                "both hold the same 3000 pages, each with the vmcore's bytes, but for zeroes instead in 3 of ours, 0 of"
                        + " the peer's",
                true));
    }

    private static PageProof without(BitSet pages, int from, int to) {
        BitSet fewer = (BitSet) pages.clone();
        fewer.clear(from, to);
        return new PageProof(fewer, 0, 0);
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
        return new PageProof(pages, wrong, 0);
    }
}
