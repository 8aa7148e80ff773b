// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.doctor;

import java.util.List;
import java.util.Optional;

/// What a system's kdump scripts are configured to do.
///
/// @param image the crash kernel's initramfs, where the scripts put it
/// @param kernel the crash kernel
/// @param threads CPUs of the crash kernel, which are the collector's threads
/// @param enabled what the configuration says of being used at all
/// @param problems what the scripts would refuse
record Setup(Distribution distribution, CollectorLine collector, Target target, String image, String kernel,
        int threads,
        Optional<String> enabled, List<String> problems) {
    /// Copies the problems.
    Setup {
        problems = List.copyOf(problems);
    }
}
