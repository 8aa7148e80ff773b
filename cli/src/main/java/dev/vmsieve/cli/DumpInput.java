// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

import dev.vmsieve.cli.options.CommandLine;
import dev.vmsieve.cli.options.Option;
import dev.vmsieve.filter.debuginfo.Vmlinux;
import dev.vmsieve.filter.kernel.Vmcoreinfo;
import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.filter.vmcore.OpenOptions;
import dev.vmsieve.filter.vmcore.Vmcore;
import dev.vmsieve.filter.vmcore.VmcoreOpener;

/// The dump that is read, and how.
///
/// @param files one; or the parts of a split dump, in any order
/// @param mmap false: never through mmap(2)
/// @param vmcoreinfo text file with the kernel's VMCOREINFO
/// @param vmlinux the kernel with debug information; never together with the former
/// @param workDirectory where an input that is packed or a pipe is unpacked to
/// @param vtop kernel virtual address whose page table walk is to be shown
record DumpInput(List<Path> files, boolean mmap, Optional<Path> vmcoreinfo, Optional<Path> vmlinux,
        Optional<Path> workDirectory, OptionalLong vtop) {
    /// The first operand, or those that are parts of a split dump, and the options that concern it.
    static DumpInput of(CommandLine line) {
        return new DumpInput(paths(line.inputs()), !line.has(Option.NON_MMAP),
                line.value(Option.VMCOREINFO).map(Path::of), line.value(Option.VMLINUX).map(Path::of),
                line.value(Option.WORK_DIR).map(Path::of), line.address());
    }

    /// A file without any option.
    static DumpInput of(Path file) {
        return new DumpInput(List.of(file), true, Optional.empty(), Optional.empty(), Optional.empty(),
                OptionalLong.empty());
    }

    /// Names as files.
    static List<Path> paths(List<String> names) {
        List<Path> paths = new ArrayList<>();
        for (String name : names) {
            paths.add(Path.of(name));
        }
        return paths;
    }

    /// What it is called in messages: the file, or the first part.
    Path file() {
        return files.getFirst();
    }

    /// What the user tells of the kernel; read before the dump, since a wrong name is to be told at once.
    Optional<Vmcoreinfo> given(Progress progress) throws IOException {
        return vmlinux.isPresent()
                ? Optional.of(Vmlinux.read(vmlinux.get(), workDirectory, progress))
                : VmcoreinfoFile.read(vmcoreinfo);
    }

    /// The file, or all parts, for a sentence.
    String shown() {
        return files.size() == 1 ? file().toString() : "the " + files.size() + " parts from " + file() + " on";
    }

    /// Size on disk, of all parts together; empty if any is no regular file.
    OptionalLong bytes() throws IOException {
        long sum = 0;
        for (Path part : files) {
            if (!Files.isRegularFile(part)) {
                return OptionalLong.empty();
            }
            sum += Files.size(part);
        }
        return OptionalLong.of(sum);
    }

    /// Opens it; the caller closes it.
    Vmcore open(Progress progress) throws IOException {
        return VmcoreOpener.openSplit(files, new OpenOptions(mmap, workDirectory), progress);
    }

    /// The same with bitmaps and tables that are more than memory is to hold in that directory.
    Vmcore open(Path bitmapDirectory, Progress progress) throws IOException {
        OpenOptions options = new OpenOptions(mmap, workDirectory).withBitmapDirectory(bitmapDirectory);
        return VmcoreOpener.openSplit(files, options, progress);
    }
}
