// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.options;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Every option there is: the one table that the parser, the help text and the shell completion are made from.
///
/// The order is the help's order, and the order in which an ambiguous prefix lists its candidates.
public enum Option {
    /// `-c`
    ZLIB('c', "", "", true, "Compress each page with zlib."),
    /// `-l`
    LZO('l', "", "", true, "Compress each page with LZO."),
    /// `-p`
    SNAPPY('p', "", "", true, "Compress each page with snappy."),
    /// `-z`
    ZSTD('z', "", "", true,
            "Compress each page with zstd. The last of -c, -l, -p and -z counts; with none, pages are stored as they are:"
                    + " not compressed, or, of a dump that is filtered again, compressed as in that."),
    /// `--zstd-level N`
    ZSTD_LEVEL('\0', "zstd-level", "N", true,
            "Level of -z, -7 (fast) to 19 (small); default 1, which is makedumpfile's. With it, pages that are zstd"
                    + " already are compressed anew."),
    /// `-d LEVELS`
    DUMP_LEVEL('d', "", "LEVEL[,LEVEL...]", true,
            "Leave out kinds of pages; the sum of: 1 zero pages, 2 page cache without private data, 4 all page cache,"
                    + " 8 user process data, 16 free pages. Default 0: keep all. With several levels the next one is"
                    + " tried when the space or the size limit did not suffice for the one before."),
    /// `-E`
    ELF('E', "", "", true,
            "Write an ELF file, for gdb, instead of the kdump-compressed format; it is not compressed, and runs of fewer"
                    + " than 256 pages left out stay in it."),
    /// `-f`
    FORCE('f', "", "", true, "Overwrite an output file that exists."),
    /// `-F`
    FLATTEN('F', "", "", true,
            "Write the dump to standard output in the flattened format; all messages go to standard error."),
    /// `-R`
    REARRANGE('R', "", "", true, "Rearrange flattened data from standard input into a dump file."),
    /// `-L SIZE`
    SIZE_LIMIT('L', "", "SIZE", true,
            "Limit the output file to SIZE bytes; suffixes K, M, G, T, P and E, 0x for hexadecimal."),
    /// `-i VMCOREINFO`
    VMCOREINFO('i', "", "VMCOREINFO", true,
            "Text file with the kernel's VMCOREINFO, for a dump that does not have it; what the dump has counts first."),
    /// `-x VMLINUX`
    VMLINUX('x', "", "VMLINUX", true,
            "Kernel with debug information (DWARF or BTF), packed or not, for a dump that does not have VMCOREINFO."),
    /// `-g VMCOREINFO`
    GENERATE('g', "", "VMCOREINFO", true,
            "Make a VMCOREINFO text file from -x VMLINUX; an existing file is overwritten."),
    /// `--num-threads N`
    NUM_THREADS('\0', "num-threads", "N", true,
            "Number of threads that read, compress and write. Default: one for each CPU; 0 and 1 mean one."
                    + " The output's bytes do not depend on it."),
    /// `--dry-run`
    DRY_RUN('\0', "dry-run", "", true, "Do everything except writing, and tell how large the file would be."),
    /// `--min-saving PERCENT`
    MIN_SAVING('\0', "min-saving", "PERCENT", true,
            "Make the dump only if it is that much smaller than VMCORE, 0 to 100; else write nothing, and exit with 3."),
    /// `--show-stats`
    SHOW_STATS('\0', "show-stats", "", true, "Print the report: pages of each kind and bytes written."),
    /// `--check-params`
    CHECK_PARAMS('\0', "check-params", "", true, "Only check the command line: exit 0 without a word if it is sound."),
    /// `--message-level N`
    MESSAGE_LEVEL('\0', "message-level", "N", true,
            "What to print; the sum of: 1 progress, 2 common messages, 4 errors, 8 debugging, 16 report. Default 7."),
    /// `-D`
    DEBUG('D', "", "", true, "Print debugging messages (adds 8 to the message level)."),
    /// `--non-mmap`
    NON_MMAP('\0', "non-mmap", "", true, "Read the dump with read(2) only, never through mmap(2)."),
    /// `-b ORDER`
    BUFFER_ORDER('b', "", "ORDER", true, "Accepted, 0 to 24, without effect: buffers size themselves."),
    /// `--cyclic-buffer KB`
    CYCLIC_BUFFER('\0', "cyclic-buffer", "KB", true, "Accepted without effect: bitmaps take what they need."),
    /// `--work-dir DIR`
    WORK_DIR('\0', "work-dir", "DIR", true, "Directory for the work file that an input that is packed or a"
            + " pipe is unpacked to; default TMPDIR, else /var/tmp; and for the bitmaps"
            + " of a machine with more than 64 GiB of memory, 32 MiB for each TiB, by default beside the dump file."),
    /// `--split`
    SPLIT('\0', "split", "", true, "Divide the dump among several output files, each with a range of pages:"
            + " the operands are VMCORE DUMPFILE1 DUMPFILE2 and so on."),
    /// `--splitblock-size KB`
    SPLITBLOCK_SIZE('\0', "splitblock-size", "KB", true,
            "Divide memory among the files of --split by units of KB: a multiple of the page size, rounded up to"
                    + " 64 pages. Default 4096 pages, which are 16 MiB where pages have 4 KiB."),
    /// `--reassemble`
    REASSEMBLE('\0', "reassemble", "", true, "Put the files of a split dump together again: the operands"
            + " are all its files, and DUMPFILE."),
    /// `--dump-dmesg`
    DUMP_DMESG('\0', "dump-dmesg", "", true, "Take the kernel log out of the dump."),
    /// `--partial-dmesg`
    PARTIAL_DMESG('\0', "partial-dmesg", "", true, "With --dump-dmesg: only what was logged since the last clear."),
    /// `--mem-usage`
    MEM_USAGE('\0', "mem-usage", "", true,
            "Show what the running system's memory holds (KCORE is /proc/kcore, or a dump) and how large a dump made now"
                    + " would be; with a compression, how large its file."),
    /// `--vtop ADDRESS`
    VTOP('\0', "vtop", "ADDRESS", true,
            "Print the page table walk of one kernel virtual address, then go on; hexadecimal needs 0x."),
    /// `--config FILE`
    CONFIG('\0', "config", "FILE", false, "Erase data by the rules in FILE; needs -x."),
    /// `--eppic FILE`
    EPPIC('\0', "eppic", "FILE", false, "Erase data by the eppic program in FILE; needs -x."),
    /// `--extension FILE`
    EXTENSION('\0', "extension", "FILE", false, "Filter pages by an extension."),
    /// `-e`
    EXCLUDE_VMEMMAP('e', "", "", false,
            "Leave out page structures that describe only pages left out; needs --work-dir."),
    /// `-X`
    XEN_EXCLUDE('X', "", "", false, "Leave out Xen's guest domains."),
    /// `--xen-syms FILE`
    XEN_SYMS('\0', "xen-syms", "FILE", false, "Xen hypervisor with debug information."),
    /// `--xen-vmcoreinfo FILE`
    XEN_VMCOREINFO('\0', "xen-vmcoreinfo", "FILE", false, "VMCOREINFO text file of the Xen hypervisor."),
    /// `--xen_phys_start ADDRESS`
    XEN_PHYS_START('\0', "xen_phys_start", "ADDRESS", true,
            "Physical start of the Xen hypervisor; without effect on any other dump."),
    /// `--diskset FILE`
    DISKSET('\0', "diskset", "FILE", false, "One disk of a sadump disk set; repeated, in order."),
    /// `-v`
    VERSION('v', "", "", true, "Print the version and the compressions that are built in."),
    /// `-h`, `--help`
    HELP('h', "help", "", true, "Print this help.");

