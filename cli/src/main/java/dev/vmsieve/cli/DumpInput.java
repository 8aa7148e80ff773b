// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

import dev.vmsieve.cli.options.CommandLine;
import dev.vmsieve.cli.options.Option;
import dev.vmsieve.filter.kernel.Vmcoreinfo;
import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.filter.vmcore.OpenOptions;
import dev.vmsieve.filter.vmcore.Vmcore;
import dev.vmsieve.filter.vmcore.VmcoreOpener;

/// The dump that is read, and how.
///
/// @param mmap false: never through mmap(2)
/// @param vmcoreinfo text file with the kernel's VMCOREINFO
/// @param workDirectory where an input that is packed or a pipe is unpacked to
record DumpInput(Path file, boolean mmap, Optional<Path> vmcoreinfo, Optional<Path> workDirectory) {
    /// The first operand, and the options that concern it.
    static DumpInput of(CommandLine line) {
        return new DumpInput(Path.of(line.operands().get(0)), !line.has(Option.NON_MMAP),
                line.value(Option.VMCOREINFO).map(Path::of), line.value(Option.WORK_DIR).map(Path::of));
    }

    /// A file without any option.
    static DumpInput of(Path file) {
        return new DumpInput(file, true, Optional.empty(), Optional.empty());
    }

    /// What the user tells of the kernel; read before the dump, since a wrong name is to be told at once.
    Optional<Vmcoreinfo> given() throws IOException {
        return VmcoreinfoFile.read(vmcoreinfo);
    }

    /// Opens it; the caller closes it.
    Vmcore open(Progress progress) throws IOException {
        return VmcoreOpener.open(file, new OpenOptions(mmap, workDirectory), progress);
    }
}
