// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/// The borders of this module.
@AnalyzeClasses(packages = "dev.vmsieve", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule ONLY_MAIN_ENDS_THE_PROCESS = noClasses().that().doNotHaveFullyQualifiedName(
            "dev.vmsieve.cli.Main").and().resideOutsideOfPackages("dev.vmsieve.fixtures..", "dev.vmsieve.bench..")
            .should().callMethod(System.class, "exit", int.class).orShould()
            .callMethod(Runtime.class, "exit", int.class).orShould().callMethod(Runtime.class, "halt", int.class);

    @ArchTest
    static final ArchRule ONLY_THE_COMMAND_LINE_PRINTS = noClasses().that().resideOutsideOfPackages("dev.vmsieve.cli..")
            .and().resideOutsideOfPackages("dev.vmsieve.bench..", "dev.vmsieve.fixtures..")
            .should().accessField(System.class, "out").orShould().accessField(System.class, "err");

    @ArchTest
    static final ArchRule OPTIONS_KNOW_NOTHING_OF_THE_REST = noClasses().that().resideInAPackage(
            "dev.vmsieve.cli.options").should().dependOnClassesThat().resideInAnyPackage("dev.vmsieve.cli",
                    "dev.vmsieve.cli.console", "dev.vmsieve.filter..", "dev.vmsieve.collector..", "picocli..");

    @ArchTest
    static final ArchRule CONSOLE_KNOWS_NO_COMMAND = noClasses().that().resideInAPackage("dev.vmsieve.cli.console")
            .should().dependOnClassesThat()
            .resideInAnyPackage("dev.vmsieve.cli", "dev.vmsieve.collector..", "picocli..");

    @ArchTest
    static final ArchRule PICOCLI_STAYS_OFF_THE_COLLECTING_PATH = noClasses().that()
            .resideOutsideOfPackage("dev.vmsieve.cli.manual")
            .should().dependOnClassesThat().resideInAPackage("picocli..");
}
