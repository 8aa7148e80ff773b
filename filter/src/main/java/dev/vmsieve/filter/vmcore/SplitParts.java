// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.vmcore;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

import dev.vmsieve.filter.format.kdump.KdumpPart;
import dev.vmsieve.filter.io.DumpFile;
import dev.vmsieve.filter.io.FileDumpFile;

/// Tells parts of a split dump from other files, without opening them as dumps.
public final class SplitParts {
    private SplitParts() {}

    /// True for a kdump file that says it is a part of a split dump.
    public static boolean isPart(Path path) {
        return Files.isRegularFile(path) && formatOf(path) == InputFormat.KDUMP && saysSo(path);
    }

    /// True as well for a file that is flattened or packed, and so tells only when it is opened.
    public static boolean mayBePart(Path path) {
        if (!Files.isRegularFile(path)) {
            return false;
        }
        InputFormat format = formatOf(path);
        return format == InputFormat.FLATTENED || format == InputFormat.PACKED
                || (format == InputFormat.KDUMP && saysSo(path));
    }

    private static boolean saysSo(Path path) {
        try (DumpFile file = FileDumpFile.open(path)) {
            return KdumpPart.open(file).isSplit();
        } catch (IOException notSound) {
            return false;
        }
    }

    private static InputFormat formatOf(Path path) {
        ByteBuffer first = ByteBuffer.allocate(InputFormat.FIRST_BYTES);
        try (DumpFile file = FileDumpFile.open(path)) {
            file.read("input", 0, first);
        } catch (IOException unreadable) {
            return InputFormat.UNKNOWN;
        }
        return InputFormat.of(first, 0);
    }
}
