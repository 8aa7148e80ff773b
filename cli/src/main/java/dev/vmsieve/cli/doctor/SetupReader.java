// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.doctor;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Finds out whose scripts a system has, and reads their configuration as they do.
final class SetupReader {
    static final String DEBIAN_FILE = "/etc/default/kdump-tools";
    static final String RED_HAT_FILE = "/etc/kdump.conf";
    static final String SUSE_FILE = "/etc/sysconfig/kdump";
    static final String USUAL_DIRECTORY = "/var/crash";
    private static final String SUSE_IMAGE = "/var/lib/kdump/initrd";
    private static final String SUSE_KERNEL = "/var/lib/kdump/kernel";
    private static final int SUSE_CPUS = 32;
    private static final int SUSE_FREE_MIB = 64;
    private static final int HIGHEST_LEVEL = 31;

    private final HostFiles files;
    private final String release;

    private SetupReader(HostFiles files, String release) {
        this.files = files;
        this.release = release;
    }

    /// Reads what is there.
    ///
    /// @param release of the kernel that runs
    static Setup read(HostFiles files, String release) throws IOException {
        var reader = new SetupReader(files, release);
        Optional<String> debian = files.text(DEBIAN_FILE);
        if (debian.isPresent()) {
            return reader.debian(ConfigText.shellVariables(debian.get()));
        }
        Optional<String> redHat = files.text(RED_HAT_FILE);
        if (redHat.isPresent()) {
            return new RedHatReader(files, release).read(ConfigText.kdumpConf(redHat.get()));
        }
        Optional<String> suse = files.text(SUSE_FILE);
        if (suse.isPresent()) {
            return reader.suse(ConfigText.shellVariables(suse.get()));
        }
        return new Setup(Distribution.NONE, new CollectorLine(CollectorLine.MAKEDUMPFILE, List.of("-d", "31",
                "vmcore", "dumpfile")), Target.local(USUAL_DIRECTORY), "", "/boot/vmlinuz-" + release, 1,
                Optional.empty(), List.of());
    }

    /// kdump-config appends -F unless the options begin with it, and runs on one CPU.
    private Setup debian(Map<String, String> config) throws IOException {
        String options = value(config, "MAKEDUMP_ARGS", "-F -c -d 31");
        List<String> arguments = new ArrayList<>(ConfigText.words(options));
        if (!options.startsWith("-F")) {
            arguments.add("-F");
        }
        arguments.add("/proc/vmcore");
        String image = files.exists("/var/lib/kdump/initrd.img-" + release)
                ? "/var/lib/kdump/initrd.img-" + release
                : config.getOrDefault("KDUMP_INITRD", "/var/lib/kdump/initrd.img-" + release);
        return new Setup(Distribution.DEBIAN, new CollectorLine(CollectorLine.MAKEDUMPFILE, arguments),
                debianTarget(config), image, "/boot/vmlinuz-" + release, 1,
                Optional.of("USE_KDUMP=" + config.getOrDefault("USE_KDUMP", "0")), List.of());
    }

    private static Target debianTarget(Map<String, String> config) {
        for (String key : List.of("SSH", "NFS", "FTP")) {
            String place = config.getOrDefault(key, "");
            if (!place.isEmpty()) {
                return Target.of(key.equals("NFS") ? Target.Kind.EXPORT : Target.Kind.REMOTE, key + " " + place);
            }
        }
        return Target.local(value(config, "KDUMP_COREDIR", USUAL_DIRECTORY));
    }

