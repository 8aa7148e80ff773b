// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.options;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// A command line taken apart, its values checked one by one; [ModeRules] checks them against each other.
///
/// Where an option that ends the run was met, [#error] has it, and the rest of the line did not take effect. One thing
/// is looked for even there: `-F`, since with it standard output is dump data and nothing else.
public final class CommandLine {
    /// What `--message-level` is when it is not given: progress, common messages and errors.
    public static final int DEFAULT_MESSAGE_LEVEL = 7;

    private static final int DEBUG_BIT = 8;
    private static final int REPORT_BIT = 16;
    private static final int MAX_LEVELS = 32;
    private static final int LEAST_ZSTD_LEVEL = -7;
    private static final int MOST_ZSTD_LEVEL = 19;
    private static final int MAX_BUFFER_ORDER = 24;

    private final EnumSet<Option> given = EnumSet.noneOf(Option.class);
    private final Map<Option, List<String>> values = new EnumMap<>(Option.class);
    private List<String> operands = List.of();
    private int inputs = 1;
    private List<Integer> levels = List.of();
    private int messageLevel = DEFAULT_MESSAGE_LEVEL;
    private int threads;
    private long splitblockBytes;
    private OptionalLong sizeLimit = OptionalLong.empty();
    private OptionalInt minSaving = OptionalInt.empty();
    private OptionalInt zstdLevel = OptionalInt.empty();
    private OptionalLong address = OptionalLong.empty();
    private Optional<Option> compression = Optional.empty();
    private Optional<OptionException> error = Optional.empty();

    private CommandLine() {}

    /// Takes a command line apart.
    ///
    /// @param arguments what follows the program's name
    /// @param posixlyCorrect the first operand ends the options
    public static CommandLine parse(String[] arguments, boolean posixlyCorrect) {
        CommandLine line = new CommandLine();
        OptionScanner scanner = new OptionScanner(arguments, posixlyCorrect);
        try {
            Optional<Option> option = scanner.next();
            while (option.isPresent()) {
                line.take(option.get(), scanner.value());
                option = scanner.next();
            }
        } catch (OptionException e) {
            line.error = Optional.of(e);
            line.lookForFlatten(scanner);
        }
        line.operands = Collections.unmodifiableList(scanner.operands());
        return line;
    }

    /// True if the option was given.
    public boolean has(Option option) {
        return given.contains(option);
    }

    /// The option's argument, the last if it was repeated.
    public Optional<String> value(Option option) {
        List<String> all = values.get(option);
        return all == null ? Optional.empty() : Optional.of(all.getLast());
    }

    /// All arguments of a repeatable option, in order.
    public List<String> values(Option option) {
        return values.getOrDefault(option, List.of());
    }

    /// The options given, in the table's order.
    public Iterable<Option> options() {
        return given;
    }

    /// What is not an option.
    public List<String> operands() {
        return operands;
    }

    /// Says how many operands, from the first on, are the input. A parse cannot know: it looks at no file.
    public void takeInputs(int number) {
        inputs = number;
    }

    /// The operands that are read: one, or the parts of a split dump. Only for modes that read a dump.
    public List<String> inputs() {
        return operands.subList(0, Math.min(inputs, operands.size()));
    }

    /// The operands that are written, in the same modes.
    public List<String> outputs() {
        return operands.subList(Math.min(inputs, operands.size()), operands.size());
    }

    /// Bytes of memory that `--split` takes as a unit; 0 if not given, or given as 0.
    public long splitblockBytes() {
        return splitblockBytes;
    }

    /// Dump levels in the order to be tried, each 0 to 31; never empty.
    public List<Integer> levels() {
        return levels.isEmpty() ? List.of(0) : levels;
    }

    /// The message level, with what `-D` and `--show-stats` add.
    public int messageLevel() {
        return messageLevel | (has(Option.DEBUG) ? DEBUG_BIT : 0) | (has(Option.SHOW_STATS) ? REPORT_BIT : 0);
    }

    /// Threads as given, 0 if the option was absent, 0 or negative.
    public int threads() {
        return threads;
    }

    /// Largest output file in bytes.
    public OptionalLong sizeLimit() {
        return sizeLimit;
    }

    /// Percent, 0 to 100, by which the dump must be smaller than its input.
    public OptionalInt minSaving() {
        return minSaving;
    }

    /// Level of zstd, -7 to 19.
    public OptionalInt zstdLevel() {
        return zstdLevel;
    }

    /// The address of `--vtop`.
    public OptionalLong address() {
        return address;
    }

    /// The last of -c, -l, -p, -z; empty: pages are stored as they are.
    public Optional<Option> compression() {
        return compression;
    }

