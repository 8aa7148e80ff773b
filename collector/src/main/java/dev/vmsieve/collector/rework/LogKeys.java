// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.rework;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.OptionalLong;

import dev.vmsieve.filter.io.CorruptDumpException;
import dev.vmsieve.filter.io.MissingSymbolException;
import dev.vmsieve.filter.kernel.Vmcoreinfo;

/// Where the log is and how it is laid out: VMCOREINFO's keys, each asked for by name, and the variables they point to.
/// One thread.
final class LogKeys {
    /// Largest structure that makes sense; real ones have 16 to 112 bytes.
    private static final int MAX_STRUCT = 4096;

    private final String name;
    private final Vmcoreinfo vmcoreinfo;
    private final LogMemory memory;
    private final int wordBytes;
    private final ByteBuffer word;

    /// @param name the dump's name for messages
    /// @param wordBytes bytes in the crashed kernel's unsigned long: 4 or 8
    LogKeys(String name, Vmcoreinfo vmcoreinfo, LogMemory memory, int wordBytes, ByteOrder order) {
        this.name = name;
        this.vmcoreinfo = vmcoreinfo;
        this.memory = memory;
        this.wordBytes = wordBytes;
        this.word = ByteBuffer.allocateDirect(Long.BYTES).order(order);
    }

    String name() {
        return name;
    }

    LogMemory memory() {
        return memory;
    }

    int wordBytes() {
        return wordBytes;
    }

    ByteOrder order() {
        return word.order();
    }

    /// True if VMCOREINFO knows the symbol; an address of 0 is makedumpfile's way to say that it does not.
    boolean has(String symbol) {
        return vmcoreinfo.symbol(symbol).orElse(0) != 0;
    }

    boolean hasSize(String struct) {
        return vmcoreinfo.size(struct).isPresent();
    }

    long symbol(String symbol) throws MissingSymbolException {
        if (!has(symbol)) {
            throw missing("SYMBOL(" + symbol + ")");
        }
        return vmcoreinfo.symbol(symbol).orElse(0);
    }

    int size(String struct) throws IOException {
        String key = "SIZE(" + struct + ")";
        long size = vmcoreinfo.size(struct).orElseThrow(() -> missing(key));
        return (int) check(key, size, 1, MAX_STRUCT);
    }

    int offset(String struct, String member) throws IOException {
        String key = "OFFSET(" + struct + "." + member + ")";
        long offset = vmcoreinfo.offset(struct, member).orElseThrow(() -> missing(key));
        return (int) check(key, offset, 0, MAX_STRUCT);
    }

    /// Offset of a member that must lie within a structure of that many bytes.
    int offset(String struct, String member, int memberBytes, int structBytes) throws IOException {
        int offset = offset(struct, member);
        check("OFFSET(" + struct + "." + member + ")", offset, 0, structBytes - memberBytes);
        return offset;
    }

    /// The same for a member that some kernels do not have: -1.
    int optionalOffset(String struct, String member, int memberBytes, int structBytes) throws IOException {
        OptionalLong offset = vmcoreinfo.offset(struct, member);
        return offset.isPresent() ? offset(struct, member, memberBytes, structBytes) : -1;
    }

    long wordAt(long kvaddr) throws IOException {
        memory.read(kvaddr, word, 0, wordBytes);
        return wordIn(word, 0);
    }

    int u32At(long kvaddr) throws IOException {
        memory.read(kvaddr, word, 0, Integer.BYTES);
        return word.getInt(0);
    }

    long u64At(long kvaddr) throws IOException {
        memory.read(kvaddr, word, 0, Long.BYTES);
        return word.getLong(0);
    }

    /// The unsigned long at the place in bytes read before.
    long wordIn(ByteBuffer bytes, int at) {
        return wordBytes == Long.BYTES ? bytes.getLong(at) : bytes.getInt(at) & 0xffff_ffffL;
    }

    /// The value, if it lies between the bounds, both inclusive.
    long check(String what, long value, long min, long max) throws CorruptDumpException {
        if (value < min || value > max) {
            throw corrupt(what + " must be " + min + " to " + max + " but was " + value);
        }
        return value;
    }

    CorruptDumpException corrupt(String what) {
        return new CorruptDumpException("[" + name + "] kernel log: " + what);
    }

    private MissingSymbolException missing(String key) {
        return new MissingSymbolException("[" + name + "] kernel log: " + vmcoreinfo.source() + " lacks " + key
                + "; a file with it can be given with -i");
    }
}
