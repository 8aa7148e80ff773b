// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.codec;

/// The compression methods of the kdump-compressed format.
///
/// The order is that in which readers test the bits of a page descriptor's flags; [#byFlag] relies on it.
public enum Compression {
    /// Pages are stored as they are.
    NONE(0),
    /// One zlib stream (RFC 1950) a page.
    ZLIB(0x01),
    /// One LZO1X block a page.
    LZO(0x02),
    /// One raw snappy block a page.
    SNAPPY(0x04),
    /// One zstd frame a page (RFC 8878).
    ZSTD(0x20);

    private static final Compression[] METHODS = {ZLIB, LZO, SNAPPY, ZSTD};

    private final int flag;

    Compression(int flag) {
        this.flag = flag;
    }

    /// The method's bit in the status of the main header and in the flags of a page descriptor; 0 for [#NONE].
    public int flag() {
        return flag;
    }

    /// A codec for one worker thread, which closes it; levels are those makedumpfile uses.
    public PageCodec newCodec() {
        return switch (this) {
            case NONE -> new Stored();
            case ZLIB -> new Zlib();
            case LZO -> new Lzo();
            case SNAPPY -> new Snappy();
            case ZSTD -> new Zstd();
        };
    }

    /// The method of a page with these descriptor flags, or [#NONE] where no method's bit is set.
    ///
    /// Where several bits are set the first of zlib, LZO, snappy, zstd is taken, as readers do; other bits are ignored.
    public static Compression byFlag(int flags) {
        for (Compression method : METHODS) {
            if ((flags & method.flag) != 0) {
                return method;
            }
        }
        return NONE;
    }
}
