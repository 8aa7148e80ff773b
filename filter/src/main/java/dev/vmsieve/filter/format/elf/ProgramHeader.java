// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.format.elf;

import java.nio.ByteBuffer;

/// One program header; nothing is checked. Addresses and sizes are in bytes, 32-bit ones without sign extension except an
/// address of all ones, which stays all ones.
///
/// @param type p_type
/// @param offset p_offset
/// @param vaddr p_vaddr
/// @param paddr p_paddr
/// @param filesz p_filesz
/// @param memsz p_memsz
public record ProgramHeader(int type, long offset, long vaddr, long paddr, long filesz, long memsz) {
    /// p_type of a piece of memory.
    public static final int PT_LOAD = 1;
    /// p_type of the notes.
    public static final int PT_NOTE = 4;
    /// p_paddr that says that the segment has no physical address.
    public static final long NO_ADDRESS = -1;

    private static final int READ_WRITE_EXECUTE = 7;
    private static final int BYTES_64 = 56;
    private static final int BYTES_32 = 32;

    /// Size of a program header by bytes in a word.
    public static int bytes(int wordBytes) {
        return wordBytes == Long.BYTES ? BYTES_64 : BYTES_32;
    }

    /// The header at that place of the buffer, which has the file's byte order.
    public static ProgramHeader at(ByteBuffer buffer, int at, int wordBytes) {
        if (wordBytes == Long.BYTES) {
            return new ProgramHeader(buffer.getInt(at), buffer.getLong(at + 8), buffer.getLong(at + 16),
                    buffer.getLong(at + 24), buffer.getLong(at + 32), buffer.getLong(at + 40));
        }
        return new ProgramHeader(buffer.getInt(at), word(buffer, at + 4), address(buffer, at + 8),
                address(buffer, at + 12), word(buffer, at + 16), word(buffer, at + 20));
    }

    /// Writes the header at that place of the buffer, which has the file's byte order. Memory may be read, written and
    /// executed; nothing is aligned (p_align 0: crash tells a kdump by that). 32-bit words lose their upper half.
    public void put(ByteBuffer target, int at, int wordBytes) {
        int permissions = type == PT_LOAD ? READ_WRITE_EXECUTE : 0;
        target.putInt(at, type);
        if (wordBytes == Long.BYTES) {
            target.putInt(at + 4, permissions);
            target.putLong(at + 8, offset).putLong(at + 16, vaddr).putLong(at + 24, paddr);
            target.putLong(at + 32, filesz).putLong(at + 40, memsz).putLong(at + 48, 0);
        } else {
            target.putInt(at + 4, (int) offset).putInt(at + 8, (int) vaddr).putInt(at + 12, (int) paddr);
            target.putInt(at + 16, (int) filesz).putInt(at + 20, (int) memsz);
            target.putInt(at + 24, permissions).putInt(at + 28, 0);
        }
    }

    private static long word(ByteBuffer buffer, int at) {
        return buffer.getInt(at) & 0xffff_ffffL;
    }

    private static long address(ByteBuffer buffer, int at) {
        return buffer.getInt(at) == -1 ? NO_ADDRESS : word(buffer, at);
    }
}
