// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/// The borders inside the module: a package uses only packages above it.
@AnalyzeClasses(packages = "dev.vmsieve.collector", importOptions = DoNotIncludeTests.class)
class HouseTest {
    private static final String ROOT = "dev.vmsieve.collector";

    @ArchTest
    static final ArchRule OUTPUT_USES_NOTHING_BELOW = noClasses().that().resideInAPackage(ROOT + ".output")
            .should().dependOnClassesThat().resideInAnyPackage(ROOT, ROOT + ".plan", ROOT + ".pipeline",
                    ROOT + ".rework");

    @ArchTest
    static final ArchRule PLAN_USES_NOTHING_BELOW = noClasses().that().resideInAPackage(ROOT + ".plan")
            .should().dependOnClassesThat().resideInAnyPackage(ROOT, ROOT + ".pipeline", ROOT + ".rework");

    @ArchTest
    static final ArchRule PIPELINE_USES_NOTHING_BELOW = noClasses().that().resideInAPackage(ROOT + ".pipeline")
            .should().dependOnClassesThat().resideInAnyPackage(ROOT, ROOT + ".rework");

    @ArchTest
    static final ArchRule NOTHING_USES_THE_COMMAND_LINE = noClasses()
            .should().dependOnClassesThat().resideInAnyPackage("dev.vmsieve.cli..");

    @ArchTest
    static final ArchRule NOTHING_PRINTS = noClasses().should().accessField(System.class, "out")
            .orShould().accessField(System.class, "err");

    @ArchTest
    static final ArchRule NOTHING_EXITS = noClasses().should().callMethod(System.class, "exit", int.class)
            .orShould().callMethod(Runtime.class, "halt", int.class);

    /// Foreign memory, regular expressions and formatting cost milliseconds at their first use.
    @ArchTest
    static final ArchRule NOTHING_TAKES_LONG_TO_START = noClasses().should().dependOnClassesThat()
            .resideInAnyPackage("java.lang.foreign..", "java.util.regex..", "java.util.stream..")
            .orShould().callMethodWhere(describe("String.format", call -> call.getName().equals("format")
                    && call.getTargetOwner().isEquivalentTo(String.class)));

    @ArchTest
    static final ArchRule CLASSES_ARE_FINAL_OR_SEALED = classes().that(areConcrete())
            .should().haveModifier(com.tngtech.archunit.core.domain.JavaModifier.FINAL);

    private static DescribedPredicate<JavaClass> areConcrete() {
        return describe("are concrete", type -> !type.isInterface() && !type.isAnonymousClass()
                && !type.getSimpleName().equals("package-info") && !type.getSimpleName().isEmpty());
    }
}
