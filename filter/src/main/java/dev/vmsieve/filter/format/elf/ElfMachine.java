// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.format.elf;

import java.nio.ByteOrder;
import java.util.Optional;

/// The machines whose dumps can be opened: e_machine, and what it implies.
public enum ElfMachine {
    /// EM_X86_64: always little-endian, always 4096 bytes a page.
    X86_64(62, "x86_64", ByteOrder.LITTLE_ENDIAN, 4096, Long.BYTES),
    /// EM_AARCH64, little-endian: pages of 4, 16 or 64 KiB.
    AARCH64(183, "aarch64", ByteOrder.LITTLE_ENDIAN, 65536, Long.BYTES),
    /// EM_RISCV with 64-bit words.
    RISCV64(243, "riscv64", ByteOrder.LITTLE_ENDIAN, 4096, Long.BYTES),
    /// EM_386: the same page, 32-bit words.
    I386(3, "i686", ByteOrder.LITTLE_ENDIAN, 4096, Integer.BYTES),
    /// EM_ARM, little-endian: the same page, 32-bit words.
    ARM(40, "armv7l", ByteOrder.LITTLE_ENDIAN, 4096, Integer.BYTES);

    /// The least page of all.
    private static final int LEAST_PAGE_BYTES = 4096;

    private final int number;
    private final String label;
    private final ByteOrder byteOrder;
    private final int mostPageBytes;
    private final int wordBytes;

    ElfMachine(int number, String label, ByteOrder byteOrder, int mostPageBytes, int wordBytes) {
        this.number = number;
        this.label = label;
        this.byteOrder = byteOrder;
        this.mostPageBytes = mostPageBytes;
        this.wordBytes = wordBytes;
    }

    /// The machine of that e_machine, if it is supported.
    public static Optional<ElfMachine> of(int number) {
        for (ElfMachine machine : values()) {
            if (machine.number == number) {
                return Optional.of(machine);
            }
        }
        return Optional.empty();
    }

    /// The machine of that name (`uname -m`), if its kdump files are supported: those of 32-bit machines are not.
    public static Optional<ElfMachine> ofLabel(String label) {
        for (ElfMachine machine : values()) {
            if (machine.label.equals(label) && machine.wordBytes == Long.BYTES) {
                return Optional.of(machine);
            }
        }
        return Optional.empty();
    }

    /// All supported machines whose words have at least that many bytes, for messages.
    public static String supported(int leastWordBytes) {
        StringBuilder names = new StringBuilder();
        for (ElfMachine machine : values()) {
            if (machine.wordBytes < leastWordBytes) {
                continue;
            }
            names.append(names.isEmpty() ? "" : ", ").append(machine.number).append(" (").append(machine.label)
                    .append(')');
        }
        return names.toString();
    }

    /// e_machine.
    public int number() {
        return number;
    }

    /// The kernel's name of the machine.
    public String label() {
        return label;
    }

    /// The byte order its dumps must have.
    public ByteOrder byteOrder() {
        return byteOrder;
    }

    /// Bytes in a page of a machine, of what its kernel tells; 4096 where that cannot be.
    public int pageBytes(long told) {
        return told >= LEAST_PAGE_BYTES && told <= mostPageBytes && Long.bitCount(told) == 1
                ? (int) told
                : LEAST_PAGE_BYTES;
    }

    /// Bytes in a word of its kernel; a core file's header may have longer ones.
    public int wordBytes() {
        return wordBytes;
    }
}
