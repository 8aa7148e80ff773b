// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.bench.compare;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// A way to write a dump, by the options that both programs take.
enum CaseKind {
    /// No compression.
    NONE("none", Form.KDUMP, ""),
    /// zlib.
    ZLIB("zlib `-c`", Form.KDUMP, "-c"),
    /// LZO.
    LZO("LZO `-l`", Form.KDUMP, "-l"),
    /// snappy.
    SNAPPY("snappy `-p`", Form.KDUMP, "-p"),
    /// zstd.
    ZSTD("zstd `-z`", Form.KDUMP, "-z"),
    /// An ELF file.
    ELF("ELF `-E`", Form.ELF, "-E"),
    /// Flattened, to a pipe that `cat` reads.
    FLATTENED("flattened `-F -l` to a pipe", Form.PIPE, "-F -l"),
    /// A level 0 LZO dump, made by the peer, filtered again with the same codec.
    REFILTER("LZO dump filtered again `-l`", Form.KDUMP, "-l");

    /// What comes out.
    enum Form {
        /// A kdump file.
        KDUMP,
        /// An ELF file.
        ELF,
        /// Flattened data down a pipe.
        PIPE
    }

    private final String title;
    private final Form form;
    /// Words with a blank between.
    private final String options;

    CaseKind(String title, Form form, String options) {
        this.title = title;
        this.form = form;
        this.options = options;
    }

    /// For tables.
    String title() {
        return title;
    }

    /// What comes out.
    Form form() {
        return form;
    }

    /// Whether the peer takes a number of threads: with `-E` it refuses any.
    boolean peerTakesThreads() {
        return form != Form.ELF;
    }

    /// As `--cases` names it.
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// The arguments of a run.
    ///
    /// @param threads options that choose the threads
    List<String> arguments(int level, List<String> threads, String input, String output) {
        List<String> arguments = new ArrayList<>();
        if (!options.isEmpty()) {
            arguments.addAll(List.of(options.split(" ", -1)));
        }
        arguments.addAll(List.of("-d", Integer.toString(level)));
        arguments.addAll(threads);
        arguments.add(input);
        if (form != Form.PIPE) {
            arguments.add(output);
        }
        return arguments;
    }

    /// The case of that name.
    static CaseKind of(String word) {
        return Arrays.stream(values()).filter(kind -> kind.word().equals(word)).findFirst().orElseThrow(
                () -> new IllegalArgumentException("--cases: no case is called '" + word + "'"));
    }
}