    private static final Option[] TABLE = values();

    private final char shortName;
    private final String longName;
    private final String argument;
    private final boolean supported;
    private final String description;

    Option(char shortName, String longName, String argument, boolean supported, String description) {
        this.shortName = shortName;
        this.longName = longName;
        this.argument = argument;
        this.supported = supported;
        this.description = description;
    }

    /// The letter after the dash; `'\0'` if there is none.
    public char shortName() {
        return shortName;
    }

    /// The word after the two dashes; empty if there is none.
    public String longName() {
        return longName;
    }

    /// The argument as the help names it; empty if the option takes none.
    public String argument() {
        return argument;
    }

    /// True if the option takes an argument; it is never optional.
    public boolean takesArgument() {
        return !argument.isEmpty();
    }

    /// True if this version does what the option asks; if not, a run refuses it by name.
    public boolean supported() {
        return supported;
    }

    /// What the help says, in sentences.
    public String description() {
        return description;
    }

    /// All that a user may type for it, the letter first.
    public List<String> names() {
        List<String> names = new ArrayList<>();
        if (shortName != '\0') {
            names.add("-" + shortName);
        }
        if (!longName.isEmpty()) {
            names.add("--" + longName);
        }
        return names;
    }

    /// As a user types it: `-d`, `--num-threads`.
    public String shown() {
        return shortName != '\0' ? "-" + shortName : "--" + longName;
    }

    /// The option with that letter.
    static Optional<Option> ofShort(char letter) {
        for (Option option : TABLE) {
            if (option.shortName == letter && letter != '\0') {
                return Optional.of(option);
            }
        }
        return Optional.empty();
    }

    /// The option with exactly that long name.
    static Optional<Option> ofLong(String name) {
        for (Option option : TABLE) {
            if (!name.isEmpty() && option.longName.equals(name)) {
                return Optional.of(option);
            }
        }
        return Optional.empty();
    }

    /// The whole table; not to be changed.
    static Option[] table() {
        return TABLE;
    }
}
