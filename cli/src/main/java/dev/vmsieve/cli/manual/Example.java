// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.manual;

import java.util.List;

/// A command line to copy.
///
/// @param purpose what it is for, in one sentence
/// @param line what to type in a shell; `PROGRAM` stands for the program's name
record Example(String purpose, String line) {
    static final List<Example> ALL = List.of(
            new Example("Keep what debugging the kernel needs, compressed fast.",
                    "PROGRAM -l -d 31 /proc/vmcore /var/crash/dump"),
            new Example("The smallest file, and a report by kind of page.",
                    "PROGRAM -z -d 31 --show-stats vmcore dump"),
            new Example("How large would it be?", "PROGRAM -z -d 31 --dry-run vmcore dump"),
            new Example("How large would a dump of this machine be now?", "PROGRAM --mem-usage -l /proc/kcore"),
            new Example("Fall back to a higher level when 2 GiB do not suffice.",
                    "PROGRAM -l -d 1,31 -L 2G vmcore dump"),
            new Example("Filter an existing dump again; levels add up.", "PROGRAM -l -d 31 dump.old dump.new"),
            new Example("Do so only if it is worth it, in the codec that the dump has.",
                    "PROGRAM -d 31 --min-saving 10 dump.old dump.new"),
            new Example("Send a dump to another machine, and make a file of it there.",
                    "PROGRAM -F -l -d 31 /proc/vmcore | ssh host 'PROGRAM -R /var/crash/dump'"),
            new Example("Divide a dump among two disks.", "PROGRAM --split -l -d 31 vmcore /disk1/part1 /disk2/part2"),
            new Example("Join the files of a split dump.", "PROGRAM --reassemble part1 part2 dump"),
            new Example("The kernel's log.", "PROGRAM --dump-dmesg vmcore dmesg.txt"));
}
