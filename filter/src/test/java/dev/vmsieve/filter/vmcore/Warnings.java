// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.vmcore;

import java.util.ArrayList;
import java.util.List;

import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.filter.progress.Stage;

/// Remembers what the user would be told.
final class Warnings implements Progress {
    final List<String> list = new ArrayList<>();

    @Override
    public void begin(Stage stage, long total) {}

    @Override
    public void advance(long amount) {}

    @Override
    public void end(Stage stage) {}

    @Override
    public void warning(String message) {
        list.add(message);
    }
}
