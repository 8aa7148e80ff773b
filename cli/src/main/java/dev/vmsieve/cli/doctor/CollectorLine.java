// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.doctor;

import java.util.List;
import java.util.Optional;

import dev.vmsieve.cli.options.CommandLine;
import dev.vmsieve.cli.options.ModeRules;
import dev.vmsieve.cli.options.Option;
import dev.vmsieve.filter.codec.Compression;

/// The line by which the scripts will call the collector.
///
/// @param program its first word
/// @param arguments the rest, as they will be given in the crash kernel
record CollectorLine(String program, List<String> arguments) {
    private static final String VMSIEVE = "vmsieve";
    /// The word that scripts know.
    static final String MAKEDUMPFILE = "makedumpfile";

    /// Copies the arguments.
    CollectorLine {
        arguments = List.copyOf(arguments);
    }

    /// True if it takes makedumpfile's options.
    boolean isMakedumpfile() {
        return program.contains(MAKEDUMPFILE) || name().equals(VMSIEVE);
    }

    /// True if it is the command of that name, of the distribution or what stands in for it.
    boolean isTheMakedumpfile() {
        return program.matches("(/(usr/)?s?bin/)?makedumpfile");
    }

    /// True if it would save the kernel's log and no memory.
    boolean savesOnlyTheLog() {
        return isMakedumpfile() && arguments.contains("--dump-dmesg");
    }

    /// The name without directories.
    String name() {
        return program.substring(program.lastIndexOf('/') + 1);
    }

    /// As it would be typed.
    String text() {
        return (program + " " + String.join(" ", arguments)).strip();
    }

    /// Why the program would refuse these options; empty if it would not.
    Optional<String> refusal() {
        CommandLine line = parse();
        if (line.error().isPresent()) {
            return Optional.of(line.error().get().line());
        }
        Optional<Option> unsupported = ModeRules.notSupportedYet(line);
        return unsupported.isPresent()
                ? Optional.of(unsupported.get().shown() + " is not supported yet.")
                : ModeRules.refusal(line);
    }

    /// The dump level; 0 where the collector copies all.
    int level() {
        return isMakedumpfile() ? parse().levels().getFirst() : 0;
    }

    /// How pages are compressed.
    Compression compression() {
        Optional<Option> given = isMakedumpfile() ? parse().compression() : Optional.empty();
        if (given.isEmpty()) {
            return Compression.NONE;
        }
        return switch (given.get()) {
            case ZLIB -> Compression.ZLIB;
            case LZO -> Compression.LZO;
            case SNAPPY -> Compression.SNAPPY;
            case ZSTD -> Compression.ZSTD;
            default -> Compression.NONE;
        };
    }

    private CommandLine parse() {
        return CommandLine.parse(arguments.toArray(new String[0]), false);
    }
}
