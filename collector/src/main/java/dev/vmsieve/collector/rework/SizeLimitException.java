// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.rework;

import java.io.IOException;

/// A write would pass the size limit; everything below the limit was written.
final class SizeLimitException extends IOException {
    private static final long serialVersionUID = 1L;

    SizeLimitException(String message) {
        super(message);
    }
}
