// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.kernel;

import java.util.OptionalLong;

/// A page type, as the 32 bits at page._mapcount tell it.
///
/// Up to 6.11 all 32 bits are compared. Since then the type is the top byte, and the owner may use the rest (Linux
/// commit 4ffca5a96678, in v6.12); the exported value then has its low 24 bits clear.
///
/// @param value the bits a page of this type has
/// @param mask which bits count
public record PageType(int value, int mask) {
    /// No page is of this type.
    public static final PageType NONE = new PageType(1, 0);
    private static final int TOP_BYTE = 0xff00_0000;

    /// The type with this exported value.
    static PageType of(long exported) {
        int value = (int) exported;
        return new PageType(value, (value & ~TOP_BYTE) == 0 && value != 0 ? TOP_BYTE : -1);
    }

    /// The type with this exported value; [#NONE] if the kernel exports none.
    static PageType of(OptionalLong exported) {
        return exported.isPresent() ? of(exported.getAsLong()) : NONE;
    }

    /// True if a page with these 32 bits is of this type.
    public boolean matches(int mapcount) {
        return (mapcount & mask) == value;
    }

    /// False if the kernel does not tell this type.
    public boolean known() {
        return mask != 0;
    }
}
