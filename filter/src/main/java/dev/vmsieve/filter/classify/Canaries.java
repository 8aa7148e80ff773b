// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.classify;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

import dev.vmsieve.filter.kernel.Vmcoreinfo;
import dev.vmsieve.filter.paging.KernelMemory;
import dev.vmsieve.filter.paging.PfnSample;
import dev.vmsieve.filter.paging.Translation;

/// Pages that are the kernel's beyond doubt: those that hold a symbol of VMCOREINFO, and the page tables that translated
/// an address. Leaving one out proves that struct pages were misread.
public final class Canaries {
    private static final String SYMBOL = "SYMBOL(";

    private Canaries() {}

    /// Pfns of all canaries.
    ///
    /// @param tablePfns page table pages that were used before; they stay as they are
    public static Set<Long> find(Vmcoreinfo info, PfnSample tablePfns, KernelMemory memory, int pageBytes)
            throws IOException {
        Set<Long> pfns = new TreeSet<>(tablePfns.pfns());
        for (String name : symbols(info)) {
            long kvaddr = info.symbol(name).orElse(0);
            if (kvaddr != 0 && memory.translate(kvaddr) instanceof Translation.Mapped mapped) {
                pfns.add(mapped.paddr() / pageBytes);
            }
        }
        pfns.addAll(memory.tablePfns().pfns());
        return pfns;
    }

    private static List<String> symbols(Vmcoreinfo info) {
        List<String> names = new ArrayList<>();
        String text = new String(info.bytes(), StandardCharsets.ISO_8859_1);
        for (int at = text.indexOf(SYMBOL); at >= 0; at = text.indexOf(SYMBOL, at + 1)) {
            int end = text.indexOf(')', at);
            if (end > 0 && (at == 0 || text.charAt(at - 1) == '\n')) {
                names.add(text.substring(at + SYMBOL.length(), end));
            }
        }
        return names;
    }
}
