// SPDX-License-Identifier: Apache-2.0
/// What `vmsieve doctor` asks of a healthy system: would the next crash be captured?
///
/// [dev.vmsieve.cli.doctor.Doctor] runs the checks, a class each, on a [dev.vmsieve.cli.doctor.Host]: the files of a system
/// below its root, and what its kdump scripts are configured to do. Nothing is ever changed, and every file is taken for
/// what anybody may have put there. Start at [dev.vmsieve.cli.doctor.Check].
@NullMarked
package dev.vmsieve.cli.doctor;

import org.jspecify.annotations.NullMarked;
