// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.doctor;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Asks all questions. Whatever a system answers, or refuses to, becomes a finding.
public final class Doctor {
    // The one that measures memory comes first: what the others read must not count.
    private static final Check FIRST = new MemoryCheck();
    private static final List<Check> OTHERS = List.of(new SetupCheck(), new ReservationCheck(), new LoadedCheck(),
            new ServiceCheck(), new CollectorCheck(), new ImageCheck(), new OvercommitCheck(), new TargetCheck(),
            new KernelCheck());
    /// Where the first one's line stands: after what is said of the crash kernel itself.
    private static final int LINE_OF_FIRST = 4;

    private Doctor() {}

    /// Examines the system.
    ///
    /// @param root its root directory
    /// @param version of this program
    public static DoctorReport examine(Path root, String version, MemoryProbe probe) {
        Host host;
        try {
            host = Host.of(root, version, probe);
        } catch (IOException e) {
            return new DoctorReport(version, root, List.of(new DoctorReport.Result("setup", refused(e))));
        }
        var memory = new DoctorReport.Result(FIRST.name(), ask(FIRST, host));
        List<DoctorReport.Result> results = new ArrayList<>();
        for (Check check : OTHERS) {
            results.add(new DoctorReport.Result(check.name(), ask(check, host)));
        }
        results.add(LINE_OF_FIRST, memory);
        return new DoctorReport(version, root, results);
    }

    private static Finding ask(Check check, Host host) {
        try {
            return check.run(host);
        } catch (IOException e) {
            return refused(e);
        }
    }

    private static Finding refused(IOException failure) {
        if (failure instanceof AccessDeniedException denied) {
            return Finding.unknown(denied.getFile() + " may not be read.", "run as root to know");
        }
        if (failure instanceof FileSystemException system) {
            String reason = system.getReason();
            boolean denied = reason != null && reason.contains("not permitted");
            return Finding.unknown(system.getFile() + ": " + (reason == null ? "cannot be read" : reason) + ".",
                    denied ? "run as root to know" : "");
        }
        return Finding.unknown(String.valueOf(failure.getMessage()) + ".", "");
    }
}
