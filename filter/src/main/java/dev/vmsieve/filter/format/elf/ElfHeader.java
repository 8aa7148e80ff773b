// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.format.elf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

import dev.vmsieve.filter.io.CorruptDumpException;
import dev.vmsieve.filter.io.DumpException;
import dev.vmsieve.filter.io.DumpFile;
import dev.vmsieve.filter.io.UnsupportedDumpException;

/// The header of an ELF core file, checked: class, byte order, type, and a program header table that lies in the file.
///
/// e_ehsize is not looked at, since QEMU 7.2 writes 8 there.
///
/// @param wordBytes 8 for ELFCLASS64, 4 for ELFCLASS32; says nothing about the crashed machine's words
/// @param byteOrder e_ident[EI_DATA]
/// @param machine e_machine
/// @param flags e_flags; [#INCOMPLETE] is makedumpfile's
/// @param phoff where the program headers start, in bytes
/// @param phnum how many there are; taken from section header 0 where e_phnum is PN_XNUM
public record ElfHeader(int wordBytes, ByteOrder byteOrder, int machine, int flags, long phoff, long phnum) {
    /// Bit of e_flags: the file was cut short when it was written.
    public static final int INCOMPLETE = 1;

    /// e_phnum that says that the count is in section header 0.
    public static final int PN_XNUM = 0xffff;

    private static final String STRUCTURE = "ELF header";
    private static final int MAGIC = 0x7f45_4c46;
    private static final int ET_CORE = 4;
    private static final int BYTES_64 = 64;
    private static final int BYTES_32 = 52;
    private static final int FLAGS_64 = 48;
    private static final int FLAGS_32 = 36;
    private static final int SECTION_BYTES_64 = 64;
    private static final int SECTION_BYTES_32 = 40;
    private static final int INFO_64 = 44;
    private static final int INFO_32 = 28;
    private static final int TYPE = 16;
    private static final int MACHINE = 18;
    /// More than any dump has; QEMU writes one header a mapping, a hundred thousand for a small guest.
    private static final long MOST_PROGRAM_HEADERS = 1 << 22;

