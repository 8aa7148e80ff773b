// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;

import org.junit.jupiter.api.Test;

class SamplesTest {
    @Test
    void takesTheMiddleValueOfAnOddNumber() {
        assertThat(new Samples(List.of(9.0, 1.0, 3.0)).median()).isEqualTo(3);
    }

    @Test
    void takesTheMeanOfTheTwoMiddleValuesOfAnEvenNumber() {
        assertThat(new Samples(List.of(9.0, 1.0, 3.0, 4.0)).median()).isEqualTo(3.5);
    }

    @Test
    void tellsTheSpread() {
        Samples samples = new Samples(List.of(2.0, 7.0, 1.5));
        assertThat(samples.least()).isEqualTo(1.5);
        assertThat(samples.greatest()).isEqualTo(7);
    }

    @Test
    void dividesRoundByRound() {
        Samples slowMachine = new Samples(List.of(2.0, 20.0, 4.0));
        assertThat(slowMachine.dividedBy(new Samples(List.of(1.0, 10.0, 2.0))).values()).containsExactly(2.0, 2.0, 2.0);
    }

    @Test
    void rejectsRoundsWithoutCounterpart() {
        assertThatThrownBy(() -> new Samples(List.of(1.0, 2.0)).dividedBy(new Samples(List.of(1.0))))
                .hasMessage("2 rounds against 1");
    }

    @Test
    void rejectsNoSamples() {
        assertThatThrownBy(() -> new Samples(List.of())).hasMessage("no samples");
    }
}
