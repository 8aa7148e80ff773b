// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.debuginfo;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

import dev.vmsieve.filter.BytesDumpFile;

/// A 64-bit little-endian ELF file out of sections: a golden file taken apart and put together again, or one from nothing.
final class TinyElf {
    private static final int HEADER = 64;

    private final List<ElfSection> headers = new ArrayList<>();
    private final List<byte[]> contents = new ArrayList<>();

    /// What gcc and objcopy made of tiny.c, which names the lines in [VmlinuxTest#REGENERATE].
    static byte[] golden(String name) {
        try (InputStream in = TinyElf.class.getResourceAsStream(name)) {
            return Objects.requireNonNull(in, name).readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The sections of a golden file, each of which can be replaced.
    static TinyElf of(byte[] file) throws IOException {
        var elf = new TinyElf();
        for (ElfSection section : ElfSections.read(new BytesDumpFile("golden", file)).list()) {
            byte[] bytes = new byte[section.isInFile() ? (int) section.bytes() : 0];
            System.arraycopy(file, (int) (bytes.length == 0 ? 0 : section.offset()), bytes, 0, bytes.length);
            elf.headers.add(section);
            elf.contents.add(bytes);
        }
        return elf;
    }

    /// Replaces a section's bytes, or adds a section.
    TinyElf with(String name, byte[] bytes) {
        for (int i = 0; i < headers.size(); i++) {
            if (headers.get(i).name().equals(name)) {
                contents.set(i, bytes);
                return this;
            }
        }
        headers.add(new ElfSection(name, 1, 0, 0, 0, bytes.length, 0));
        contents.add(bytes);
        return this;
    }

    /// Takes a section away; the others keep their numbers.
    TinyElf without(String name) {
        for (int i = 0; i < headers.size(); i++) {
            if (headers.get(i).name().equals(name)) {
                headers.set(i, new ElfSection("", 0, 0, 0, 0, 0, 0));
                contents.set(i, new byte[0]);
            }
        }
        return this;
    }

    /// A section's bytes.
    byte[] get(String name) {
        for (int i = 0; i < headers.size(); i++) {
            if (headers.get(i).name().equals(name)) {
                return contents.get(i);
            }
        }
        throw new IllegalArgumentException(name);
    }

    byte[] bytes() {
        var names = new ByteArrayOutputStream();
        var body = new ByteArrayOutputStream();
        names.write(0);
        int strings = -1;
        ByteBuffer table = ByteBuffer.allocate(64 * headers.size()).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < headers.size(); i++) {
            ElfSection header = headers.get(i);
            strings = header.name().equals(".shstrtab") ? i : strings;
            int name = names.size();
            names.writeBytes((header.name() + '\0').getBytes(StandardCharsets.US_ASCII));
            table.putInt(name).putInt(header.type()).putLong(header.flags()).putLong(header.address());
            table.putLong(HEADER + body.size());
            table.putLong(header.isInFile() ? contents.get(i).length : header.bytes()).putInt(header.link());
            table.putInt(0).putLong(1).putLong(0);
            if (!header.name().equals(".shstrtab")) {
                body.writeBytes(contents.get(i));
            }
        }
        table.putLong(64 * strings + 24, HEADER + body.size()).putLong(64 * strings + 32, names.size());
        body.writeBytes(names.toByteArray());
        ByteBuffer file = ByteBuffer.allocate(HEADER + body.size() + table.capacity()).order(ByteOrder.LITTLE_ENDIAN);
        file.putInt(0x464c_457f).put((byte) 2).put((byte) 1).put((byte) 1).position(16);
        file.putShort((short) 2).putShort((short) 62).putInt(1).position(40);
        file.putLong(HEADER + body.size()).putInt(0).putShort((short) HEADER).putShort((short) 56).putShort((short) 0)
                .putShort((short) 64).putShort((short) headers.size()).putShort((short) strings);
        return file.put(body.toByteArray()).put(table.array()).array();
    }
}
