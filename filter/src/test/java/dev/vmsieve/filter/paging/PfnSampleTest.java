// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.paging;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PfnSampleTest {
    private static final int FEW = PfnSample.MOST;
    private static final int MANY = 100 * PfnSample.MOST;

    @Test
    void keepsAllWhenTheyAreFew() {
        PfnSample sample = new PfnSample();
        for (int i = 0; i < FEW; i++) {
            sample.add(i * 512L);
            sample.add(i * 512L);
        }
        assertThat(sample.pfns()).hasSize(FEW);
    }

    @Test
    void keepsTheSameOfManyInAnyOrderAndHoweverManySetsAreJoined() {
        PfnSample rising = new PfnSample();
        PfnSample falling = new PfnSample();
        PfnSample[] parts = {new PfnSample(), new PfnSample(), new PfnSample()};
        for (int i = 0; i < MANY; i++) {
            rising.add(i);
            falling.add(MANY - 1 - i);
            parts[i < MANY / 200 ? 0 : 1 + i % 2].add(i);
        }
        assertThat(rising.pfns().size()).isBetween(FEW / 3, FEW);
        assertThat(falling.pfns()).isEqualTo(rising.pfns());
        PfnSample joined = new PfnSample();
        for (PfnSample part : parts) {
            joined.addAll(part);
        }
        assertThat(joined.pfns()).isEqualTo(rising.pfns());
        PfnSample otherWay = new PfnSample();
        otherWay.addAll(parts[2]);
        otherWay.addAll(parts[0]);
        otherWay.addAll(parts[1]);
        assertThat(otherWay.pfns()).isEqualTo(rising.pfns());
    }
}
