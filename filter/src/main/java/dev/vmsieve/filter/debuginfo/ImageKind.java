// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.debuginfo;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// What a file is by its first bytes, among those that people take for a vmlinux.
enum ImageKind {
    /// An ELF file of any kind.
    ELF("an ELF file"),
    /// x86's boot image (Documentation/arch/x86/boot.rst).
    BZIMAGE("a bootable kernel image (bzImage), which has no debug information"),
    /// arm64's boot image (Documentation/arch/arm64/booting.rst).
    IMAGE("a bootable kernel image (Image), which has no debug information"),
    /// A kernel for EFI that unpacks itself (drivers/firmware/efi/libstub/zboot-header.S).
    ZBOOT("a bootable kernel image (EFI zboot), which has no debug information"),
    /// The list of symbols that lies beside a kernel.
    SYSTEM_MAP("a list of symbols (System.map), which has no types"),
    /// What -g writes.
    VMCOREINFO("a VMCOREINFO text; -i reads it"),
    /// A dump of some kind.
    DUMP("a crash dump"),
    /// Bare BTF, such as /sys/kernel/btf/vmlinux.
    BTF("bare BTF without a symbol table"),
    /// Nothing known.
    UNKNOWN("no ELF file");

    /// Bytes that [#of] looks at.
    static final int FIRST_BYTES = 0x210;

    private static final int ELF_MAGIC = 0x464c_457f;
    private static final int BOOT_FLAG = 0xaa55;
    private static final int HDRS = 0x5372_6448;
    private static final int ARM_MAGIC = 0x644d_5241;
    private static final int ZIMG = 0x676d_697a;
    private static final int KDUMP = 0x4d55_444b;
    private static final int BTF_MAGIC = 0xeb9f;

    private final String description;

    ImageKind(String description) {
        this.description = description;
    }

    /// For messages: "is ...".
    String description() {
        return description;
    }

    /// Recognises a file; zeroes stand for what is not there.
    ///
    /// @param bytes at least [#FIRST_BYTES]
    static ImageKind of(ByteBuffer bytes) {
        ByteBuffer first = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        if (first.getInt(0) == ELF_MAGIC) {
            return ELF;
        } else if ((first.getShort(0x1fe) & 0xffff) == BOOT_FLAG && first.getInt(0x202) == HDRS) {
            return BZIMAGE;
        } else if (first.getInt(4) == ZIMG) {
            return ZBOOT;
        } else if (first.getInt(0x38) == ARM_MAGIC) {
            return IMAGE;
        } else if (first.getInt(0) == KDUMP || startsWith(first, "makedumpfile\0")) {
            return DUMP;
        } else if (startsWith(first, "OSRELEASE=")) {
            return VMCOREINFO;
        } else if ((first.getShort(0) & 0xffff) == BTF_MAGIC) {
            return BTF;
        }
        return isSymbolList(first) ? SYSTEM_MAP : UNKNOWN;
    }

    private static boolean startsWith(ByteBuffer bytes, String text) {
        for (int i = 0; i < text.length(); i++) {
            if (bytes.get(i) != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /// `ffffffff81000000 T _text`, or with 8 digits.
    private static boolean isSymbolList(ByteBuffer bytes) {
        int digits = 0;
        while (digits < 16 && Character.digit(bytes.get(digits), 16) >= 0) {
            digits++;
        }
        return (digits == 8 || digits == 16) && bytes.get(digits) == ' ' && bytes.get(digits + 2) == ' ';
    }
}
