// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.bench.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// One case on one vmcore at one level: rounds in which every contender runs once, each round begun by another. The
/// first round is not counted.
final class Trial {
    private final Options options;
    private final Workplace place;
    private final Path vmcore;
    private final CaseKind kind;
    private final int level;
    private final List<Contender> contenders;
    private final List<List<Usage>> runs = new ArrayList<>();
    private final List<Long> sizes = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();

    Trial(Options options, Workplace place, Path vmcore, CaseKind kind, int level) {
        this.options = options;
        this.place = place;
        this.vmcore = vmcore;
        this.kind = kind;
        this.level = level;
        contenders = Contender.of(options, kind);
        contenders.forEach(contender -> {
            runs.add(new ArrayList<>());
            sizes.add(-1L);
        });
    }

    /// Runs the rounds; then each program once more, and holds the pages that it writes against the vmcore.
    Result run() {
        String load = "unknown";
        PageProof.Verdict proof = PageProof.Verdict.NONE;
        try {
            load = Machine.loadAverage();
            String input = kind == CaseKind.REFILTER ? place.dumpToFilterAgain(options, vmcore) : vmcore.toString();
            rounds(input);
            if (options.proof() && failures.isEmpty()) {
                proof = prove(input);
            }
        } catch (IOException e) {
            failures.add(Workplace.tell(e));
        } finally {
            place.clear();
        }
        return new Result(place.nameOf(vmcore), kind, level, load, Result.rows(contenders, runs, sizes), proof,
                List.copyOf(failures));
    }

    private void rounds(String input) throws IOException {
        round(0, input);
        runs.forEach(List::clear);
        long start = System.nanoTime();
        round(1, input);
        for (int round = 2; round <= options.rounds() && seconds(start) < options.caseSeconds(); round++) {
            round(round, input);
        }
    }

    private void round(int number, String input) throws IOException {
        for (int i = 0; i < contenders.size(); i++) {
            int turn = (i + number) % contenders.size();
            if (!failed(contenders.get(turn))) {
                run(turn, input).ifGood(runs.get(turn)::add);
            }
        }
    }

    private boolean failed(Contender contender) {
        return failures.stream().anyMatch(failure -> failure.startsWith(contender.title() + ":"));
    }

    private Usage run(int index, String input) throws IOException {
        Contender contender = contenders.get(index);
        Path dump = place.dump();
        Files.deleteIfExists(dump);
        List<String> command = contender.command(kind, level, input, dump.toString());
        Usage usage = kind.form() == CaseKind.Form.PIPE
                ? ChildProcess.runIntoPipe(contender.before(), command, place.fifo(), dump, place.standardError())
                : ChildProcess.run(contender.before(), command, place.standardOutput(), place.standardError());
        String fault = fault(contender, usage, sizes.get(index));
        if (!fault.isEmpty()) {
            failures.add(contender.title() + ": " + fault);
            runs.get(index).clear();
            return usage.failed();
        }
        sizes.set(index, Files.size(dump));
        return usage;
    }

    /// Why the run does not count; empty if it does. Ours must write the same size each time.
    private String fault(Contender contender, Usage usage, long sizeBefore) throws IOException {
        if (usage.exitCode() != 0) {
            return "exit code " + usage.exitCode() + ", " + place.lastWords();
        }
        if (!Files.isRegularFile(place.dump())) {
            return "exit code 0, but wrote no dump: " + place.lastWords();
        }
        long size = Files.size(place.dump());
        return contender.ours() && sizeBefore >= 0 && size != sizeBefore
                ? "wrote " + size + " bytes, and " + sizeBefore + " the run before"
                : "";
    }

    private static double seconds(long since) {
        return (System.nanoTime() - since) / 1e9;
    }

    /// One file at a time, since each may be as large as the machine's memory.
    private PageProof.Verdict prove(String input) throws IOException {
        List<Integer> ours = indexes(true);
        List<String> sums = new ArrayList<>();
        List<PageProof> proofs = new ArrayList<>();
        for (int index : ours) {
            runForProof(index, input);
            sums.add(place.checksum());
            if (proofs.isEmpty()) {
                proofs.add(proof());
            }
        }
        runForProof(indexes(false).getFirst(), input);
        PageProof.Verdict pages = PageProof.compare(proofs.getFirst(), proof());
        for (int i = 1; i < sums.size(); i++) {
            if (!sums.get(i).equals(sums.getFirst())) {
                return new PageProof.Verdict(pages.line() + "; OUR BYTES DIFFER BETWEEN "
                        + contenders.get(ours.getFirst()).title() + " AND " + contenders.get(ours.get(i)).title(),
                        false);
            }
        }
        String same = sums.size() > 1 ? "; ours is the same file for each number of threads" : "";
        return new PageProof.Verdict(pages.line() + same, pages.holds());
    }

    private List<Integer> indexes(boolean ours) {
        List<Integer> indexes = new ArrayList<>();
        for (int i = 0; i < contenders.size(); i++) {
            if (contenders.get(i).ours() == ours && contenders.get(i).cpus().isEmpty()) {
                indexes.add(i);
            }
        }
        return indexes;
    }

    private void runForProof(int index, String input) throws IOException {
        if (run(index, input).exitCode() != 0) {
            throw new IOException("no proof: " + failures.removeLast());
        }
    }

    /// Of what was written last.
    private PageProof proof() throws IOException {
        if (kind.form() == CaseKind.Form.PIPE) {
            Path flat = place.flat();
            Files.move(place.dump(), flat);
            place.rearrange(options.peer(), flat);
            Files.delete(flat);
        }
        return PageProof.of(vmcore, place.dump(), kind.form());
    }
}
