// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.Test;

class OptionsTest {
    @Test
    void comparesEverythingWhenOnlyAVmcoreIsNamed() {
        Options options = Options.parse(List.of("vmcore"));
        assertThat(options.vmcores()).containsExactly(Path.of("vmcore"));
        assertThat(options.cases()).containsExactly(CaseKind.values());
        assertThat(options.levels()).containsExactly(0, 1, 31);
        assertThat(options.threads()).containsExactly(1, 2);
        assertThat(options.peerThreads()).containsExactly(0);
        assertThat(options.proof()).isTrue();
    }

    @Test
    void takesEachOption() {
        Options options = Options.parse(List.of("--vmsieve=ours", "--peer=theirs", "--cases=lzo,refilter",
                "--levels=31", "--threads=4", "--peer-threads=0,2", "--cpus=0-1", "--rounds=3", "--case-seconds=9",
                "--no-proof",
                "--directory=/tmp", "--report=r", "a", "b"));
        assertThat(options).isEqualTo(new Options("ours", "theirs", List.of(Path.of("a"), Path.of("b")),
                List.of(CaseKind.LZO, CaseKind.REFILTER), List.of(31), List.of(4), List.of(0, 2), "0-1", 3, 9, false,
                Path.of("/tmp"), "r"));
    }

    @Test
    void rejectsWhatItDoesNotKnow() {
        assertThatThrownBy(() -> Options.parse(List.of())).hasMessage("no VMCORE given");
        assertThatThrownBy(() -> Options.parse(List.of("--speed", "a"))).hasMessage("unknown option '--speed'");
        assertThatThrownBy(() -> Options.parse(List.of("--cases=lz4", "a")))
                .hasMessage("--cases: no case is called 'lz4'");
        assertThatThrownBy(() -> Options.parse(List.of("--levels=32", "a")))
                .hasMessage("--levels: must be from 0 to 31 but was 32");
        assertThatThrownBy(() -> Options.parse(List.of("--rounds=x", "a"))).hasMessage("--rounds: 'x' is not a number");
        assertThatThrownBy(() -> Options.parse(List.of("-h", "a"))).hasMessage("unknown option '-h'");
        assertThatThrownBy(() -> Options.parse(List.of("--no-proof=x", "a")))
                .hasMessage("unknown option '--no-proof'");
        for (String option : List.of("--peer", "--report=", "--levels=", "--rounds", "--cpus=")) {
            String name = option.replace("=", "");
            assertThatThrownBy(() -> Options.parse(List.of(option, "a")))
                    .hasMessage(name + ": needs a value, " + name + "=...");
        }
        assertThatThrownBy(() -> Options.parse(List.of("--cases=lzo,lzo", "a")))
                .hasMessage("--cases: 'lzo,lzo' names one twice");
        assertThatThrownBy(() -> Options.parse(List.of("--cpus=a", "a")))
                .hasMessage("--cpus: 'a' is no list of CPUs such as 0 or 0-3,5");
    }
}
