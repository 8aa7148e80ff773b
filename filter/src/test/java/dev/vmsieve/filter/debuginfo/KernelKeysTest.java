// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.debuginfo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;

import org.junit.jupiter.api.Test;

import dev.vmsieve.filter.debuginfo.SymbolTable.Symbol;
import dev.vmsieve.filter.kernel.KernelRelease;
import dev.vmsieve.filter.kernel.StatedTypes;
import dev.vmsieve.filter.kernel.TypeSource;

class KernelKeysTest {
    @Test
    void asksForWhatTellsWhichRecordsOfTheLogAClearLeft() {
        Map<String, Symbol> symbols = Map.of("_stext", new Symbol(1, 0, 1, 1), "prb", new Symbol(2, 0, 1, 1));
        assertThat(KernelKeys.typeQuery(symbols).structs().getOrDefault("printk_info", Set.of())).contains("seq");
        TypeSource types = new StatedTypes(Map.of("printk_info.seq", 8L));
        assertThat(new KernelKeys(symbols, types, KernelRelease.parse("6.1.0"), Long.BYTES).lines())
                .contains("OFFSET(printk_info.seq)=8\n");
    }
}
