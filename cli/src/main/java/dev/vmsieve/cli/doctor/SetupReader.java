// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.doctor;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Finds out whose scripts a system has, and reads their configuration as they do.
final class SetupReader {
    static final String DEBIAN_FILE = "/etc/default/kdump-tools";
    static final String RED_HAT_FILE = "/etc/kdump.conf";
    static final String SUSE_FILE = "/etc/sysconfig/kdump";
    private static final String USUAL_DIRECTORY = "/var/crash";
    private static final Set<String> FILE_SYSTEMS = Set.of("ext2", "ext3", "ext4", "xfs", "btrfs", "minix");
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
            return reader.redHat(ConfigText.kdumpConf(redHat.get()));
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

    private Setup redHat(List<ConfigText.Entry> entries) throws IOException {
        Target target = redHatTarget(entries);
        Optional<String> configured = ConfigText.Entry.find(entries, "core_collector");
        List<String> words = ConfigText.words(configured.orElse("makedumpfile -l --message-level 7 -d 31"));
        String program = words.isEmpty() ? "" : words.getFirst();
        List<String> arguments = new ArrayList<>(words.subList(Math.min(1, words.size()), words.size()));
        // In the crash kernel -F is put right in each of these, but the exact name's options are checked as they are
        // given.
        boolean checked = configured.isPresent() && program.equals(CollectorLine.MAKEDUMPFILE);
        if (program.contains(CollectorLine.MAKEDUMPFILE) && !checked) {
            arguments.replaceAll(argument -> argument.replace("-F", ""));
            arguments.removeIf(String::isEmpty);
            if (target.isStream()) {
                arguments.add("-F");
            }
        }
        arguments.add("vmcore");
        if (!target.isStream()) {
            arguments.add("dumpfile");
        }
        return new Setup(Distribution.RED_HAT, new CollectorLine(program, arguments), target,
                redHatImage(), "/boot/vmlinuz-" + release, 1, Optional.empty(), redHatProblems(entries));
    }

    /// Where /boot cannot be written to, or holds no initramfs of its own (a unified kernel image), kdumpctl puts kdump's
    /// elsewhere.
    private String redHatImage() throws IOException {
        String name = "initramfs-" + release + "kdump.img";
        String usual = "/boot/" + name;
        String elsewhere = "/var/lib/kdump/" + name;
        return !files.exists(usual) && files.exists(elsewhere) ? elsewhere : usual;
    }

    private static List<String> redHatProblems(List<ConfigText.Entry> entries) {
        List<String> problems = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (ConfigText.Entry entry : entries) {
            if (entry.value().isEmpty()) {
                problems.add(entry.key() + " has no value");
            } else if (!seen.add(entry.key())) {
                problems.add(entry.key() + " is given twice");
            }
        }
        return problems;
    }

    private Target redHatTarget(List<ConfigText.Entry> entries) throws IOException {
        String path = ConfigText.Entry.find(entries, "path").orElse(USUAL_DIRECTORY);
        for (ConfigText.Entry entry : entries) {
            if (entry.key().equals("raw")) {
                return Target.of(Target.Kind.RAW, entry.value());
            }
            if (entry.key().equals("ssh")) {
                return Target.of(Target.Kind.REMOTE, "ssh " + entry.value());
            }
            if (entry.key().equals("nfs")) {
                return Target.of(Target.Kind.EXPORT, "nfs " + entry.value());
            }
            if (FILE_SYSTEMS.contains(entry.key())) {
                Optional<String> mountPoint = mountPoint(entry.value());
                return mountPoint.isPresent()
                        ? Target.local(mountPoint.get() + "/" + path)
                        : Target.of(Target.Kind.OTHER, entry.key() + " " + entry.value() + ", which is not mounted");
            }
            if (entry.key().equals("virtiofs") || (entry.key().equals("dracut_args")
                    && entry.value().contains("--mount"))) {
                return Target.of(Target.Kind.OTHER, entry.key() + " " + entry.value());
            }
        }
        return Target.local(path);
    }

    /// Where a device, which may be named by UUID= or LABEL=, is mounted.
    private Optional<String> mountPoint(String given) throws IOException {
        String named = given.replace("UUID=", "/dev/disk/by-uuid/").replace("LABEL=", "/dev/disk/by-label/")
                .replace("PART/dev", "/dev").replace("\"", "");
        String device = files.shown(files.at(named));
        for (String line : files.text("/proc/mounts").orElse("").split("\n", -1)) {
            String[] fields = line.split(" ", -1);
            if (fields.length > 1 && fields[0].startsWith("/") && files.shown(files.at(fields[0])).equals(device)) {
                return Optional.of(fields[1].equals("/") ? "" : fields[1]);
            }
        }
        return Optional.empty();
    }

    private Setup suse(Map<String, String> config) throws IOException {
        int threads = suseThreads(config);
        String transfer = config.getOrDefault("KDUMP_TRANSFER", "");
        CollectorLine line = transfer.isEmpty()
                ? suseCollector(config, threads)
                : new CollectorLine(transfer, List.of());
        return new Setup(Distribution.SUSE, line, suseTarget(config), "/boot/initrd-" + release + "-kdump",
                "/boot/vmlinuz-" + release, threads, Optional.empty(), List.of());
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
