// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

import dev.vmsieve.cli.console.Console;
import dev.vmsieve.filter.io.KernelMismatchException;

/// One line for each way a run can fail, and the exit code that goes with it.
final class ErrorMessages {
    /// Where the JVM's word for its own memory is met; a thread's buffers and stack lie elsewhere.
    private static final String HEAP = "heap space";

    private ErrorMessages() {}

    /// Says what happened. Only a defect of our own brings a stack trace.
    static int report(Throwable failure, Console console) {
        Optional<String> line = line(failure);
        if (line.isPresent()) {
            console.error(line.get());
        } else {
            console.error(defect(failure));
        }
        return failure instanceof KernelMismatchException ? ExitCode.OTHER_KERNEL : ExitCode.FAILED;
    }

    /// The line for what a user, a system or a dump can cause; none for a defect.
    static Optional<String> line(Throwable failure) {
        if (failure instanceof IOException io && !isDefect(failure.getCause())) {
            return Optional.of(oneLine(ofIo(io)));
        }
        if (failure instanceof UncheckedIOException && failure.getMessage() != null) {
            return Optional.of(oneLine(failure.getMessage()));
        }
        if (failure instanceof InvalidPathException path) {
            return Optional.of(oneLine("[" + path.getInput() + "] is no file name on this system."));
        }
        if (failure instanceof OutOfMemoryError) {
            String what = oneLine(String.valueOf(failure.getMessage()));
            return Optional.of("Out of memory: " + what + (what.contains(HEAP)
                    ? ". No input is known that needs that much: please report what this one is."
                    : ". Fewer threads (--num-threads) need less."));
        }
        if (failure instanceof StackOverflowError) {
            return Optional.of("Out of stack: some structure of the dump is nested too deeply.");
        }
        return Optional.empty();
    }

    private static boolean isDefect(@Nullable Throwable cause) {
        return (cause instanceof RuntimeException && !(cause instanceof UncheckedIOException))
                || cause instanceof AssertionError;
    }

    private static String ofIo(IOException failure) {
        if (failure instanceof FileSystemException system) {
            return "[" + system.getFile() + "] " + reason(system);
        }
        String message = failure.getMessage();
        return message == null ? failure.getClass().getSimpleName() : message;
    }

    private static String reason(FileSystemException failure) {
        if (failure instanceof NoSuchFileException) {
            return "No such file or directory";
        }
        if (failure instanceof AccessDeniedException) {
            return "Permission denied";
        }
        if (failure instanceof FileAlreadyExistsException) {
            return "File exists";
        }
        String reason = failure.getReason();
        return reason == null ? failure.getClass().getSimpleName() : reason;
    }

    /// A name with a line end in it must not break the one line.
    private static String oneLine(String text) {
        return text.replace('\n', '?').replace('\r', '?');
    }

    private static String defect(Throwable failure) {
        StringWriter trace = new StringWriter();
        failure.printStackTrace(new PrintWriter(trace));
        return "This is a defect of vmsieve; please report it with these lines: " + trace.toString().strip();
    }
}
