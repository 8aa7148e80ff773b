// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.kernel;

import java.nio.ByteOrder;
import java.util.OptionalLong;

import org.jspecify.annotations.Nullable;

/// The crashed kernel's BTF, looked for at the first question. For one thread.
public final class LazyTypes implements TypeSource {
    private final Vmcoreinfo info;
    private final KernelReader memory;
    private final ByteOrder byteOrder;
    private @Nullable TypeSource types;

    /// @param memory used at the first question, by the thread that asks
    public LazyTypes(Vmcoreinfo info, KernelReader memory, ByteOrder byteOrder) {
        this.info = info;
        this.memory = memory;
        this.byteOrder = byteOrder;
    }

    @Override
    public OptionalLong size(String struct) {
        return types().size(struct);
    }

    @Override
    public OptionalLong offset(String struct, String member) {
        return types().offset(struct, member);
    }

    @Override
    public OptionalLong length(String struct, String member) {
        return types().length(struct, member);
    }

    @Override
    public OptionalLong enumerator(String name) {
        return types().enumerator(name);
    }

    /// True if a question was asked.
    public boolean asked() {
        return types != null;
    }

    private TypeSource types() {
        TypeSource known = types;
        if (known == null) {
            known = Btf.find(info, memory, byteOrder).map(TypeSource.class::cast).orElse(NONE);
            types = known;
        }
        return known;
    }
}
