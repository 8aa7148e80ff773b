// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.progress;

import java.util.function.Consumer;

/// Where the libraries tell what they are doing; they never print.
///
/// [#begin] and [#end] come from the thread that drives the run and never nest; [#advance] and [#warning] may come
/// from any thread, so implementations must be thread-safe, and must return at once: a slow terminal must not slow
/// the dump.
public interface Progress {
    /// Listens to nothing.
    Progress NONE = warnings(message -> {});

    /// Passes on warnings and nothing else.
    ///
    /// @param listener takes each warning; called by any thread
    static Progress warnings(Consumer<String> listener) {
        return new Progress() {
            @Override
            public void begin(Stage stage, long total) {}

            @Override
            public void advance(long amount) {}

            @Override
            public void end(Stage stage) {}

            @Override
            public void warning(String message) {
                listener.accept(message);
            }
        };
    }

    /// A stage starts; total is in the stage's own unit (pages, mostly).
    void begin(Stage stage, long total);

    /// Work done since the last call, in the unit of the total.
    void advance(long amount);

    /// The stage is complete.
    void end(Stage stage);

    /// Something the user must know although the run goes on; one line, no line end.
    void warning(String message);
}
