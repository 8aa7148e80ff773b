// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;

class ReportTest {
    private static final Contender OURS = new Contender(true, "vmsieve", 2, "");
    private static final Contender PEER = new Contender(false, "makedumpfile", 0, "");
    private static final Contender PEER_OF_TWO = new Contender(false, "makedumpfile", 2, "");
    private static final Result RESULT = new Result("6.1/vmcore", CaseKind.LZO, 31, "1 1 1", List.of(
            new Result.Row(OURS, List.of(usage(0.5), usage(0.6), usage(1.5)), 2_000_000),
            new Result.Row(PEER, List.of(usage(1), usage(1), usage(2)), 2_500_000),
            new Result.Row(PEER_OF_TWO, List.of(usage(3), usage(3), usage(3)), 2_500_000)),
            new PageProof.Verdict("both hold the same 9 pages", true), List.of());

    private static Usage usage(double wall) {
        return new Usage(wall, wall / 2, wall / 4, 40 * 1024, 0);
    }

    @Test
    void comparesWithThePeerAtItsBest() {
        assertThat(RESULT.bestPeer(RESULT.rows().get(0)).orElseThrow().contender()).isEqualTo(PEER);
        assertThat(RESULT.ratio(RESULT.rows().get(0)).orElseThrow().values()).containsExactly(0.5, 0.6, 0.75);
        assertThat(RESULT.ratio(RESULT.rows().get(1))).isEmpty();
    }

    @Test
    void printsARowForEachProgram() {
        assertThat(MarkdownReport.of(Map.of("kernel", "Linux"), List.of(RESULT))).contains("- kernel: Linux\n",
                "### 6.1/vmcore, `-d 31`\n",
                "| LZO `-l` | vmsieve, 2 threads | 3 | 0.600 (0.500 to 1.500) | 0.300 | 0.150 | 40.0 | 2.0 |"
                        + " **0.60** (0.50 to 0.75) |\n",
                "| LZO `-l` | makedumpfile | 3 | 1.000 (1.000 to 2.000) | 0.500 | 0.250 | 40.0 | 2.5 |  |\n",
                "- 6.1/vmcore, LZO `-l`, `-d 31`: both hold the same 9 pages\n");
    }

    @Test
    void comparesOnTheSameCpus() {
        Contender bound = new Contender(true, "vmsieve", 1, "0");
        Contender peer = new Contender(false, "makedumpfile", 0, "0");
        Result result = new Result("vmcore", CaseKind.LZO, 31, "1 1 1", List.of(
                new Result.Row(OURS, List.of(usage(1)), 90), new Result.Row(PEER, List.of(usage(2)), 100),
                new Result.Row(bound, List.of(usage(6)), 90), new Result.Row(peer, List.of(usage(4)), 100)),
                PageProof.Verdict.NONE, List.of());
        assertThat(MarkdownReport.of(Map.of(), List.of(result))).contains(
                "| vmcore | level | case | vmsieve, 1 thread, on CPU 0 only | vmsieve, 2 threads | written |\n",
                "| vmcore | 31 | LZO `-l` | 1.50 | 0.50 | 0.90 |\n", "divided by makedumpfile's on the same CPUs",
                "| LZO `-l` | makedumpfile, on CPU 0 only | 1 | 4.000 | 2.000 | 1.000 | 40.0 | 0.0 |  |\n",
                "- vmcore, LZO `-l`, `-d 31`: not proved\n");
        assertThat(MarkdownReport.of(Map.of(), List.of(RESULT))).contains("at its best number of threads");
    }

    @Test
    void saysWhatFailed() {
        Result failed = new Result("vmcore", CaseKind.ELF, 0, "1 1 1", List.of(), PageProof.Verdict.NONE,
                List.of("vmsieve: exit code 1, no"));
        assertThat(MarkdownReport.of(Map.of(), List.of(failed)))
                .endsWith("- vmcore, ELF `-E`, `-d 0`: FAILED: vmsieve: exit code 1, no\n");
        assertThat(JsonReport.of(Map.of(), List.of(failed))).contains("\"failures\": [\"vmsieve: exit code 1, no\"]");
    }

    @Test
    void printsEveryRunAsJson() {
        assertThat(JsonReport.of(Map.of("a", "b"), List.of(RESULT))).contains("\"facts\": {\"a\": \"b\"}",
                "\"case\": \"lzo\", \"level\": 31, \"load\": \"1 1 1\"",
                "{\"program\": \"vmsieve\", \"threads\": 2, \"cpus\": \"\", \"outputBytes\": 2000000, \"ratio\": 0.600000, \"runs\": ["
                        + "{\"wall\": 0.500000, \"user\": 0.250000, \"system\": 0.125000, \"peakKib\": 40960}, ");
    }

    @Test
    void quotesStringsForJson() {
        assertThat(JsonReport.string("a\"b\\c\n\u00e4")).isEqualTo("\"a\\\"b\\\\c\\u000a\u00e4\"");
    }
}
