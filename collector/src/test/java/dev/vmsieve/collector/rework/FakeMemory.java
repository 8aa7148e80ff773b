// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.rework;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.TreeMap;

import dev.vmsieve.filter.io.CorruptDumpException;

/// Kernel memory made of a few mapped regions; everything else is not mapped. Counts what is read.
final class FakeMemory implements LogMemory {
    private final TreeMap<Long, ByteBuffer> regions = new TreeMap<>(Long::compareUnsigned);
    private final ByteOrder order;
    private long reads;

    FakeMemory(ByteOrder order) {
        this.order = order;
    }

    /// Maps zeroed memory at the address; what is put into the result is what readers see.
    ByteBuffer map(long kvaddr, int bytes) {
        ByteBuffer region = ByteBuffer.allocate(bytes).order(order);
        regions.put(kvaddr, region);
        return region;
    }

    long reads() {
        return reads;
    }

    @Override
    public void read(long kvaddr, ByteBuffer target, int targetOffset, int bytes) throws CorruptDumpException {
        reads++;
        Map.Entry<Long, ByteBuffer> region = regions.floorEntry(kvaddr);
        if (region == null || kvaddr - region.getKey() > region.getValue().capacity() - bytes) {
            throw new CorruptDumpException(
                    "[vmcore] kernel memory: address 0x" + Long.toHexString(kvaddr) + " not mapped");
        }
        target.put(targetOffset, region.getValue(), (int) (kvaddr - region.getKey()), bytes);
    }
}
