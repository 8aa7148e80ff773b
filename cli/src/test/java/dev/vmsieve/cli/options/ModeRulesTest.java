// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.options;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The table of refused combinations, row by row.
class ModeRulesTest {
    private static CommandLine parseAny(String text) {
        return CommandLine.parse(text.split(" ", -1), false);
    }

    private static CommandLine parse(String text) {
        CommandLine line = CommandLine.parse(text.isEmpty() ? new String[0] : text.split(" ", -1), false);
        assertThat(line.error()).isEmpty();
        return line;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            // VMCOREINFO from a kernel
            "-g out -x vmlinux a | -g takes no operand.", "-g out | -g requires -x or --xen-syms.",
            "-g out -x v -l | -g cannot be used with -l.", "-g out -x v -c | -g cannot be used with -c.",
            "-g out -x v -p | -g cannot be used with -p.", "-g out -x v -z | -g cannot be used with -z.",
            "-g out -x v -E | -g cannot be used with -E.", "-g out -x v -i f | -g cannot be used with -i.",
            "-g out -x v --xen-vmcoreinfo f | -g cannot be used with --xen-vmcoreinfo.",
            "-g out -x v -F | -g cannot be used with -F.", "-g out -x v -R | -g cannot be used with -R.",
            "-g out -x v -X | -g cannot be used with -X.", "-g out -x v -d 1 | -d cannot be used with -g.",
            "-g out -x v --dry-run | --dry-run cannot be used with -g.",
            // rearrange
            "-R | Operands are missing: expected DUMPFILE.", "-R a b | Operand b is too many: expected DUMPFILE.",
            "-R -l a | -R cannot be used with -l.", "-R -E a | -R cannot be used with -E.",
            "-R -i f a | -R cannot be used with -i.", "-R -x v a | -R cannot be used with -x.",
            "-R --xen-syms v a | -R cannot be used with --xen-syms.", "-R -F a | -R cannot be used with -F.",
            "-R -X a | -R cannot be used with -X.", "-R -d 31,0 a | -d cannot be used with -R.",
            // reassemble
            "--reassemble a b -l | --reassemble cannot be used with -l.",
            "--reassemble a b --split | --reassemble cannot be used with --split.",
            "--reassemble a b --dry-run | --dry-run cannot be used with --reassemble.",
            "--reassemble a b -d 1 | -d cannot be used with --reassemble.",
            "--reassemble | Operands are missing: expected PART... DUMPFILE.",
            "--reassemble a | An operand is missing after a: expected PART... DUMPFILE.",
            // create
            "-E -l a b | -E cannot be used with -l.", "-c -E a b | -E cannot be used with -c.",
            "-E -p a b | -E cannot be used with -p.", "-z -E a b | -E cannot be used with -z.",
            "-i f -x v a b | -i cannot be used with -x.", "-i f --xen-syms v a b | -i cannot be used with --xen-syms.",
            "--xen-vmcoreinfo f -x v a b | --xen-vmcoreinfo cannot be used with -x.",
            "-F --split a b c | -F cannot be used with --split.", "--config f a b | --config requires -x.",
            "--eppic f a b | --eppic requires -x.",
            "--split -E a b c | Options for splitting dumpfile cannot be used with Elf format.",
            "--zstd-level 3 a b | --zstd-level requires -z.",
            "-z -l --zstd-level 3 a b | --zstd-level requires -z.",
            "-g out -x v --zstd-level 3 | --zstd-level requires -z.", "-R --zstd-level 3 a | --zstd-level requires -z.",
            "--partial-dmesg a b | --partial-dmesg requires --dump-dmesg.", "-e a b | -e requires --work-dir.",
            "--dump-dmesg --dry-run a b | --dry-run cannot be used with --dump-dmesg.",
            "--dump-dmesg --split a b | --dump-dmesg cannot be used with --split.",
            "'' | Operands are missing: expected VMCORE DUMPFILE.",
            "a | An operand is missing after a: expected VMCORE DUMPFILE.",
            "a b c | Operand c is too many: expected VMCORE DUMPFILE.", "-F | Operands are missing: expected VMCORE.",
            "-F a b | Operand b is too many: expected VMCORE.",
            "--split a b | An operand is missing after b: expected VMCORE DUMPFILE1 DUMPFILE2...",
            "--split a b b | The name b is given twice.",
            "--dump-dmesg a | An operand is missing after a: expected VMCORE LOGFILE.",
            "--dump-dmesg -F a b | Operand b is too many: expected VMCORE.",
            "--mem-usage | Operands are missing: expected KCORE.",
            "--diskset=d | Operands are missing: expected DUMPFILE.",
            "--diskset=d --split a | An operand is missing after a: expected DUMPFILE1 DUMPFILE2..."})
    void refuses(String text, String reason) {
        assertThat(ModeRules.refusal(parse(text))).contains(reason);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a b", "-l -d 31 a b", "-F a", "-F -F -c a", "--split a b c", "-R a",
            "-R -d 0 -L 1M -f --message-level 7 --dry-run a", "--reassemble a b c", "--dump-dmesg a b",
            "--dump-dmesg -F a", "--dump-dmesg -l -E -d 31 a b", "-g out -x v", "-g out --xen-syms s -d 0",
            "--mem-usage /proc/kcore", "--diskset=d1 --diskset=d2 out", "--num-threads 0 -E a b",
            "--num-threads 2 -E a b",
            "--split --num-threads 0 a b c", "--split --num-threads 2 a b c", "--splitblock-size 3 a b",
            "--xen_phys_start 0 a b", "-z --zstd-level=-7 a b", "--zstd-level 19 -l -z a b",
            "--mem-usage -z --zstd-level 3 k",
            "-e --work-dir /tmp a b", "--config f -x v a b", "--dry-run -d 31 a b", "-h", "-v x y z", "-h -E -l",
            "-i f -d 31 -l a b", "-d 1,31 -L 10M a b"})
    void accepts(String text) {
        assertThat(ModeRules.refusal(parse(text))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"-X a b,XEN_EXCLUDE", "--diskset=d a,DISKSET", "-x v --config f a b,CONFIG", "-x v --eppic f a b,EPPIC",
            "-g o --xen-syms v,XEN_SYMS",
            "-e --work-dir /tmp a b,EXCLUDE_VMEMMAP",
            "--xen-syms s a b,XEN_SYMS", "--xen-vmcoreinfo s a b,XEN_VMCOREINFO"})
    void namesWhatIsNotSupportedYet(String text, Option option) {
        assertThat(ModeRules.notSupportedYet(parse(text))).contains(option);
    }

    /// Nothing of the table is ignored: what is not supported is named, wherever it stands in the line.
    @ParameterizedTest
    @EnumSource(Option.class)
    void namesEveryOptionThatIsNotSupported(Option option) {
        CommandLine line = parseAny("-x v --work-dir w -d 31 a " + option.shown()
                + (option.takesArgument() ? " 1" : "") + " b");
        boolean answered = line.error().isPresent() || ModeRules.notSupportedYet(line).isPresent();
        assertThat(answered).isEqualTo(!option.supported());
        if (line.error().isEmpty() && answered) {
            assertThat(ModeRules.notSupportedYet(line)).contains(option);
        }
    }

    /// makedumpfile's whole command line, 1.7.9: a script may carry any of it.
    @ParameterizedTest
    @ValueSource(strings = {"-c", "-l", "-p", "-z", "-d 1", "-E", "-f", "-F", "-R", "-x 1", "-i 1", "-g 1", "-L 1",
            "-e",
            "-b 1", "-X", "-D", "-h", "--help", "-v", "--message-level 1", "--show-stats", "--check-params",
            "--dry-run",
            "--split", "--splitblock-size 1", "--reassemble", "--num-threads 1", "--cyclic-buffer 1", "--work-dir 1",
            "--non-mmap", "--dump-dmesg", "--partial-dmesg", "--mem-usage", "--vtop 1", "--config 1", "--eppic 1",
            "--xen-syms 1", "--xen-vmcoreinfo 1", "--xen_phys_start 1", "--diskset=1"})
    void knowsEveryOptionOfMakedumpfile(String option) {
        assertThat(parse(option).error()).isEmpty();
        assertThat(parseAny("--extension 1").error().map(OptionException::line))
                .contains("--extension is not supported.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-l -d 31 -f -L 1M -i f --num-threads 2 --dry-run --show-stats -D --non-mmap a b",
            "-b 4 --cyclic-buffer 1 --work-dir /tmp --splitblock-size 1 --xen_phys_start 0 --message-level 7 a b",
            "-F a", "-R a", "--reassemble a b c", "--dump-dmesg --partial-dmesg a b", "--dump-dmesg -F -E a",
            "-E -d 31 a b", "-F -E a", "-x v a b", "-g o -x v", "--vtop 0 a b", "--dump-dmesg -x v a b",
            "--split --splitblock-size 4096 a b c", "--mem-usage -f -l k"})
    void doesWhatTheseAskFor(String text) {
        assertThat(ModeRules.notSupportedYet(parse(text))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"p1 p2 | An operand is missing after p2: expected VMCORE DUMPFILE.",
            "p1 p2 a b | Operand b is too many: expected VMCORE DUMPFILE.",
            "-F p1 p2 a | Operand a is too many: expected VMCORE.",
            "--dump-dmesg p1 p2 a b | Operand b is too many: expected VMCORE LOGFILE.",
            "--split p1 p2 a | An operand is missing after a: expected VMCORE DUMPFILE1 DUMPFILE2...",
            "--split p1 p2 a a | The name a is given twice."})
    void refusesBesidesTwoPartsOfASplitDump(String text, String reason) {
        CommandLine line = parse(text);
        line.takeInputs(2);
        assertThat(ModeRules.refusal(line)).contains(reason);
    }

    @ParameterizedTest
    @ValueSource(strings = {"p1 p2 a", "-F p1 p2", "--dump-dmesg p1 p2 a", "--dump-dmesg -F p1 p2",
            "--split p1 p2 a b"})
    void acceptsTwoPartsOfASplitDump(String text) {
        CommandLine line = parse(text);
        line.takeInputs(2);
        assertThat(ModeRules.refusal(line)).isEmpty();
        assertThat(line.inputs()).containsExactly("p1", "p2");
        assertThat(line.outputs()).doesNotContain("p1", "p2").hasSize(line.operands().size() - 2);
    }
}
