// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.options;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Which options and operands go together, mode by mode. Nothing is opened: only the line itself is judged.
public final class ModeRules {
    private static final Option[] COMPRESSIONS = {Option.ZLIB, Option.LZO, Option.SNAPPY, Option.ZSTD};
    private static final Option[] VMCOREINFO_FILES = {Option.VMCOREINFO, Option.XEN_VMCOREINFO};

    private final CommandLine line;
    /// The first rule that was broken.
    private Optional<String> reason = Optional.empty();

    private ModeRules(CommandLine line) {
        this.line = line;
    }

    /// What is wrong with the line as a whole.
    ///
    /// @return one line for the user; empty if the line is sound
    public static Optional<String> refusal(CommandLine line) {
        ModeRules rules = new ModeRules(line);
        switch (line.mode()) {
            case HELP, VERSION -> {
                // They answer whatever else was asked.
            }
            case GENERATE -> rules.checkGenerate();
            case REARRANGE -> rules.checkRearrange();
            case REASSEMBLE -> rules.checkReassemble();
            case KERNEL_LOG, MEMORY_USAGE, CREATE -> rules.checkCreate();
        }
        return rules.reason;
    }

    /// The first option given, in the table's order, that this version knows but cannot do.
    public static Optional<Option> notSupportedYet(CommandLine line) {
        for (Option option : line.options()) {
            if (!option.supported() && !isHarmlessFor(line.mode(), option)) {
                return Optional.of(option);
            }
        }
        return Optional.empty();
    }

    /// The form of a dump does not matter to a log.
    private static boolean isHarmlessFor(Mode mode, Option option) {
        return mode == Mode.KERNEL_LOG && option == Option.ELF;
    }

    private void checkGenerate() {
        refuseIf(!line.operands().isEmpty(), "-g takes no operand.");
        refuseIf(!line.has(Option.VMLINUX) && !line.has(Option.XEN_SYMS), "-g requires -x or --xen-syms.");
        refuseTogether(Option.GENERATE, COMPRESSIONS);
        refuseTogether(Option.GENERATE, Option.ELF, Option.FLATTEN, Option.REARRANGE, Option.XEN_EXCLUDE);
        refuseTogether(Option.GENERATE, VMCOREINFO_FILES);
        refuseDumpLevel(Option.GENERATE);
        refuseTogether(Option.DRY_RUN, Option.GENERATE);
        refuseTogether(Option.MIN_SAVING, Option.GENERATE);
        checkZstdLevel();
    }

    private void checkRearrange() {
        checkRework(Option.REARRANGE);
        checkOperands(1, 1, "DUMPFILE");
    }

    private void checkReassemble() {
        checkRework(Option.REASSEMBLE);
        refuseTogether(Option.REASSEMBLE, Option.SPLIT);
        refuseTogether(Option.DRY_RUN, Option.REASSEMBLE);
        checkOperands(2, Integer.MAX_VALUE, "PART... DUMPFILE");
    }

    private void checkRework(Option mode) {
        refuseTogether(mode, COMPRESSIONS);
        refuseTogether(mode, Option.ELF, Option.VMLINUX, Option.XEN_SYMS, Option.FLATTEN, Option.GENERATE,
                Option.XEN_EXCLUDE);
        refuseTogether(mode, VMCOREINFO_FILES);
        refuseTogether(Option.MIN_SAVING, mode);
        checkZstdLevel();
        refuseDumpLevel(mode);
    }

    private void checkCreate() {
        checkFormat();
        checkKernelFiles();
        checkSpecialModes();
        checkCreateOperands();
    }

    private void checkFormat() {
        checkZstdLevel();
        boolean log = line.has(Option.DUMP_DMESG);
        if (!log) {
            refuseTogether(Option.ELF, COMPRESSIONS);
        }
        refuseTogether(Option.FLATTEN, Option.SPLIT);
        refuseIf(line.has(Option.SPLIT) && line.has(Option.ELF),
                "Options for splitting dumpfile cannot be used with Elf format.");
    }

