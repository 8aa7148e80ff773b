// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.options;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommandLineTest {
    private static CommandLine parse(String... args) {
        return CommandLine.parse(args, false);
    }

    private static String errorOf(String... args) {
        return parse(args).error().orElseThrow().line();
    }

    @Test
    void takesOptionsAndOperandsInAnyOrder() {
        CommandLine line = parse("vmcore", "-d", "31", "-l", "dump", "--num-threads", "4");
        assertThat(line.operands()).containsExactly("vmcore", "dump");
        assertThat(line.levels()).containsExactly(31);
        assertThat(line.compression()).contains(Option.LZO);
        assertThat(line.threads()).isEqualTo(4);
    }

    @Test
    void stopsAtTheFirstOperandIfPosixlyCorrect() {
        CommandLine line = CommandLine.parse(new String[]{"-l", "vmcore", "-d", "31", "--"}, true);
        assertThat(line.operands()).containsExactly("vmcore", "-d", "31", "--");
        assertThat(line.levels()).containsExactly(0);
    }

    @Test
    void endsOptionsAtTwoDashes() {
        assertThat(parse("-l", "--", "-d", "--x").operands()).containsExactly("-d", "--x");
    }

    @Test
    void takesASingleDashForAFileName() {
        assertThat(parse("-", "dump").operands()).containsExactly("-", "dump");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-lfd31", "-d31 -lf", "-d 31 -fl", "-lfd 31"})
    void takesClusteredLetters(String text) {
        CommandLine line = parse(text.split(" ", -1));
        assertThat(line.error()).isEmpty();
        assertThat(line.levels()).containsExactly(31);
        assertThat(line.has(Option.FORCE)).isTrue();
        assertThat(line.compression()).contains(Option.LZO);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--num-threads=4", "--num-threads 4", "--num-th=4", "--num 4", "--nu=4"})
    void takesLongOptionsAndUniquePrefixes(String text) {
        assertThat(parse(text.split(" ", -1)).threads()).isEqualTo(4);
    }

    @Test
    void takesAnExactNameThatIsAPrefixOfAnother() {
        assertThat(parse("--split").has(Option.SPLIT)).isTrue();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "--spl | option '--spl' is ambiguous; possibilities: '--split' '--splitblock-size'",
            "--x | option '--x' is ambiguous; possibilities: '--xen-syms' '--xen-vmcoreinfo' '--xen_phys_start'",
            "--bogus | unrecognized option '--bogus'", "--version | unrecognized option '--version'",
            "-Q | invalid option -- 'Q'", "-lQ | invalid option -- 'Q'", "-d | option requires an argument -- 'd'",
            "-ld | option requires an argument -- 'd'", "--split=3 | option '--split' doesn't allow an argument",
            "--num-threads | option '--num-threads' requires an argument",
            "--num | option '--num-threads' requires an argument"})
    void refusesWhatTheTableDoesNotHave(String argument, String message) {
        assertThat(errorOf(argument)).isEqualTo(message);
        assertThat(parse(argument).error().orElseThrow().kind()).isEqualTo(OptionException.Kind.SYNTAX);
    }

    @Test
    void letsTheLastOfRepeatedOptionsWin() {
        assertThat(parse("-d", "1", "-d", "31").levels()).containsExactly(31);
        assertThat(parse("-c", "-l").compression()).contains(Option.LZO);
        assertThat(parse("-z", "-c").compression()).contains(Option.ZLIB);
        assertThat(parse("-i", "a", "-i", "b").value(Option.VMCOREINFO)).contains("b");
        assertThat(parse("--diskset=a", "--diskset", "b").values(Option.DISKSET)).containsExactly("a", "b");
        assertThat(parse("-F", "-F").has(Option.FLATTEN)).isTrue();
    }

    @Test
    void readsSeveralLevelsInTheOrderGiven() {
        assertThat(parse("-d", "31,0,17").levels()).containsExactly(31, 0, 17);
        assertThat(parse().levels()).containsExactly(0);
        assertThat(parse("-d", "1" + ",1".repeat(31)).levels()).hasSize(32);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"32|32", "-1|-1", "1,32|32", "abc|abc", "0x1f|0x1f", "1,abc|abc", "31x|31x",
            "''|''", "1 31|1 31", "1,|''", ",1|''"})
    void refusesALevelThatIsNone(String text, String named) {
        assertThat(errorOf("-d", text)).isEqualTo("Dump_level(" + named + ") is invalid.");
    }

    @Test
    void refusesThirtyThreeLevels() {
        assertThat(errorOf("-d", "1" + ",1".repeat(32))).startsWith("Dump_level(1,1,").endsWith(") is invalid.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "10MB", "abc", "", "-1"})
    void refusesALimitThatIsNoSize(String text) {
        assertThat(errorOf("-L", text)).isEqualTo("Limit size(" + text + ") is invalid.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"32", "-1", "abc", "7x", ""})
    void refusesAMessageLevelThatIsNone(String text) {
        assertThat(errorOf("--message-level", text)).isEqualTo("Message_level(" + text + ") is invalid.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"20", "-8", "22", "abc", "3x", "", "99999999999"})
    void refusesAZstdLevelThatIsNone(String text) {
        assertThat(errorOf("-z", "--zstd-level=" + text))
                .isEqualTo("Zstd level(" + text + ") is invalid: it must be -7 to 19.");
    }

    @Test
    void takesZstdLevels() {
        assertThat(parse("-z").zstdLevel()).isEmpty();
        assertThat(parse("--zstd-level", "-7").zstdLevel()).hasValue(-7);
        assertThat(parse("--zstd=3", "--zstd-level=19").zstdLevel()).hasValue(19);
    }

    @Test
    void addsTheBitsOfDebuggingAndReportToTheMessageLevel() {
        assertThat(parse().messageLevel()).isEqualTo(7);
        assertThat(parse("-D", "--message-level", "0").messageLevel()).isEqualTo(8);
        assertThat(parse("--show-stats", "-D").messageLevel()).isEqualTo(31);
        assertThat(parse("--message-level=16").messageLevel()).isEqualTo(16);
    }

    @ParameterizedTest
    @CsvSource({"0,0", "1,1", "7,7", "-1,0"})
    void takesNegativeThreadsForNone(String text, int threads) {
        assertThat(parse("--num-threads", text).threads()).isEqualTo(threads);
    }

    @ParameterizedTest
    @ValueSource(strings = {"abc", "", "2x", "0x2"})
    void refusesThreadsThatAreNoNumber(String text) {
        assertThat(errorOf("--num-threads", text)).isEqualTo("Number of threads(" + text + ") is invalid.");
    }

    @ParameterizedTest
    @CsvSource({"-b,-1", "-b,25", "-b,40", "--cyclic-buffer,-1"})
    void refusesBuffersOutOfRange(String option, String value) {
        assertThat(errorOf(option, value)).contains("(" + value + ") is invalid.");
    }

    @ParameterizedTest
    @CsvSource({"-b,0", "-b,24", "--cyclic-buffer,0", "--cyclic-buffer,99999999999", "--splitblock-size,0",
            "--xen_phys_start,junk"})
    void acceptsTuningWithoutEffect(String option, String value) {
        assertThat(parse(option, value).error()).isEmpty();
    }

    @Test
    void givesNothingBehindAnErrorAnyEffectExceptFlatten() {
        CommandLine line = parse("-d", "99", "-Q", "-F", "--check-params", "-l");
        assertThat(line.error().orElseThrow().line()).isEqualTo("Dump_level(99) is invalid.");
        assertThat(line.has(Option.FLATTEN)).isTrue();
        assertThat(line.has(Option.CHECK_PARAMS)).isFalse();
        assertThat(line.compression()).isEmpty();
    }

    @Test
    void doesNotTakeAnArgumentForFlatten() {
        assertThat(parse("-d", "99", "-L", "-F").has(Option.FLATTEN)).isFalse();
        assertThat(parse("-d", "99", "--", "-F").has(Option.FLATTEN)).isFalse();
    }

    @Test
    void refusesExtensionsWhereTheyAreParsed() {
        assertThat(parse("--extension", "x").error().orElseThrow().kind()).isEqualTo(OptionException.Kind.UNAVAILABLE);
    }

    @ParameterizedTest
    @CsvSource({"-h -v,HELP", "--help -g x,HELP", "-v -R,VERSION", "-g x -R,GENERATE", "-R --reassemble,REARRANGE",
            "--reassemble --dump-dmesg,REASSEMBLE", "--dump-dmesg --mem-usage,KERNEL_LOG", "--mem-usage,MEMORY_USAGE",
            "-l a b,CREATE"})
    void selectsTheFirstModeThatApplies(String text, Mode mode) {
        assertThat(parse(text.split(" ", -1)).mode()).isEqualTo(mode);
    }

    @Test
    void hasEachNameOnce() {
        Set<String> names = new HashSet<>();
        for (Option option : Option.values()) {
            assertThat(option.shortName() != '\0' || !option.longName().isEmpty()).as(option.name()).isTrue();
            assertThat(option.shortName() == '\0' || names.add("-" + option.shortName())).as(option.name()).isTrue();
            assertThat(option.longName().isEmpty() || names.add(option.longName())).as(option.name()).isTrue();
            assertThat(option.description()).as(option.name()).endsWith(".");
        }
    }
}
