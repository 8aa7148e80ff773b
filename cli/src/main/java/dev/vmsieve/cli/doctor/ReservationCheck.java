// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.doctor;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

import dev.vmsieve.cli.console.Text;

/// Is memory reserved for the crash kernel?
final class ReservationCheck implements Check {
    @Override
    public String name() {
        return "reservation";
    }

    @Override
    public Finding run(Host host) throws IOException {
        OptionalLong reserved = host.reservedBytes();
        String asked = asked(host);
        if (reserved.isEmpty()) {
            return Finding.fail("This kernel cannot have a crash kernel: /sys/kernel/kexec_crash_size is not there.",
                    "boot a kernel with CONFIG_CRASH_DUMP");
        }
        long bytes = reserved.getAsLong();
        if (bytes > 0) {
            return Finding.ok(Text.bytes(bytes) + " are reserved for the crash kernel"
                    + (asked.isEmpty() ? "." : " (" + asked + ").")).with("reservedBytes", bytes);
        }
        return asked.isEmpty()
                ? Finding.fail("No memory is reserved for the crash kernel.",
                        "add crashkernel=256M to the kernel's command line (GRUB_CMDLINE_LINUX), update grub, reboot")
                : Finding.fail("Memory for the crash kernel was asked for (" + asked + ") but not given.",
                        "dmesg | grep crashkernel tells why; try another size, such as crashkernel=256M");
    }

    private static String asked(Host host) throws IOException {
        List<String> asked = new ArrayList<>();
        for (String word : ConfigText.words(host.files().text("/proc/cmdline").orElse(""))) {
            if (word.startsWith("crashkernel=")) {
                asked.add(word);
            }
        }
        return String.join(" ", asked);
    }
}
