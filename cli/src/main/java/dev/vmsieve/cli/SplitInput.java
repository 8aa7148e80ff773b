// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;

import dev.vmsieve.cli.options.CommandLine;
import dev.vmsieve.cli.options.Mode;
import dev.vmsieve.cli.options.Option;
import dev.vmsieve.filter.vmcore.SplitParts;

/// Finds out how many operands are the input: one, or the parts of a split dump.
///
/// makedumpfile has no form for parts; where a line has more operands than it takes, and they are parts, nothing else
/// can be meant. Files are looked at only then.
final class SplitInput {
    private SplitInput() {}

    /// How many of the operands, from the first on, are the input; 1 unless they are parts of a split dump.
    static int operands(CommandLine line) {
        boolean usage = line.mode() == Mode.MEMORY_USAGE;
        boolean reads = line.mode() == Mode.CREATE || line.mode() == Mode.KERNEL_LOG || usage;
        boolean split = line.mode() == Mode.CREATE && line.has(Option.SPLIT);
        int outputs = split ? 2 : usage || line.has(Option.FLATTEN) ? 0 : 1;
        int most = line.operands().size() - outputs;
        if (!reads || most < 2 || line.has(Option.DISKSET)) {
            return 1;
        }
        int parts = leadingParts(line.operands(), most);
        if (split) {
            return Math.max(parts, 1);
        }
        // Whoever begins with a part means parts: what is wrong with another one is told when it is opened.
        boolean meant = parts == most || isPart(line.operands().getFirst());
        return meant ? most : 1;
    }

    private static int leadingParts(List<String> operands, int most) {
        int count = 0;
        while (count < most && mayBePart(operands.get(count))) {
            count++;
        }
        return count;
    }

    private static boolean isPart(String operand) {
        try {
            return SplitParts.isPart(Path.of(operand));
        } catch (InvalidPathException noFile) {
            return false;
        }
    }

    private static boolean mayBePart(String operand) {
        try {
            return SplitParts.mayBePart(Path.of(operand));
        } catch (InvalidPathException noFile) {
            return false;
        }
    }
}
