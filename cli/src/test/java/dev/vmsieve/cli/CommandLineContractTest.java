// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import dev.vmsieve.cli.options.Option;

/// What is printed where, and the exit code, for lines that are decided before anything is opened.
class CommandLineContractTest {
    private static Cli run(String text) {
        return Cli.run(text.isEmpty() ? new String[0] : text.split(" ", -1));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"'' | Operands are missing: expected VMCORE DUMPFILE.",
            "a b c | Operand c is too many: expected VMCORE DUMPFILE.", "-E -l a b | -E cannot be used with -l.",
            "--split -E a b c | Options for splitting dumpfile cannot be used with Elf format."})
    void tellsWhyALineIsRefusedOnStandardOutput(String text, String reason) {
        run(text).prints(1, reason + "\n" + Cli.INVALID + Cli.FAILED, "");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"-d 32 a b | Dump_level(32) is invalid.",
            "-d 0x1f a b | Dump_level(0x1f) is invalid.", "-L 10MB a b | Limit size(10MB) is invalid.",
            "--message-level 99 a b | Message_level(99) is invalid.",
            "--num-threads x a b | Number of threads(x) is invalid.",
            "--splitblock-size abc a b | Splitblock size(abc) is invalid.",
            "--splitblock-size -1 a b | Splitblock size(-1) is invalid.", "-h -d abc | Dump_level(abc) is invalid."})
    void endsAtAValueThatIsWrong(String text, String reason) {
        // An -h in front does not help: options are judged while they are read.
        run(text).prints(1, reason + "\n" + Cli.FAILED, "");
    }

    @Test
    void saysParserErrorsOnStandardError() {
        run("-Q a b").prints(1, Cli.INVALID + Cli.FAILED, "vmsieve: invalid option -- 'Q'\n");
        run("--spl a").prints(1, Cli.INVALID + Cli.FAILED,
                "vmsieve: option '--spl' is ambiguous; possibilities: '--split' '--splitblock-size'\n");
    }

    @Test
    void leavesStandardOutputToTheDumpOnceFlattenIsOnTheLine() {
        run("-F a b").prints(1, "",
                "Operand b is too many: expected VMCORE.\n" + Cli.INVALID + Cli.FAILED);
        run("-d 99 -F a").prints(1, "", "Dump_level(99) is invalid.\n" + Cli.FAILED);
        run("-F -Q a").prints(1, "", "vmsieve: invalid option -- 'Q'\n" + Cli.INVALID + Cli.FAILED);
        assertThat(run("-F -h").out()).isEmpty();
        assertThat(run("-F -v").err()).startsWith("vmsieve: version ");
    }

    @Test
    void isSilentAtMessageLevelZeroExceptForTheParser() {
        run("--message-level 0 a").prints(1, "", "");
        run("--message-level 0 /nonexistent /nonexistent/x").prints(1, "", "");
        run("--message-level 0 -Q").prints(1, "", "vmsieve: invalid option -- 'Q'\n");
        run("-d 99 --message-level 0").prints(1, "Dump_level(99) is invalid.\n" + Cli.FAILED, "");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--check-params -l -d 31 vmcore dumpfile", "--check-params -F -c vmcore",
            "-z -d 31 --check-params a b", "--check-params --split a b c", "--check-params --dump-dmesg a b",
            "--check-params -E a b", "--check-params --message-level 31 -D a b", "--check-params -R out",
            "--check-params -d 31,1 -L 10M --num-threads=4 a b"})
    void checksParametersWithoutAWord(String text) {
        run(text).prints(0, "", "");
    }

    /// What a run would refuse: kdumpctl arms the crash kernel with what passes here.
    @ParameterizedTest
    @CsvSource({"-e --work-dir /tmp vmcore d,-e", "-X -d31 vmcore d,-X", "--config f -x v vmcore d,--config",
            "--eppic f -x v vmcore d,--eppic", "--diskset=a --diskset=b d,--diskset",
            "--xen-vmcoreinfo f vmcore d,--xen-vmcoreinfo", "-e vmcore d,-e", "-g f --xen-syms s,--xen-syms"})
    void refusesToApproveWhatIsNotSupportedYet(String line, String option) {
        String told = "vmsieve: " + option + " is not supported yet.\n";
        run("--check-params " + line).prints(1, "", told);
        run(line).prints(1, Cli.FAILED, told);
    }

    @Test
    void saysOnlyTheReasonWhenParametersAreChecked() {
        run("--check-params --message-level 0 -E -l a b").prints(1, "-E cannot be used with -l.\n" + Cli.INVALID, "");
        run("--check-params -d abc a b").prints(1, "Dump_level(abc) is invalid.\n", "");
        run("--check-params -Q").prints(1, Cli.INVALID, "vmsieve: invalid option -- 'Q'\n");
        run("-d abc --check-params a b").prints(1, "Dump_level(abc) is invalid.\n" + Cli.FAILED, "");
    }

    @Test
    void answersHelpAndVersionBeforeParametersAreChecked() {
        assertThat(run("--check-params -h").out()).contains("-d LEVEL[,LEVEL...]");
        assertThat(run("--check-params -v x").out()).startsWith("vmsieve: version ");
    }

    @Test
    void listsCompressionsWithTheVersion() {
        Cli version = run("-v");
        assertThat(version.out()).startsWith("vmsieve: version ").doesNotContain("${")
                .endsWith("\nlzo\tenabled\nsnappy\tenabled\nzstd\tenabled\n\n");
        assertThat(version.err()).isEmpty();
        assertThat(version.code()).isZero();
        assertThat(Cli.runAs("makedumpfile", Map.of(), "-v").out())
                .matches("(?s)makedumpfile: version .* \\(vmsieve\\)\n.*");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-h", "--help", "--he", "-h -E -l", "help"})
    void helpsWithEveryOption(String text) {
        Cli help = run(text);
        assertThat(help.code()).isZero();
        assertThat(help.err()).isEmpty();
        for (Option option : Option.values()) {
            assertThat(help.out()).contains(option.shown());
        }
        assertThat(help.out().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(100));
    }

    @Test
    void describesEveryOptionInAManualPage() {
        Cli manual = run("manual");
        assertThat(manual.code()).isZero();
        assertThat(manual.out()).startsWith(".TH \"VMSIEVE\" \"8\"").contains(".SH EXIT STATUS", ".SH EXAMPLES",
                "\n\\-g VMCOREINFO \\-x VMLINUX\n", "with \\-i or \\-x is of another kernel",
                "on standard output what is")
                .as("a page that no package has").doesNotContain("vmsieve\\-makedumpfile");
        for (Option option : Option.values()) {
            assertThat(manual.out().lines()).anyMatch(line -> line.startsWith(".B ")
                    && line.replace("\\-", "-").contains(option.shown()));
        }
        // Else a line of text would be taken for a macro and vanish from the page.
        assertThat(manual.out().lines().filter(line -> line.startsWith(".") || line.startsWith("'")))
                .allMatch(line -> line.matches("\\.(TH|SH|TP|B|BR|PP|RS|RE|nf|fi|br)( .*)?"));
    }

    @Test
    void offersShellCompletion() {
        Cli completion = run("completion");
        assertThat(completion.out()).contains("--num-threads", "complete -o default -F");
        assertThat(completion.code()).isZero();
    }

    @Test
    void answersToTheNameItIsCalledBy() {
        Cli.runAs("makedumpfile", Map.of(), "-d", "32", "a", "b").prints(1,
                "Dump_level(32) is invalid.\n\nmakedumpfile Failed.\n", "");
        Cli.runAs("makedumpfile", Map.of(), "a").prints(1, """
                An operand is missing after a: expected VMCORE DUMPFILE.
                Commandline parameter is invalid.
                Try `makedumpfile --help' for more information.

                makedumpfile Failed.
                """, "");
    }

    @Test
    void hasNoCommandsUnderTheNameMakedumpfile() {
        assertThat(Cli.runAs("makedumpfile", Map.of(), "help").code()).isEqualTo(1);
        assertThat(Cli.runAs("makedumpfile", Map.of(), "demo").out()).contains("An operand is missing after demo");
        assertThat(Cli.runAs("makedumpfile", Map.of(), "doctor").out()).contains("An operand is missing after doctor");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"-X a b | -X",
            "-x v --config f a b | --config", "-x v --eppic f a b | --eppic", "--diskset=d a | --diskset",
            "--xen-syms s a b | --xen-syms", "--xen-vmcoreinfo s a b | --xen-vmcoreinfo",
            "-g o --xen-syms s | --xen-syms", "-e --work-dir /tmp a b | -e",
            "-e a b | -e", "--config f a b | --config", "--eppic f a b | --eppic"})
    void refusesByNameWhatItCannotDoYet(String text, String option) {
        run(text).prints(1, Cli.FAILED, "vmsieve: " + option + " is not supported yet.\n");
    }

    @Test
    void refusesFlattenedOutputOnStandardErrorAlone() {
        run("-F -X a").prints(1, "", "vmsieve: -X is not supported yet.\n" + Cli.FAILED);
    }

    @Test
    void endsOptionsAtTheFirstOperandIfPosixlyCorrect() {
        Cli.runAs("vmsieve", Map.of("POSIXLY_CORRECT", ""), "a", "b", "-h").prints(1,
                "Operand -h is too many: expected VMCORE DUMPFILE.\n" + Cli.INVALID + Cli.FAILED, "");
    }
}
