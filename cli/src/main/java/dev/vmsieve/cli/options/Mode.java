// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.options;

/// What a command line asks for. The order is the order of precedence: the first that applies wins.
public enum Mode {
    /// `-h`, `--help`
    HELP,
    /// `-v`
    VERSION,
    /// `-g`: VMCOREINFO from a kernel with debug information.
    GENERATE,
    /// `-R`: flattened data into a dump file.
    REARRANGE,
    /// `--reassemble`: split files into one.
    REASSEMBLE,
    /// `--dump-dmesg`: the kernel's log.
    KERNEL_LOG,
    /// `--mem-usage`: page kinds of the running system.
    MEMORY_USAGE,
    /// Otherwise: make a dump file.
    CREATE;

    /// The mode a command line selects.
    static Mode of(CommandLine line) {
        if (line.has(Option.HELP)) {
            return HELP;
        }
        if (line.has(Option.VERSION)) {
            return VERSION;
        }
        if (line.has(Option.GENERATE)) {
            return GENERATE;
        }
        if (line.has(Option.REARRANGE)) {
            return REARRANGE;
        }
        if (line.has(Option.REASSEMBLE)) {
            return REASSEMBLE;
        }
        if (line.has(Option.DUMP_DMESG)) {
            return KERNEL_LOG;
        }
        return line.has(Option.MEM_USAGE) ? MEMORY_USAGE : CREATE;
    }
}
