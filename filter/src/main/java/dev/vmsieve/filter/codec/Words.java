// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.codec;

/// Arithmetic on words of eight bytes, read with the first byte lowest.
final class Words {
    private static final long LOW_BITS = 0x0101010101010101L;

    private Words() {}

    /// How many bytes two words have in common from the first on, given their difference, which is not 0.
    ///
    /// As `Long.numberOfTrailingZeros` by 8, but without a branch for C1, which has no instruction for that: all bits of
    /// the bytes before the difference are made ones, one of each is kept, and the product sums them up.
    static int equalBytes(long difference) {
        return (int) ((((difference ^ (difference - 1)) & (LOW_BITS - 1)) * LOW_BITS) >>> 56);
    }
}