    /// Reads the header at the start of the file.
    ///
    /// @throws CorruptDumpException if it is cut or breaks the format
    /// @throws UnsupportedDumpException if it is no core file
    public static ElfHeader read(DumpFile file) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(BYTES_64);
        file.read("ELF header", 0, bytes);
        bytes.flip();
        return new Reader(file, bytes).header();
    }

    /// Bytes of the header itself: where the program headers of a file start that we write.
    public static int bytes(int wordBytes) {
        return wordBytes == Long.BYTES ? BYTES_64 : BYTES_32;
    }

    /// Where e_flags is.
    public static int flagsOffset(int wordBytes) {
        return wordBytes == Long.BYTES ? FLAGS_64 : FLAGS_32;
    }

    /// Bytes of section header 0, which counts the program headers where there are too many for e_phnum; else 0.
    public int sectionHeaderBytes() {
        if (phnum < PN_XNUM) {
            return 0;
        }
        return wordBytes == Long.BYTES ? SECTION_BYTES_64 : SECTION_BYTES_32;
    }

    /// Where the program headers end, and section header 0 is if there is one.
    public long programHeadersEnd() {
        return phoff + phnum * phentsize();
    }

    /// Writes the header of a core file at the start of the buffer, which has the file's byte order and zeroes in it.
    public void put(ByteBuffer target) {
        boolean wide = wordBytes == Long.BYTES;
        target.put(4, (byte) (wide ? 2 : 1));
        target.put(5, (byte) (byteOrder == ByteOrder.LITTLE_ENDIAN ? 1 : 2));
        target.put(6, (byte) 1);
        for (int i = 0; i < Integer.BYTES; i++) {
            target.put(i, (byte) (MAGIC >>> (24 - 8 * i)));
        }
        target.putShort(TYPE, (short) ET_CORE).putShort(MACHINE, (short) machine).putInt(20, 1);
        boolean extended = phnum >= PN_XNUM;
        long shoff = extended ? programHeadersEnd() : 0;
        if (wide) {
            target.putLong(32, phoff).putLong(40, shoff);
        } else {
            target.putInt(28, (int) phoff).putInt(32, (int) shoff);
        }
        int at = flagsOffset(wordBytes);
        target.putInt(at, flags).putShort(at + 4, (short) bytes(wordBytes));
        target.putShort(at + 6, (short) phentsize()).putShort(at + 8, (short) Math.min(phnum, PN_XNUM));
        target.putShort(at + 10, (short) sectionHeaderBytes()).putShort(at + 12, (short) (extended ? 1 : 0));
    }

    /// Writes section header 0 at the start of the buffer, which has the file's byte order and zeroes in it.
    public void putSectionHeader(ByteBuffer target) {
        target.putInt(wordBytes == Long.BYTES ? INFO_64 : INFO_32, (int) phnum);
    }

    /// Bytes of one program header.
    public int phentsize() {
        return ProgramHeader.bytes(wordBytes);
    }

    /// The checks, in the order of the fields; offsets differ by class.
    private static final class Reader {
        private final DumpFile file;
        private final ByteBuffer bytes;
        private final String name;

        Reader(DumpFile file, ByteBuffer bytes) {
            this.file = file;
            this.bytes = bytes;
            this.name = file.path().toString();
        }

        ElfHeader header() throws IOException {
            demand(20);
            if (bytes.getInt(0) != MAGIC) {
                throw corrupt("magic", "be 0x7f454c46", "0x" + Integer.toHexString(bytes.getInt(0)), 0);
            }
            int wordBytes = wordBytes();
            bytes.order(byteOrder());
            if (bytes.get(6) != 1) {
                throw corrupt("e_ident[EI_VERSION]", "be 1", Integer.toString(bytes.get(6)), 6);
            }
            int type = bytes.getShort(TYPE) & 0xffff;
            if (type != ET_CORE) {
                throw UnsupportedDumpException.of(name, STRUCTURE, "e_type", "be 4 (core file)",
                        type + typeName(type), TYPE);
            }
            demand(wordBytes == Long.BYTES ? BYTES_64 : BYTES_32);
            int machine = bytes.getShort(MACHINE) & 0xffff;
            long phoff = word(wordBytes, 32, 28);
            int flags = bytes.getInt(flagsOffset(wordBytes));
            return new ElfHeader(wordBytes, bytes.order(), machine, flags, phoff, phnum(wordBytes, phoff));
        }

        private int wordBytes() throws CorruptDumpException {
            return switch (bytes.get(4)) {
                case 1 -> Integer.BYTES;
                case 2 -> Long.BYTES;
                default -> throw corrupt("e_ident[EI_CLASS]", "be 1 or 2", Integer.toString(bytes.get(4)), 4);
            };
        }

        private ByteOrder byteOrder() throws CorruptDumpException {
            return switch (bytes.get(5)) {
                case 1 -> ByteOrder.LITTLE_ENDIAN;
                case 2 -> ByteOrder.BIG_ENDIAN;
                default -> throw corrupt("e_ident[EI_DATA]", "be 1 or 2", Integer.toString(bytes.get(5)), 5);
            };
        }

        private long phnum(int wordBytes, long phoff) throws IOException {
            int at = wordBytes == Long.BYTES ? 54 : 42;
            int phentsize = bytes.getShort(at) & 0xffff;
            if (phentsize != ProgramHeader.bytes(wordBytes)) {
                throw corrupt("e_phentsize", "be " + ProgramHeader.bytes(wordBytes), Integer.toString(phentsize), at);
            }
            long phnum = bytes.getShort(at + 2) & 0xffff;
            if (phnum == PN_XNUM) {
                phnum = extendedCount(wordBytes);
            }
            if (phnum == 0 || phnum > MOST_PROGRAM_HEADERS) {
                throw corrupt("e_phnum", "be from 1 to " + MOST_PROGRAM_HEADERS, Long.toString(phnum), at + 2);
            }
            long tableBytes = phnum * phentsize;
            if (phoff < 0 || phoff > file.size() - tableBytes) {
                throw corrupt("e_phoff", "leave room for " + phnum + " program headers in a file of " + file.size()
                        + " bytes", "0x" + Long.toHexString(phoff), wordBytes == Long.BYTES ? 32 : 28);
            }
            return phnum;
        }

        /// sh_info of section header 0.
        private long extendedCount(int wordBytes) throws IOException {
            long shoff = word(wordBytes, 40, 32);
            int at = wordBytes == Long.BYTES ? INFO_64 : INFO_32;
            ByteBuffer info = ByteBuffer.allocate(Integer.BYTES).order(bytes.order());
            if (shoff <= 0 || shoff > file.size() - at - Integer.BYTES
                    || file.read("section header 0", shoff + at, info) < Integer.BYTES) {
                throw corrupt("e_shoff", "name a section header in a file of " + file.size()
                        + " bytes since e_phnum is 65535", "0x" + Long.toHexString(shoff),
                        wordBytes == Long.BYTES ? 40 : 32);
            }
            return info.getInt(0) & 0xffff_ffffL;
        }

        private long word(int wordBytes, int at64, int at32) {
            return wordBytes == Long.BYTES ? bytes.getLong(at64) : bytes.getInt(at32) & 0xffff_ffffL;
        }

        private void demand(int count) throws CorruptDumpException {
            if (bytes.limit() < count) {
                throw corrupt("file", "have at least " + count + " bytes", bytes.limit() + " bytes long",
                        bytes.limit());
            }
        }

        private CorruptDumpException corrupt(String field, String rule, String found, long offset) {
            return CorruptDumpException.of(name, STRUCTURE, field, rule, found, offset);
        }

        private static String typeName(int type) {
            return switch (type) {
                case 1 -> " (object file)";
                case 2 -> " (executable)";
                case 3 -> " (shared object or executable)";
                default -> "";
            };
        }
    }

    /// Refuses a machine or a byte order that is not supported.
    public ElfMachine supportedMachine(String file) throws DumpException {
        ElfMachine known = ElfMachine.of(machine).orElse(null);
        if (known == null) {
            throw UnsupportedDumpException.of(file, STRUCTURE, "e_machine",
                    "be one of " + ElfMachine.supported(Integer.BYTES),
                    Integer.toString(machine), MACHINE);
        }
        if (known.byteOrder() != byteOrder) {
            throw UnsupportedDumpException.of(file, STRUCTURE, "e_ident[EI_DATA]", "be "
                    + orderName(known.byteOrder()) + " for " + known.label(), orderName(byteOrder), 5);
        }
        return known;
    }

    private static String orderName(ByteOrder order) {
        return order == ByteOrder.LITTLE_ENDIAN ? "1 (little-endian)" : "2 (big-endian)";
    }
}
