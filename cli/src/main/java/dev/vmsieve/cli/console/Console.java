// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.console;

import java.io.PrintStream;
import java.time.Duration;

/// The two streams and the five kinds of message, shown or not by the bits of the message level.
///
/// Progress and errors go to standard error. Common messages, debugging and the report go to standard output, or to
/// standard error once `-F` has claimed standard output for the dump. Each line is flushed, so that a log shared by both
/// streams keeps their order. Safe for use by several threads.
public final class Console {
    /// What a slow serial line needs for a few lines. One that takes longer is stalled, by Ctrl-S or a reader that is gone.
    public static final long PATIENCE_MILLIS = 3000;

    private final String program;
    private final PrintStream out;
    private final PrintStream err;
    // The two settings are written by the main thread before any other thread exists.
    private int level;
    private boolean flattened;
    /// A progress line stands on standard error without a line end. Guarded by this.
    private boolean lineOpen;

    /// @param program the name it was called by, for messages
    /// @param out standard output
    /// @param err standard error
    /// @param level bits of [MessageLevel]
    public Console(String program, PrintStream out, PrintStream err, int level) {
        this.program = program;
        this.out = out;
        this.err = err;
        this.level = level;
    }

    /// The name it was called by.
    public String program() {
        return program;
    }

    /// Shows what these bits of [MessageLevel] say from now on.
    public void level(int bits) {
        level = bits;
    }

    /// Leaves standard output to dump data from now on.
    public void flattened(boolean value) {
        flattened = value;
    }

    /// True if messages of that kind are shown.
    public boolean shows(MessageLevel kind) {
        return (level & kind.bit()) != 0;
    }

    /// A line of the ordinary conversation; may be empty.
    public void common(String line) {
        print(MessageLevel.COMMON, line);
    }

    /// A line for whoever looks for the reason of something.
    public void debug(String line) {
        print(MessageLevel.DEBUG, line);
    }

    /// A line of the report.
    public void report(String line) {
        print(MessageLevel.REPORT, line);
    }

    /// What went wrong or may surprise, in one line on standard error, the program's name in front.
    public synchronized void error(String line) {
        if (shows(MessageLevel.ERROR)) {
            endProgressLine();
            write(err, program + ": " + line + "\n");
        }
    }

    /// A line on standard error whatever the message level.
    public synchronized void always(String line) {
        endProgressLine();
        write(err, line + "\n");
    }

    /// Text on standard output, or where `-F` sent it, whatever the message level.
    public synchronized void page(String text) {
        write(standard(), text);
    }

    /// Says something for as long as a console may decently take; if it is stalled, the caller goes on all the same.
    ///
    /// @param words calls methods of this console; may still run when this returns
    public static void sayPatiently(Runnable words) {
        Thread speaker = new Thread(words, "last words");
        speaker.setDaemon(true);
        speaker.start();
        try {
            speaker.join(Duration.ofMillis(PATIENCE_MILLIS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Replaces the progress line. The caller asked [#shows] before.
    synchronized void progressLine(String text) {
        write(err, text);
        lineOpen = true;
    }

    private synchronized void print(MessageLevel kind, String line) {
        if (shows(kind)) {
            if (flattened && !line.isEmpty()) {
                endProgressLine();
            }
            // An empty line ends an open progress line of a terminal that shows both streams.
            lineOpen = false;
            write(standard(), line + "\n");
        }
    }

    private PrintStream standard() {
        return flattened ? err : out;
    }

    private void endProgressLine() {
        if (lineOpen) {
            write(err, "\n");
            lineOpen = false;
        }
    }

    private static void write(PrintStream stream, String text) {
        stream.print(text);
        stream.flush();
    }
}