    private Setup suse(Map<String, String> config) throws IOException {
        int threads = suseThreads(config);
        String transfer = config.getOrDefault("KDUMP_TRANSFER", "");
        CollectorLine line = transfer.isEmpty()
                ? suseCollector(config, threads)
                : new CollectorLine(transfer, List.of());
        // Before 2023 the image lay beside the kernels.
        String before = "/boot/initrd-" + release + "-kdump";
        String image = !files.exists(SUSE_IMAGE) && files.exists(before) ? before : SUSE_IMAGE;
        String kernel = files.exists(SUSE_KERNEL) ? SUSE_KERNEL : "/boot/vmlinuz-" + release;
        return new Setup(Distribution.SUSE, line, suseTarget(config), image, kernel, threads, Optional.empty(),
                List.of());
    }

    private int suseThreads(Map<String, String> config) throws IOException {
        long most = number(config, "KDUMP_CPUS", SUSE_CPUS);
        return Math.clamp(most > 0 ? Math.min(most, onlineCpus()) : onlineCpus(), 1, Integer.MAX_VALUE);
    }

    private static CollectorLine suseCollector(Map<String, String> config, int threads) {
        String format = value(config, "KDUMP_DUMPFORMAT", "compressed");
        if (format.equals("raw")) {
            return new CollectorLine("cat", List.of("/proc/vmcore"));
        }
        if (format.equals("none")) {
            return new CollectorLine(CollectorLine.MAKEDUMPFILE,
                    List.of("-F", "--message-level", "8", "--dump-dmesg", "/proc/vmcore"));
        }
        List<String> arguments = new ArrayList<>(List.of("-F", switch (format) {
            case "ELF" -> "-E";
            case "compressed" -> "-c";
            case "lzo" -> "-l";
            case "snappy" -> "-p";
            // What kdump-save takes for an unknown one, too.
            default -> "-z";
        }));
        if (threads > 1 && !format.equals("ELF")) {
            arguments.addAll(List.of("--num-threads", Integer.toString(threads)));
        }
        long level = number(config, "KDUMP_DUMPLEVEL", HIGHEST_LEVEL);
        // kdump-save takes none at all for one that is too high.
        arguments.addAll(List.of("--message-level", "6", "-d", Long.toString(level > HIGHEST_LEVEL ? 0 : level)));
        arguments.addAll(ConfigText.words(config.getOrDefault("MAKEDUMPFILE_OPTIONS", "")));
        arguments.add("/proc/vmcore");
        return new CollectorLine(CollectorLine.MAKEDUMPFILE, arguments);
    }

    /// A variable's value; scripts take an empty one for none.
    private static String value(Map<String, String> config, String key, String usual) {
        String given = config.getOrDefault(key, "");
        return given.isEmpty() ? usual : given;
    }

    private static Target suseTarget(Map<String, String> config) {
        String place = value(config, "KDUMP_SAVEDIR", USUAL_DIRECTORY);
        String local = place.startsWith("file:") ? place.substring(5).replaceFirst("^/+", "/") : place;
        if (local.contains("://")) {
            boolean mounted = local.startsWith("nfs:") || local.startsWith("cifs:") || local.startsWith("smb:");
            return Target.of(mounted ? Target.Kind.EXPORT : Target.Kind.REMOTE, local);
        }
        return new Target(Target.Kind.LOCAL, local, number(config, "KDUMP_FREE_DISK_SIZE", SUSE_FREE_MIB) << 20);
    }

    private static long number(Map<String, String> config, String key, long usual) {
        try {
            return Math.clamp(Long.parseLong(config.getOrDefault(key, "")), 0, Integer.MAX_VALUE);
        } catch (NumberFormatException invalid) {
            return usual;
        }
    }

    /// CPUs in a list such as 0-3,8.
    private long onlineCpus() throws IOException {
        long count = 0;
        for (String part : files.text("/sys/devices/system/cpu/online").orElse("").strip().split(",", -1)) {
            String[] ends = part.split("-", 2);
            try {
                long first = Long.parseLong(ends[0]);
                count += (ends.length > 1 ? Long.parseLong(ends[1]) : first) - first + 1;
            } catch (NumberFormatException none) {
                count += 0;
            }
        }
        return Math.max(count, 1);
    }
}
