// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.output;

import java.io.IOException;
import java.util.Locale;

import org.jspecify.annotations.Nullable;

/// Tells a disk or a quota that is full from other failures: the system's words for ENOSPC and EDQUOT are all that Java
/// passes on.
public final class FullDisk {
    private FullDisk() {}

    /// True if the system refused a write for want of room.
    public static boolean isCause(@Nullable Throwable cause) {
        String message = cause instanceof IOException ? cause.getMessage() : null;
        if (message == null) {
            return false;
        }
        String lower = message.toLowerCase(Locale.ROOT);
        return lower.contains("no space left") || lower.contains("quota exceeded");
    }
}
