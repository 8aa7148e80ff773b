// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.bench;

/// The JVM flags of the program, for forks of benchmarks: its compiler, C1, and its collector decide what is slow. What
/// C2 makes of the same code is of no interest. To try another flag, prepend it (`-jvmArgsPrepend`): appended ones of the
/// command line take the place of these.
final class ProgramFlags {
    static final String COMPILER = "-XX:TieredStopAtLevel=1";
    static final String COLLECTOR = "-XX:+UseSerialGC";
    static final String NATIVE_ACCESS = "--enable-native-access=ALL-UNNAMED";
    static final String PLAIN_JARS = "-Djdk.util.jar.enableMultiRelease=false";

    private ProgramFlags() {}
}
