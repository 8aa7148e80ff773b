// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import dev.vmsieve.cli.console.Console;
import dev.vmsieve.filter.io.CorruptDumpException;
import dev.vmsieve.filter.io.KernelMismatchException;

class ErrorMessagesTest {
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Console console = new Console("vmsieve", System.out,
            new PrintStream(err, true, StandardCharsets.UTF_8), 7);

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    static Stream<Arguments> failures() {
        return Stream.of(Arguments.of(new NoSuchFileException("f"), "[f] No such file or directory"),
                Arguments.of(new AccessDeniedException("f"), "[f] Permission denied"),
                Arguments.of(new FileAlreadyExistsException("f"), "[f] File exists"),
                Arguments.of(new FileSystemException("f", null, "Is a directory"), "[f] Is a directory"),
                Arguments.of(new CorruptDumpException("[f] ELF header: bad"), "[f] ELF header: bad"),
                Arguments.of(new IOException("[f] Input/output error"), "[f] Input/output error"),
                Arguments.of(new OutOfMemoryError("Java heap space"),
                        "Out of memory: Java heap space. No input is known that needs that much: please report what this"
                                + " one is."),
                Arguments.of(new OutOfMemoryError("Cannot reserve 2097152 bytes of direct buffer memory"),
                        "Out of memory: Cannot reserve 2097152 bytes of direct buffer memory. Fewer threads"
                                + " (--num-threads) need less."),
                Arguments.of(new StackOverflowError(),
                        "Out of stack: some structure of the dump is nested too deeply."));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void saysInOneLineWhatADumpOrTheSystemCanCause(Throwable failure, String line) {
        assertThat(ErrorMessages.report(failure, console)).isEqualTo(1);
        assertThat(err()).isEqualTo("vmsieve: " + line + "\n");
    }

    @Test
    void returnsTwoForAnotherKernelAlone() {
        assertThat(ErrorMessages.report(new KernelMismatchException("[f] is of a, not b"), console)).isEqualTo(2);
    }

    @Test
    void asksForAReportOfADefect() {
        assertThat(ErrorMessages.report(new IllegalStateException("impossible"), console)).isEqualTo(1);
        assertThat(err()).startsWith("vmsieve: This is a defect of vmsieve; please report it with these lines: ")
                .contains("impossible", "\tat dev.vmsieve.cli.ErrorMessagesTest");
    }

    @Test
    void takesADefectBehindAnIncompleteDumpForADefect() {
        ErrorMessages.report(new IOException("[f] marked", new IllegalStateException("impossible")), console);
        assertThat(err()).contains("please report", "Caused by: java.lang.IllegalStateException: impossible");
    }
}
