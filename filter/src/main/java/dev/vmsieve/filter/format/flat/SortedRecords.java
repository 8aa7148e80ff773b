// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.format.flat;

/// Records of a flattened file by place in the dump file, which are read one after the other. For one thread.
interface SortedRecords {
    int size();

    /// Place in the dump file.
    long start(int index);

    long bytes(int index);

    /// Place in the flattened file.
    long source(int index);
}
