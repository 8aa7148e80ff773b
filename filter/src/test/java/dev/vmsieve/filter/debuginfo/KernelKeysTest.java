// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.debuginfo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

import org.junit.jupiter.api.Test;

import dev.vmsieve.filter.debuginfo.SymbolTable.Symbol;
import dev.vmsieve.filter.kernel.KernelRelease;
import dev.vmsieve.filter.kernel.TypeSource;

class KernelKeysTest {
    @Test
    void asksForWhatTellsWhichRecordsOfTheLogAClearLeft() {
        Map<String, Symbol> symbols = Map.of("_stext", new Symbol(1, 0, 1, 1), "prb", new Symbol(2, 0, 1, 1));
        assertThat(KernelKeys.typeQuery(symbols).structs().getOrDefault("printk_info", Set.of())).contains("seq");
        TypeSource types = new TypeSource() {
            @Override
            public OptionalLong size(String struct) {
                return OptionalLong.empty();
            }

            @Override
            public OptionalLong offset(String struct, String member) {
                return struct.equals("printk_info") && member.equals("seq") ? OptionalLong.of(8) : OptionalLong.empty();
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
        assertThat(new KernelKeys(symbols, types, KernelRelease.parse("6.1.0"), Long.BYTES).lines())
                .contains("OFFSET(printk_info.seq)=8\n");
    }
}
