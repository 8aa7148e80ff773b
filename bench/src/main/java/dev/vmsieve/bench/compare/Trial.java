// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.bench.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// One case on one vmcore at one level: rounds in which every contender runs once, in the same order.
final class Trial {
    /// A first round longer than this part of the case's time is counted: what is warmed up in it takes no part of that.
    private static final int SHORT_ROUND_PART = 3;

    private final Options options;
    private final Workplace place;
    private final Path vmcore;
    private final CaseKind kind;
    private final int level;
    private final List<Contender> contenders = new ArrayList<>();
    private final List<List<Usage>> runs = new ArrayList<>();
    private final List<Long> sizes = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();

    Trial(Options options, Workplace place, Path vmcore, CaseKind kind, int level) {
        this.options = options;
        this.place = place;
        this.vmcore = vmcore;
        this.kind = kind;
        this.level = level;
        options.threads().forEach(count -> enter(new Contender(true, options.program(), count)));
        options.peerThreads().forEach(count -> enter(new Contender(false, options.peer(), count)));
    }

    private void enter(Contender contender) {
        contenders.add(contender);
        runs.add(new ArrayList<>());
        sizes.add(0L);
    }

    /// Runs the rounds, and holds the pages of both programs' last outputs against the vmcore.
    Result run() throws IOException {
        String input = kind == CaseKind.REFILTER ? place.dumpToFilterAgain(options, vmcore) : vmcore.toString();
        long start = System.nanoTime();
        round(input);
        boolean warmUp = seconds(start) < (double) options.caseSeconds() / SHORT_ROUND_PART && options.rounds() > 1;
        if (warmUp) {
            runs.forEach(List::clear);
            round(input);
        }
        for (int round = 1; round < options.rounds() && seconds(start) < options.caseSeconds(); round++) {
            round(input);
        }
        List<Result.Row> rows = Result.rows(contenders, runs, sizes);
        return new Result(place.nameOf(vmcore), kind, level, warmUp, rows,
                options.proof() && failures.isEmpty() ? prove(input) : "", failures);
    }

    private void round(String input) throws IOException {
        for (int i = 0; i < contenders.size(); i++) {
            if (!failed(contenders.get(i))) {
                Usage usage = run(contenders.get(i), input, i);
                if (usage.exitCode() == 0) {
                    runs.get(i).add(usage);
                }
            }
        }
    }

    private boolean failed(Contender contender) {
        return failures.stream().anyMatch(failure -> failure.startsWith(contender.title() + ":"));
    }

    private Usage run(Contender contender, String input, int index) throws IOException {
        Path dump = place.dump();
        Files.deleteIfExists(dump);
        List<String> command = contender.command(kind, level, input, dump.toString());
        Usage usage = kind.form() == CaseKind.Form.PIPE
                ? ChildProcess.runIntoPipe(command, place.fifo(), dump, place.standardError())
                : ChildProcess.run(command, place.standardOutput(), place.standardError());
        if (usage.exitCode() != 0) {
            failures.add(contender.title() + ": exit code " + usage.exitCode() + ", " + place.lastWords());
            runs.get(index).clear();
        } else {
            sizes.set(index, Files.size(dump));
        }
        return usage;
    }

    private static double seconds(long since) {
        return (System.nanoTime() - since) / 1e9;
    }

    /// One file at a time, since each may be as large as the machine's memory.
    private String prove(String input) throws IOException {
        Contender ours = contenders.getFirst();
        Contender peer = contenders.stream().filter(contender -> !contender.ours()).findFirst().orElse(ours);
        String sums = sameBytes(input);
        PageProof ofOurs = proof(ours, input);
        PageProof ofPeer = proof(peer, input);
        Files.deleteIfExists(place.dump());
        return PageProof.line(ofOurs, ofPeer) + sums;
    }

    private PageProof proof(Contender contender, String input) throws IOException {
        run(contender, input, contenders.indexOf(contender));
        if (kind.form() == CaseKind.Form.PIPE) {
            Path flat = place.flat();
            Files.move(place.dump(), flat);
            place.rearrange(options.peer(), flat);
            Files.delete(flat);
        }
        return PageProof.of(vmcore, place.dump(), kind.form());
    }

    private String sameBytes(String input) throws IOException {
        List<Contender> ours = contenders.stream().filter(Contender::ours).toList();
        if (ours.size() < 2) {
            return "";
        }
        String first = "";
        for (Contender contender : ours) {
            run(contender, input, contenders.indexOf(contender));
            String sum = place.checksum();
            if (!first.isEmpty() && !first.equals(sum)) {
                return "; OUR BYTES DIFFER BETWEEN " + ours.getFirst().title() + " AND " + contender.title();
            }
            first = sum;
        }
        return "; ours is the same file for each number of threads";
    }
}