    /// The option that ended the run.
    public Optional<OptionException> error() {
        return error;
    }

    /// What the line asks for.
    public Mode mode() {
        return Mode.of(this);
    }

    private void take(Option option, String value) throws OptionException {
        check(option, value);
        given.add(option);
        if (option.takesArgument()) {
            List<String> all = values.get(option);
            if (all == null) {
                all = new ArrayList<>();
                values.put(option, all);
            }
            all.add(value);
        }
    }

    // An if chain for what few options need; most have nothing to check.
    private void check(Option option, String value) throws OptionException {
        if (option == Option.DUMP_LEVEL) {
            levels = parseLevels(value);
        } else if (option == Option.SIZE_LIMIT) {
            sizeLimit = Numbers.size(value);
            refuse(sizeLimit.isEmpty(), "Limit size(" + value + ") is invalid.");
        } else if (option == Option.MIN_SAVING) {
            minSaving = Numbers.strict(value);
            refuse(minSaving.isEmpty() || minSaving.getAsInt() < 0 || minSaving.getAsInt() > 100,
                    "Minimum saving(" + value + ") is invalid.");
        } else if (option == Option.ZSTD_LEVEL) {
            zstdLevel = Numbers.strict(value);
            refuse(zstdLevel.isEmpty() || zstdLevel.getAsInt() < LEAST_ZSTD_LEVEL
                    || zstdLevel.getAsInt() > MOST_ZSTD_LEVEL,
                    "Zstd level(" + value + ") is invalid: it must be " + LEAST_ZSTD_LEVEL + " to " + MOST_ZSTD_LEVEL
                            + ".");
        } else if (option == Option.MESSAGE_LEVEL) {
            OptionalInt number = Numbers.strict(value);
            refuse(number.isEmpty() || number.getAsInt() < 0 || number.getAsInt() > 31,
                    "Message_level(" + value + ") is invalid.");
            messageLevel = number.getAsInt();
        } else if (option == Option.NUM_THREADS) {
            OptionalInt number = Numbers.strict(value);
            refuse(number.isEmpty(), "Number of threads(" + value + ") is invalid.");
            threads = Math.max(number.getAsInt(), 0);
        } else if (option == Option.BUFFER_ORDER) {
            int order = Numbers.lenient(value);
            refuse(order < 0 || order > MAX_BUFFER_ORDER, "Block order(" + value + ") is invalid.");
        } else if (option == Option.SPLITBLOCK_SIZE) {
            OptionalInt number = Numbers.strict(value);
            refuse(number.isEmpty() || number.getAsInt() < 0, "Splitblock size(" + value + ") is invalid.");
            splitblockBytes = number.getAsInt() * 1024L;
        } else if (option == Option.CYCLIC_BUFFER) {
            refuse(Numbers.lenient(value) < 0, "Cyclic buffer size(" + value + ") is invalid.");
        } else if (option == Option.VTOP) {
            address = Numbers.address(value);
            refuse(address.isEmpty(), "Address(" + value + ") is invalid; hexadecimal needs 0x.");
        } else if (option == Option.EXTENSION) {
            throw new OptionException(OptionException.Kind.UNAVAILABLE, "--extension is not supported.");
        } else if (option == Option.ZLIB || option == Option.LZO || option == Option.SNAPPY || option == Option.ZSTD) {
            compression = Optional.of(option);
        }
    }

    private static List<Integer> parseLevels(String text) throws OptionException {
        List<Integer> parsed = new ArrayList<>();
        int start = 0;
        while (start <= text.length()) {
            int comma = text.indexOf(',', start);
            int end = comma < 0 ? text.length() : comma;
            String one = text.substring(start, end);
            OptionalInt number = Numbers.strict(one);
            refuse(number.isEmpty() || number.getAsInt() < 0 || number.getAsInt() > 31 || parsed.size() == MAX_LEVELS,
                    "Dump_level(" + (parsed.size() == MAX_LEVELS ? text : one) + ") is invalid.");
            parsed.add(number.getAsInt());
            start = end + 1;
        }
        return parsed;
    }

    private static void refuse(boolean wrong, String message) throws OptionException {
        if (wrong) {
            throw new OptionException(OptionException.Kind.VALUE, message);
        }
    }

    private void lookForFlatten(OptionScanner scanner) {
        boolean atEnd = false;
        while (!atEnd) {
            try {
                Optional<Option> option = scanner.next();
                atEnd = option.isEmpty();
                if (option.isPresent() && option.get() == Option.FLATTEN) {
                    given.add(Option.FLATTEN);
                }
            } catch (OptionException e) {
                atEnd = false; // the first error counts; this only looks for -F behind it
            }
        }
    }
}
