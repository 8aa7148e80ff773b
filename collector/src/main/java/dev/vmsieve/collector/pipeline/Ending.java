// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.pipeline;

/// How a collection ended.
public enum Ending {
    /// All pages are written.
    COMPLETE,
    /// The size limit was reached; the pages that fit are written.
    SIZE_LIMIT,
    /// Somebody asked for the end; the pages at hand are written.
    CANCELLED,
    /// A worker failed.
    FAILED
}
