// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.vmcore;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/// What a file is by its first bytes, among all that people take for a dump.
enum InputFormat {
    /// An ELF file of any kind.
    ELF("an ELF file"),
    /// makedumpfile's own format.
    KDUMP("a kdump-compressed dump"),
    /// Its predecessor.
    DISKDUMP("a diskdump dump"),
    /// What makedumpfile -F writes.
    FLATTENED("a flattened dump"),
    /// Fujitsu firmware's.
    SADUMP("an sadump dump"),
    /// virsh dump without --memory-only, or virsh save.
    LIBVIRT("a libvirt save file; take the dump with virsh dump --memory-only"),
    /// QEMU's migration stream.
    QEMU_MIGRATION("a QEMU migration stream; take the dump with dump-guest-memory"),
    /// Windows crash dumps.
    WINDOWS("a Windows crash dump"),
    /// The format of the LKCD project.
    LKCD("an LKCD dump"),
    /// s390's stand-alone dump.
    S390_STAND_ALONE("an s390 stand-alone dump; convert it to ELF with zgetdump"),
    /// Compressed as a whole; which way is the unpacker's to know.
    PACKED("compressed in a way that is not known"),
    /// Nothing known.
    UNKNOWN("not a dump of a known format");

    /// Bytes from the start of the file that [#of] looks at, and from [#SECOND_OFFSET].
    static final int FIRST_BYTES = 16;
    /// Where sadump's media backup has its signature.
    static final int SECOND_OFFSET = 4096;

    private static final long SADUMP_MAGIC = 0x0000_706d_7564_6173L;

    private final String description;

    InputFormat(String description) {
        this.description = description;
    }

    /// For messages: "is ...".
    String description() {
        return description;
    }

    /// Recognises the file by its first 16 bytes, and the 8 bytes at [#SECOND_OFFSET]; zeroes stand for what is not there.
    static InputFormat of(ByteBuffer bytes, long second) {
        ByteBuffer first = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        byte[] text = new byte[FIRST_BYTES];
        first.get(0, text);
        String start = new String(text, StandardCharsets.ISO_8859_1);
        long word = first.getLong(0);
        if (start.startsWith("\u007fELF")) {
            return ELF;
        } else if (start.startsWith("KDUMP   ")) {
            return KDUMP;
        } else if (start.startsWith("DISKDUMP")) {
            return DISKDUMP;
        } else if (start.equals("makedumpfile\0\0\0\0")) {
            return FLATTENED;
        } else if (word == SADUMP_MAGIC || second == SADUMP_MAGIC) {
            return SADUMP;
        } else if (start.equals("LibvirtQemudSave") || start.equals("LibvirtQemudPart")) {
            return LIBVIRT;
        } else if (start.startsWith("QEVM")) {
            return QEMU_MIGRATION;
        } else if (start.startsWith("PAGEDU64") || start.startsWith("PAGEDUMP")) {
            return WINDOWS;
        }
        return ofNumber(word);
    }

    private static InputFormat ofNumber(long word) {
        if (word == 0xa819_0173_618f_23edL || word == 0xa819_0173_618f_23cdL) {
            return LKCD;
        } else if (Long.reverseBytes(word) == 0xa819_0173_618f_23fdL) {
            return S390_STAND_ALONE;
        } else if ((word & 0xffffff) == 0x08_8b1f || (word & 0xffff_ffff_ffffL) == 0x5a_587a_37fdL
                || (int) word == 0xfd2f_b528 || (int) word == 0x184d_2204 || (word & 0xffffff) == 0x68_5a42) {
            return PACKED;
        }
        return UNKNOWN;
    }
}
