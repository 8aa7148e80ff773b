// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.arch;

/// The levels of a page table, top first, by the kernel's names.
public enum Level {
    /// Page global directory.
    PGD("pgd"),
    /// Between pgd and pud; there with five levels only.
    P4D("p4d"),
    /// Page upper directory; an entry may map 1 GiB on x86_64.
    PUD("pud"),
    /// Page middle directory; an entry may map 2 MiB on x86_64.
    PMD("pmd"),
    /// Page table proper; an entry maps one page.
    PTE("pte");

    private final String label;

    Level(String label) {
        this.label = label;
    }

    /// The kernel's word, in lower case.
    public String label() {
        return label;
    }
}
