// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.bench.compare;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/// Runs a program and measures it by what wait4(2) tells.
///
/// The program is a child of a small shell, not of this machine: the peak that Linux tells of a process includes that of
/// the process it was forked from. The shell ends at once, and its child waits at a named pipe until it has; then this
/// process is the one that orphans fall to (PR_SET_CHILD_SUBREAPER), starts the clock, lets the child become the program,
/// and waits for it. Shell, program and what the program starts are a session, so that all of it can be ended.
final class ChildProcess {
    /// Nothing but the child's pid may hold the shell's own output, which is read to its end.
    private static final String TO_FILE = """
            { read -r go < "$GO"; exec 2>> "$ERR"; exec "$@" > "$OUT"; } > /dev/null & echo $!
            """;
    /// Either side opens the named pipe before it can fail, so that the other never waits for it in vain.
    private static final String TO_PIPE = """
            { exec < "$FIFO"; exec 2>> "$ERR"; exec cat > "$OUT"; } > /dev/null & echo $!
            { read -r go < "$GO"; exec 3> "$FIFO"; exec 2>> "$ERR"; exec "$@" >&3 3>&-; } > /dev/null & echo $!
            """;
    private static final int SIGKILL = 9;
    private static final int PR_SET_CHILD_SUBREAPER = 36;
    private static final int EINTR = 4;
    /// The first five words of struct rusage, 64-bit: seconds and microseconds of user and system time, peak in KiB.
    private static final int RUSAGE_BYTES = 256;
    private static final StructLayout CAPTURED = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = CAPTURED.varHandle(PathElement.groupElement("errno"));
    private static final MethodHandle PRCTL = function("prctl",
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
            Linker.Option.firstVariadicArg(1));
    private static final MethodHandle WAIT4 = function("wait4",
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, ADDRESS),
            Linker.Option.captureCallState("errno"));

    private static final MethodHandle KILL = function("kill", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
    /// Sessions that run; each is written by the thread that runs it, and read by [#endAll].
    private static final Set<Long> SESSIONS = ConcurrentHashMap.newKeySet();
    /// Set once, by [#endAll].
    private static final AtomicBoolean ENDED = new AtomicBoolean();

    private ChildProcess() {}

    /// Ends all that runs, with what it started, and lets nothing start any more: this machine is about to end.
    static void endAll() {
        ENDED.set(true);
        SESSIONS.forEach(ChildProcess::kill);
    }

    /// Runs a program, its standard output into a file.
    ///
    /// @param before a command that becomes the shell's, as `taskset -c 0`; may be empty
    static Usage run(List<String> before, List<String> command, Path standardOutput, Path standardError)
            throws IOException {
        return run(TO_FILE, before, command, standardOutput, standardError, standardOutput);
    }

    /// Runs a program, its standard output through a pipe to `cat`, which writes the file and must do so to its end.
    static Usage runIntoPipe(List<String> before, List<String> command, Path fifo, Path file, Path standardError)
            throws IOException {
        makeFifo(fifo);
        return run(TO_PIPE, before, command, file, standardError, fifo);
    }

    private static void makeFifo(Path fifo) throws IOException {
        if (!Files.exists(fifo)) {
            waitFor(new ProcessBuilder("mkfifo", fifo.toString()).inheritIO().start());
        }
    }

    private static Usage run(String script, List<String> before, List<String> command, Path out, Path err, Path fifo)
            throws IOException {
        adoptOrphans();
        Files.deleteIfExists(err);
        Path go = err.resolveSibling("go");
        makeFifo(go);
        List<String> shell = new ArrayList<>(List.of("setsid"));
        shell.addAll(before);
        shell.addAll(List.of("/bin/sh", "-c", script, "sh"));
        shell.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(shell).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().putAll(Map.of("OUT", out.toString(), "ERR", err.toString(), "FIFO", fifo.toString(),
                "GO", go.toString()));
        Process process = builder.start();
        SESSIONS.add(process.pid());
        try (BufferedReader said = process.inputReader(StandardCharsets.US_ASCII)) {
            List<Integer> pids = said.lines().map(Integer::valueOf).toList();
            waitFor(process);
            return letGo(pids, go);
        } finally {
            SESSIONS.remove(process.pid());
        }
    }

    /// Opened for both directions the named pipe is never waited for: its reader may have been killed.
    private static Usage letGo(List<Integer> pids, Path go) throws IOException {
        if (pids.isEmpty()) {
            throw new IOException("the shell that starts programs did not run");
        }
        try (FileChannel channel = FileChannel.open(go, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            long start = System.nanoTime();
            channel.write(ByteBuffer.wrap(new byte[]{'\n'}));
            return wait(pids, start);
        }
    }

    /// Waits for the program, the last of the pids, and then for the reader of its pipe.
    private static Usage wait(List<Integer> pids, long start) throws IOException {
        Usage usage = wait4(pids.getLast());
        int exitCode = usage.exitCode();
        for (int pid : pids.subList(0, pids.size() - 1)) {
            int ofReader = wait4(pid).exitCode();
            exitCode = exitCode == 0 ? ofReader : exitCode;
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        while (ENDED.get()) { // what was killed is no result
            LockSupport.park();
        }
        return new Usage(seconds, usage.userSeconds(), usage.systemSeconds(), usage.peakKib(), exitCode);
    }

    private static void kill(long session) {
        try {
            int ignored = (int) KILL.invokeExact((int) -session, SIGKILL);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private static Usage wait4(int pid) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(CAPTURED);
            MemorySegment status = arena.allocate(JAVA_INT);
            MemorySegment usage = arena.allocate(RUSAGE_BYTES, 8);
            while ((int) WAIT4.invokeExact(state, pid, status, 0, usage) != pid) {
                int errno = (int) ERRNO.get(state, 0L);
                if (errno != EINTR) {
                    throw new IOException("wait4 for process " + pid + ": errno " + errno);
                }
            }
            return new Usage(0, seconds(usage, 0), seconds(usage, 2), usage.getAtIndex(JAVA_LONG, 4),
                    exitCode(status.get(JAVA_INT, 0)));
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private static double seconds(MemorySegment usage, int word) {
        return usage.getAtIndex(JAVA_LONG, word) + usage.getAtIndex(JAVA_LONG, word + 1) / 1e6;
    }

    /// As a shell tells it, from a status of wait(2).
    static int exitCode(int status) {
        int signal = status & 0x7f;
        return signal == 0 ? status >>> 8 & 0xff : 128 + signal;
    }

    private static void adoptOrphans() {
        try {
            int result = (int) PRCTL.invokeExact(PR_SET_CHILD_SUBREAPER, 1L, 0L, 0L, 0L);
            if (result != 0) {
                throw new IllegalStateException("prctl: " + result);
            }
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private static void waitFor(Process process) throws IOException {
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    @SuppressWarnings("restricted") // the launcher grants it
    private static MethodHandle function(String name, FunctionDescriptor descriptor, Linker.Option... options) {
        Linker linker = Linker.nativeLinker();
        SymbolLookup lookup = linker.defaultLookup();
        return linker.downcallHandle(lookup.find(name).orElseThrow(), descriptor, options);
    }
}