    private void checkZstdLevel() {
        boolean zstd = line.compression().isPresent() && line.compression().get() == Option.ZSTD;
        refuseIf(line.has(Option.ZSTD_LEVEL) && !zstd, "--zstd-level requires -z.");
    }

    private void checkKernelFiles() {
        for (Option file : VMCOREINFO_FILES) {
            refuseTogether(file, Option.VMLINUX, Option.XEN_SYMS);
        }
        refuseIf(line.has(Option.CONFIG) && !line.has(Option.VMLINUX), "--config requires -x.");
        refuseIf(line.has(Option.EPPIC) && !line.has(Option.VMLINUX), "--eppic requires -x.");
    }

    private void checkSpecialModes() {
        refuseIf(line.has(Option.PARTIAL_DMESG) && !line.has(Option.DUMP_DMESG),
                "--partial-dmesg requires --dump-dmesg.");
        refuseIf(line.has(Option.EXCLUDE_VMEMMAP) && !line.has(Option.WORK_DIR), "-e requires --work-dir.");
        refuseTogether(Option.DRY_RUN, Option.DUMP_DMESG);
        refuseTogether(Option.DUMP_DMESG, Option.SPLIT);
        refuseTogether(Option.MIN_SAVING, Option.DUMP_DMESG, Option.MEM_USAGE);
    }

    private void checkCreateOperands() {
        boolean flatten = line.has(Option.FLATTEN);
        int inputs = Math.max(line.inputs().size(), 1);
        if (line.mode() == Mode.MEMORY_USAGE) {
            checkOperands(1, Math.max(inputs, 2), "KCORE");
        } else if (line.mode() == Mode.KERNEL_LOG) {
            checkOperands(flatten ? inputs : inputs + 1, flatten ? inputs : inputs + 1,
                    flatten ? "VMCORE" : "VMCORE LOGFILE");
        } else if (line.has(Option.DISKSET)) {
            checkDiskSetOperands();
        } else if (line.has(Option.SPLIT)) {
            checkOperands(inputs + 2, Integer.MAX_VALUE, "VMCORE DUMPFILE1 DUMPFILE2...");
            refuseSameNameTwice();
        } else if (flatten) {
            checkOperands(inputs, inputs, "VMCORE");
        } else {
            checkOperands(inputs + 1, inputs + 1, "VMCORE DUMPFILE");
        }
    }

    private void checkDiskSetOperands() {
        if (line.has(Option.SPLIT)) {
            checkOperands(2, Integer.MAX_VALUE, "DUMPFILE1 DUMPFILE2...");
            refuseSameNameTwice();
        } else if (line.has(Option.FLATTEN)) {
            checkOperands(0, 0, "no operand");
        } else {
            checkOperands(1, 1, "DUMPFILE");
        }
    }

    private void refuseSameNameTwice() {
        Set<String> names = new HashSet<>();
        for (String name : line.operands()) {
            refuseIf(!names.add(name), "The name " + name + " is given twice.");
        }
    }

    private void checkOperands(int least, int most, String expected) {
        List<String> operands = line.operands();
        String rule = ": expected " + expected + (expected.endsWith("...") ? "" : ".");
        if (operands.size() > most) {
            refuseIf(true, "Operand " + operands.get(most) + " is too many" + rule);
        } else if (operands.size() < least) {
            refuseIf(true, operands.isEmpty()
                    ? "Operands are missing" + rule
                    : "An operand is missing after " + operands.getLast() + rule);
        }
    }

    private void refuseDumpLevel(Option mode) {
        refuseIf(line.levels().getFirst() != 0,
                Option.DUMP_LEVEL.shown() + " cannot be used with " + mode.shown() + ".");
    }

    private void refuseTogether(Option one, Option... others) {
        for (Option other : others) {
            refuseIf(line.has(one) && line.has(other), one.shown() + " cannot be used with " + other.shown() + ".");
        }
    }

    private void refuseIf(boolean broken, String rule) {
        if (broken && reason.isEmpty()) {
            reason = Optional.of(rule);
        }
    }
}
