// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.rework;

import java.io.IOException;
import java.io.OutputStream;

import dev.vmsieve.filter.paging.Kernel;
import dev.vmsieve.filter.paging.KernelMemory;
import dev.vmsieve.filter.progress.Progress;

/// Takes the crashed kernel's log out of its memory (`--dump-dmesg`, `--partial-dmesg`).
///
/// | VMCOREINFO has | the log is | kernels |
/// |---|---|---|
/// | SYMBOL(prb) | [LocklessLog] | 5.10 and newer |
/// | SYMBOL(log_first_idx) | [StructuredLog] | 3.5 to 5.9 |
/// | SYMBOL(log_end) | [PlainLog] | up to 3.4 |
///
/// Memory needed is small and bounded, whatever lengths a damaged log claims.
public final class KernelLog {
    private KernelLog() {}

    /// Prints the log.
    ///
    /// @param partial only what came since the log was last cleared (`dmesg -c`)
    /// @param out where to; flushed, and left open
    /// @return lines and bytes printed; bytes for a log that knows no records
    /// @throws dev.vmsieve.filter.io.MissingSymbolException if VMCOREINFO does not tell where the log is
    /// @throws CorruptDumpException if the log cannot be followed to its end; what came before was printed
    public static LogReport print(Kernel kernel, String name, boolean partial, OutputStream out, Progress progress)
            throws IOException {
        try (KernelMemory memory = kernel.newMemory()) {
            var keys = new LogKeys(name, kernel.vmcoreinfo(), memory::read, kernel.architecture().wordBytes(),
                    kernel.architecture().byteOrder());
            return print(keys, partial, out, progress);
        }
    }

    static LogReport print(LogKeys keys, boolean partial, OutputStream out, Progress progress) throws IOException {
        var text = new LogText(out);
        try {
            return new LogReport(print(keys, partial, text, progress), text.bytes());
        } finally {
            text.flush();
        }
    }

    private static long print(LogKeys keys, boolean partial, LogText text, Progress progress) throws IOException {
        if (!keys.has("prb") && keys.has("log_end")) {
            new PlainLog(keys).print(text);
            return 0;
        }
        if (!keys.has("prb") && keys.has("log_first_idx")) {
            return new StructuredLog(keys, progress).print(partial, text);
        }
        return new LocklessLog(keys, progress).print(partial, text);
    }
}
