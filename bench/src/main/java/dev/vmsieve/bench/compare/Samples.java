// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.bench.compare;

import java.util.ArrayList;
import java.util.List;

/// Values of one quantity, one a round.
public record Samples(List<Double> values) {
    /// Of one or more rounds.
    public Samples {
        if (values.isEmpty()) {
            throw new IllegalArgumentException("no samples");
        }
        values = List.copyOf(values);
    }

    /// The middle value; between two of them, their mean.
    public double median() {
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    /// The least value.
    public double least() {
        return values.stream().min(Double::compare).orElseThrow();
    }

    /// The greatest value.
    public double greatest() {
        return values.stream().max(Double::compare).orElseThrow();
    }

    /// Round by round, these values divided by the other's.
    Samples dividedBy(Samples other) {
        if (values.size() != other.values.size()) {
            throw new IllegalArgumentException(values.size() + " rounds against " + other.values.size());
        }
        List<Double> quotients = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            quotients.add(values.get(i) / other.values.get(i));
        }
        return new Samples(quotients);
    }
}
