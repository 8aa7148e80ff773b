// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.classify;

/// Struct pages that contradict themselves or their neighbours, counted while scanning; written by one thread.
public final class Anomalies {
    private long freeOrders;
    private long compoundOrders;

    void countFreeOrder() {
        freeOrders++;
    }

    void countCompoundOrder() {
        compoundOrders++;
    }

    /// Free blocks whose order is too large, or does not fit their place; they are kept.
    public long freeOrders() {
        return freeOrders;
    }

    /// Compound pages whose order is impossible, or whose last page is not theirs; taken for a single page.
    public long compoundOrders() {
        return compoundOrders;
    }

    void add(Anomalies other) {
        freeOrders += other.freeOrders;
        compoundOrders += other.compoundOrders;
    }

    void clear() {
        freeOrders = 0;
        compoundOrders = 0;
    }
}
