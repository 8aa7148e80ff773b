// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/// Types of which a test states a few sizes and offsets, and what was asked of them.
public final class StatedTypes implements TypeSource {
    private final Map<String, Long> stated;
    private final List<String> asked = new ArrayList<>();

    /// @param stated bytes, by struct, or by struct and member as in `page.flags`
    public StatedTypes(Map<String, Long> stated) {
        this.stated = Map.copyOf(stated);
    }

    /// Structs and members asked for until now, in order.
    List<String> asked() {
        return List.copyOf(asked);
    }

    @Override
    public OptionalLong size(String struct) {
        return ask(struct);
    }

    @Override
    public OptionalLong offset(String struct, String member) {
        return ask(struct + "." + member);
    }

    @Override
    public OptionalLong length(String struct, String member) {
        return OptionalLong.empty();
    }

    @Override
    public OptionalLong enumerator(String name) {
        return OptionalLong.empty();
    }

    private OptionalLong ask(String what) {
        asked.add(what);
        Long bytes = stated.get(what);
        return bytes == null ? OptionalLong.empty() : OptionalLong.of(bytes);
    }
}
