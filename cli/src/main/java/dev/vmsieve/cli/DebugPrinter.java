// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

import dev.vmsieve.cli.console.Console;
import dev.vmsieve.cli.console.MessageLevel;
import dev.vmsieve.cli.console.Text;
import dev.vmsieve.filter.format.elf.ElfHeader;
import dev.vmsieve.filter.format.elf.ProgramHeader;
import dev.vmsieve.filter.io.DumpFile;
import dev.vmsieve.filter.io.FileDumpFile;
import dev.vmsieve.filter.paging.Kernel;
import dev.vmsieve.filter.vmcore.ElfVmcore;
import dev.vmsieve.filter.vmcore.Vmcore;

/// What message level bit 8 tells about an input: its segments, its size, and VMCOREINFO line by line, in the kernel's own spelling
/// (scripts look for OSRELEASE and CRASHTIME there).
final class DebugPrinter {
    private static final int ELF_MAGIC = 0x7f45_4c46;

    private DebugPrinter() {}

    /// Prints who was called, and how.
    static void printCommandLine(Console console, String[] args) {
        if (console.shows(MessageLevel.DEBUG)) {
            console.debug(Version.line(console.program()));
            console.debug("command line: " + console.program() + " " + String.join(" ", args));
            console.debug("");
        }
    }

    /// Prints what is known of the input.
    static void print(Console console, Path input, Vmcore vmcore, Optional<Kernel> kernel) throws IOException {
        if (!console.shows(MessageLevel.DEBUG)) {
            return;
        }
        if (vmcore instanceof ElfVmcore && isElf(input)) {
            printSegments(console, input);
        }
        console.debug("page_size    : " + vmcore.pageBytes());
        console.debug("max_mapnr    : " + Long.toHexString(vmcore.maxMapnr()));
        if (kernel.isPresent()) {
            console.debug("phys_base    : " + Long.toHexString(kernel.get().physBase()));
            console.debug("VMCOREINFO   : " + kernel.get().vmcoreinfo().source());
            String text = new String(kernel.get().vmcoreinfo().bytes(), StandardCharsets.ISO_8859_1);
            for (String line : text.lines().toList()) {
                console.debug("  " + line);
            }
        }
        console.debug("");
    }

    /// False if the file only becomes an ELF file by unpacking; a pipe is not opened a second time.
    private static boolean isElf(Path input) throws IOException {
        if (!Files.isRegularFile(input)) {
            return false;
        }
        try (DumpFile file = FileDumpFile.open(input)) {
            ByteBuffer first = ByteBuffer.allocate(Integer.BYTES);
            file.read(0, first);
            return first.getInt(0) == ELF_MAGIC;
        }
    }

    private static void printSegments(Console console, Path input) throws IOException {
        try (DumpFile file = FileDumpFile.open(input)) {
            ElfHeader header = ElfHeader.read(file);
            ByteBuffer one = ByteBuffer.allocate(header.phentsize()).order(header.byteOrder());
            console.debug("               phys_start         phys_end       virt_start         virt_end");
            int number = 0;
            for (long i = 0; i < header.phnum(); i++) {
                one.clear();
                file.read(header.phoff() + i * header.phentsize(), one);
                ProgramHeader segment = ProgramHeader.at(one, 0, header.wordBytes());
                if (segment.type() == ProgramHeader.PT_LOAD) {
                    console.debug(
                            "LOAD[" + Text.right(Integer.toString(number++), 2) + "] " + range(segment.paddr(), segment)
                                    + " " + range(segment.vaddr(), segment));
                }
            }
        }
    }

    private static String range(long start, ProgramHeader segment) {
        return Text.right(Long.toHexString(start), 16) + " "
                + Text.right(Long.toHexString(start + segment.memsz()), 16);
    }
}
