// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.kernel;

import java.util.OptionalLong;

/// A second source of layouts beside VMCOREINFO: type information such as BTF or DWARF.
///
/// Asked only for what VMCOREINFO lacks, since finding it may be dear: an implementation looks for its data at the first
/// question, not before.
public interface TypeSource {
    /// Knows nothing.
    TypeSource NONE = new TypeSource() {
        @Override
        public OptionalLong size(String struct) {
            return OptionalLong.empty();
        }

        @Override
        public OptionalLong offset(String struct, String member) {
            return OptionalLong.empty();
        }

        @Override
        public OptionalLong length(String struct, String member) {
            return OptionalLong.empty();
        }

        @Override
        public OptionalLong enumerator(String name) {
            return OptionalLong.empty();
        }
    };

    /// Bytes of a struct or union, or of the one that a typedef of that name stands for.
    OptionalLong size(String struct);

    /// Offset in bytes of a member, which may lie in anonymous structs and unions inside.
    OptionalLong offset(String struct, String member);

    /// Elements of a member that is an array, of its first dimension.
    OptionalLong length(String struct, String member);

    /// Value of an enumerator of any enum.
    OptionalLong enumerator(String name);
}
