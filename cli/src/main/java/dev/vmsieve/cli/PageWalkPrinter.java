// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

import dev.vmsieve.cli.console.Console;
import dev.vmsieve.filter.paging.Kernel;
import dev.vmsieve.filter.paging.PageWalk;
import dev.vmsieve.filter.paging.Translation;

/// What `--vtop` prints: the page table walk of one kernel virtual address, in makedumpfile's form.
final class PageWalkPrinter {
    private PageWalkPrinter() {}

    /// Prints the walk, if one is asked for; the run goes on whatever it comes to.
    static void print(Console console, OptionalLong address, Optional<Kernel> kernel) throws IOException {
        if (address.isEmpty()) {
            return;
        }
        String kvaddr = Long.toHexString(address.getAsLong());
        console.common("");
        console.common("Translating virtual address " + kvaddr + " to physical address.");
        if (kernel.isEmpty()) {
            console.common("Without VMCOREINFO the page table is not known.");
            return;
        }
        PageWalk walk = PageWalk.of(kernel.get(), address.getAsLong());
        for (PageWalk.Step step : walk.steps()) {
            console.common(String.format(Locale.ROOT, "  %s : %16x => %16x",
                    step.level().label().toUpperCase(Locale.ROOT), step.paddr(), step.entry()));
        }
        console.common("VIRTUAL           PHYSICAL");
        console.common(String.format(Locale.ROOT, "%16s  %s", kvaddr, switch (walk.result()) {
            case Translation.Mapped mapped -> Long.toHexString(mapped.paddr());
            case Translation.NotPresent stopped -> "not mapped: " + stopped.describe();
        }));
        console.common("");
    }
}
