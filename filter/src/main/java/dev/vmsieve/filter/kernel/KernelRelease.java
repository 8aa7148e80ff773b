// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.kernel;

/// The first two numbers of a kernel's release. Asked only where no VMCOREINFO key tells, since distributions backport.
///
/// @param major 0 if the release cannot be read
/// @param minor second number
public record KernelRelease(int major, int minor) {
    /// Reads `6.1.0-56-amd64` as 6.1; 0.0 if the text starts with no two numbers.
    public static KernelRelease parse(String release) {
        int dot = release.indexOf('.');
        if (dot <= 0) {
            return new KernelRelease(0, 0);
        }
        return new KernelRelease(number(release, 0), number(release, dot + 1));
    }

    /// True if this is the release major.minor or a later one.
    public boolean atLeast(int wantedMajor, int wantedMinor) {
        return major > wantedMajor || (major == wantedMajor && minor >= wantedMinor);
    }

    private static int number(String text, int start) {
        int value = 0;
        for (int i = start; i < text.length() && i < start + 6; i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                break;
            }
            value = value * 10 + digit;
        }
        return value;
    }
}
