// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.util.Arrays;
import java.util.Optional;

import dev.vmsieve.cli.console.Console;
import dev.vmsieve.cli.manual.Pages;
import dev.vmsieve.cli.options.Command;
import dev.vmsieve.cli.options.CommandLine;
import dev.vmsieve.cli.options.Mode;
import dev.vmsieve.cli.options.ModeRules;
import dev.vmsieve.cli.options.Option;
import dev.vmsieve.cli.options.OptionException;

/// The program's entry: finds out what is asked for, and has it done.
public final class Main {
    private final Invocation invocation;
    private final Console console;
    private final Interruption interruption;
    private final Streams streams;

    private Main(Invocation invocation, Console console, Interruption interruption, Streams streams) {
        this.invocation = invocation;
        this.console = console;
        this.interruption = interruption;
        this.streams = streams;
    }

    /// The process's streams as bytes and as text.
    ///
    /// @param in standard input
    /// @param data standard output, for dump data
    /// @param err standard error
    record Streams(InputStream in, OutputStream data, PrintStream err) {}

    /// Runs as a process of its own.
    public static void main(String[] args) {
        Charset charset = Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"), Charset.defaultCharset());
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), false, charset);
        PrintStream err = new PrintStream(new FileOutputStream(FileDescriptor.err), false, charset);
        Invocation invocation = Invocation.ofProcess();
        Console console = new Console(invocation.program(), out, err, CommandLine.DEFAULT_MESSAGE_LEVEL);
        Interruption interruption = new Interruption();
        // For threads that tell of progress or watch a write, and find no memory.
        Thread.setDefaultUncaughtExceptionHandler((thread, failure) -> end(console, invocation, failure));
        if (!interruption.install(console, line -> end(console, invocation, line))) {
            return;
        }
        Streams streams = new Streams(new FileInputStream(FileDescriptor.in), new FileOutputStream(FileDescriptor.out),
                err);
        int code = new Main(invocation, console, interruption, streams).run(args);
        interruption.finish();
        if (!interruption.requested()) {
            // The only shutdown hook is ours, which has nothing to do any more. An exit would first look for a logger.
            Runtime.getRuntime().halt(code);
        }
    }

    /// Shutdown hooks would wait for the run, and a stalled console for whoever reads it.
    private static void end(Console console, Invocation invocation, String line) {
        Console.sayPatiently(() -> {
            console.error(line);
            printFailed(console, invocation);
        });
        Runtime.getRuntime().halt(ExitCode.FAILED);
    }

    private static void end(Console console, Invocation invocation, Throwable failure) {
        try {
            say(console, invocation, failure);
        } finally {
            Runtime.getRuntime().halt(ExitCode.FAILED);
        }
    }

    /// Says why the process ends, to a console that takes nothing, too.
    static void say(Console console, Invocation invocation, Throwable failure) {
        Runnable words = () -> {
            ErrorMessages.report(failure, console);
            printFailed(console, invocation);
        };
        try {
            Console.sayPatiently(words);
        } catch (OutOfMemoryError noThread) {
            words.run();
        }
    }

    /// Runs within the caller's process, which signals do not end.
    ///
    /// @return the exit code
    static int run(String[] args, InputStream in, PrintStream out, PrintStream err, Invocation invocation) {
        Console console = new Console(invocation.program(), out, err, CommandLine.DEFAULT_MESSAGE_LEVEL);
        return new Main(invocation, console, new Interruption(), new Streams(in, out, err)).run(args);
    }

    private int run(String[] args) {
        try {
            if (args.length > 0 && invocation.hasCommands()) {
                Optional<Integer> code = runCommand(args);
                if (code.isPresent()) {
                    return code.get();
                }
            }
            return runLine(args);
        } catch (Exception | Error e) {
            if (interruption.told()) {
                return ExitCode.FAILED;
            }
            int code = ErrorMessages.report(e, console);
            printFailed();
            return code;
        }
    }

    /// Commands that makedumpfile has no word for. A file of such a name is given as `./demo`.
    private Optional<Integer> runCommand(String[] args) throws Exception {
        String[] operands = Arrays.copyOfRange(args, 1, args.length);
        Optional<Command> asked = Command.helpFor(args);
        if (asked.isPresent()) {
            return Optional.of(printPage(asked.get().help(invocation.program())));
        }
        Optional<Command> command = Command.of(args[0], operands.length);
        return command.isPresent() ? Optional.of(runCommand(command.get(), operands)) : Optional.empty();
    }

    private int runCommand(Command command, String[] operands) throws Exception {
        return switch (command) {
            case DEMO -> new DemoCommand(invocation, console, interruption, streams.err()).run(operands);
            case DOCTOR -> new DoctorCommand(console).run(operands);
            case HELP -> printPage(pages().help());
            case MANUAL -> printPage(pages().manual());
            case COMPLETION -> printPage(pages().completion());
        };
    }

    private Pages pages() {
        return new Pages(invocation.program(), invocation.hasCommands(), Version.number());
    }

    private int printPage(String text) {
        console.page(text);
        return ExitCode.DONE;
    }

    private int runLine(String[] args) throws Exception {
        CommandLine line = CommandLine.parse(args, invocation.posixlyCorrect());
        boolean checkOnly = line.has(Option.CHECK_PARAMS);
        console.flattened(line.has(Option.FLATTEN));
        console.level(checkOnly ? CommandLine.DEFAULT_MESSAGE_LEVEL : line.messageLevel());
        Optional<OptionException> error = line.error();
        if (error.isPresent()) {
            return refuse(error.get(), checkOnly);
        }
        Mode mode = line.mode();
        if (mode == Mode.HELP) {
            return printPage(pages().help());
        }
        if (mode == Mode.VERSION) {
            return printPage(Version.page(invocation.program()));
        }
        if (!checkOnly) {
            line.takeInputs(SplitInput.operands(line));
        }
        Optional<Option> unsupported = ModeRules.notSupportedYet(line);
        if (unsupported.isPresent()) {
            console.error(unsupported.get().shown() + " is not supported yet.");
            return fail(checkOnly);
        }
        Optional<String> refusal = ModeRules.refusal(line);
        if (refusal.isPresent()) {
            console.common(refusal.get());
            return refuseLine(checkOnly);
        }
        return checkOnly ? ExitCode.DONE : runMode(line, args);
    }

    private int runMode(CommandLine line, String[] args) throws Exception {
        OutputCheck.checkNames(line);
        int code = switch (line.mode()) {
            case REARRANGE, REASSEMBLE -> new ReworkCommand(line, console, interruption, streams.in()).run();
            case KERNEL_LOG -> new KernelLogCommand(line, console, interruption, streams.data()).run(args);
            case CREATE -> new DumpCommand(line, console, interruption, streams.data()).run(args);
            case GENERATE -> new GenerateCommand(line, console, interruption).run(args);
            case MEMORY_USAGE -> new MemoryUsageCommand(line, console, interruption).run(args);
            case HELP, VERSION -> throw new IllegalStateException(line.mode() + " is not run");
        };
        if (code != ExitCode.DONE && code != ExitCode.TOO_LITTLE_SAVED) {
            printFailed();
        }
        return code;
    }

    private int refuse(OptionException error, boolean checkOnly) {
        return switch (error.kind()) {
            case SYNTAX -> {
                console.always(invocation.program() + ": " + error.line());
                yield refuseLine(checkOnly);
            }
            case VALUE -> {
                console.common(error.line());
                yield fail(checkOnly);
            }
            case UNAVAILABLE -> {
                console.error(error.line());
                yield fail(checkOnly);
            }
        };
    }

    private int refuseLine(boolean checkOnly) {
        console.common("Commandline parameter is invalid.");
        console.common("Try `" + invocation.program() + " --help' for more information.");
        return fail(checkOnly);
    }

    private int fail(boolean checkOnly) {
        if (!checkOnly) {
            printFailed();
        }
        return ExitCode.FAILED;
    }

    private void printFailed() {
        printFailed(console, invocation);
    }

    private static void printFailed(Console console, Invocation invocation) {
        console.common("");
        console.common(invocation.program() + " Failed.");
    }
}
