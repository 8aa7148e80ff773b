// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;

/// The borders of the house: a package uses only packages above it in the list.
class HouseTest {
    private static final String ROOT = "dev.vmsieve.filter";
    private static final List<String> TOP_FIRST = List.of("progress", "io", "bitmap", "extent", "codec", "unpack",
            "format.elf",
            "format.kdump", "format.flat", "vmcore", "kernel", "arch", "debuginfo", "paging", "memmap", "classify",
            "erase");
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests()).importPackages(ROOT);

    @Test
    void packagesUseOnlyPackagesAboveThem() {
        List<String> below = new ArrayList<>(List.of(ROOT));
        for (String name : TOP_FIRST.reversed()) {
            noClasses().that().resideInAPackage(ROOT + "." + name + "..").should().dependOnClassesThat()
                    .resideInAnyPackage(below.toArray(String[]::new)).allowEmptyShould(true).check(CLASSES);
            below.add(ROOT + "." + name + "..");
        }
    }

    @Test
    void everyPackageIsInTheList() {
        for (JavaClass type : CLASSES) {
            String name = type.getPackageName();
            assertThat(name.equals(ROOT) || TOP_FIRST.contains(name.substring(ROOT.length() + 1)))
                    .as("package %s has a place in the order", name).isTrue();
        }
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching(ROOT + ".(**)").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void nothingPrintsOrEndsTheProgram() {
        NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS.check(CLASSES);
        NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING.check(CLASSES);
        noClasses().should().callMethod(System.class, "exit", int.class).check(CLASSES);
        noClasses().should().callMethod(Runtime.class, "exit", int.class).orShould()
                .callMethod(Runtime.class, "halt", int.class).check(CLASSES);
    }
}
