// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.extent;

/// Extents by place, which are read one after the other. For one thread.
interface SortedExtents {
    int size();

    long start(int index);

    long bytes(int index);

    /// Place in the source.
    long source(int index);
}
