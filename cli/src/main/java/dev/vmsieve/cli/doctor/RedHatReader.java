// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.doctor;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Reads kdump.conf as Red Hat's kdumpctl, and the script of its crash kernel, do (kdump-utils of March 2026).
final class RedHatReader {
    private static final String SYSCONFIG = "/etc/sysconfig/kdump";
    private static final Set<String> FILE_SYSTEMS = Set.of("ext2", "ext3", "ext4", "xfs", "btrfs", "minix");
    private static final Set<String> OTHER_TARGETS = Set.of("raw", "nfs", "ssh", "virtiofs");
    private static final Set<String> KEYS = Set.of("path", "core_collector", "kdump_post", "kdump_pre",
            "kdump_emergency",
            "extra_bins", "extra_modules", "failure_action", "final_action", "force_rebuild", "force_no_rebuild",
            "fence_kdump_args", "fence_kdump_nodes", "auto_reset_crashkernel", "dracut_args", "sshkey", "default");

    private final HostFiles files;
    private final String release;

    /// @param release of the kernel that runs
    RedHatReader(HostFiles files, String release) {
        this.files = files;
        this.release = release;
    }

    Setup read(List<ConfigText.Entry> entries) throws IOException {
        Target target = target(entries);
        Map<String, String> config = ConfigText.shellVariables(files.text(SYSCONFIG).orElse(""));
        String version = version(config);
        String kernel = kernel(config, version);
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
                image(kernel, version), kernel, 1, Optional.empty(), problems(entries));
    }

    /// The kernel that kdumpctl takes: the configured one, else the one that runs, or its twin without debugging.
    private String version(Map<String, String> config) throws IOException {
        String configured = config.getOrDefault("KDUMP_KERNELVER", "");
        if (!configured.isEmpty()) {
            return configured;
        }
        String plain = release.replaceFirst("[+-]debug$", "");
        return files.exists("/usr/lib/modules/" + plain + "/modules.dep") ? plain : release;
    }

    private String kernel(Map<String, String> config, String version) throws IOException {
        String machine = files.text("/etc/machine-id").orElse("").strip();
        List<String> directories = ConfigText.words(config.getOrDefault("KDUMP_BOOTDIR", ""));
        for (String directory : directories.isEmpty() ? List.of("/boot", "/boot/efi", "/efi", "") : directories) {
            for (String name : List.of("vmlinuz-" + version, machine + "/" + version + "/vmlinuz")) {
                if (files.exists(directory + "/" + name)) {
                    return directory + "/" + name;
                }
            }
        }
        return "/boot/vmlinuz-" + version;
    }

    /// Beside the kernel. Where that cannot be written to, or holds no initramfs of its own (a unified kernel image),
    /// kdumpctl puts kdump's elsewhere.
    private String image(String kernel, String version) throws IOException {
        String directory = kernel.substring(0, kernel.lastIndexOf('/') + 1);
        String name = "initramfs-" + version + "kdump.img";
        for (String place : List.of(directory + name, directory + "initrdkdump", "/var/lib/kdump/" + name)) {
            if (files.exists(place)) {
                return place;
            }
        }
        return directory + name;
    }

    private static List<String> problems(List<ConfigText.Entry> entries) {
        List<String> problems = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        List<String> targets = new ArrayList<>();
        for (ConfigText.Entry entry : entries) {
            boolean target = FILE_SYSTEMS.contains(entry.key()) || OTHER_TARGETS.contains(entry.key());
            if (!target && !KEYS.contains(entry.key())) {
                problems.add(entry.key() + " is not known");
            } else if (entry.value().isEmpty()) {
                problems.add(entry.key() + " has no value");
            } else if (!seen.add(entry.key())) {
                problems.add(entry.key() + " is given twice");
            } else if (target || isMount(entry)) {
                targets.add(entry.key());
            }
        }
        if (targets.size() > 1) {
            problems.add("there is more than one target (" + String.join(", ", targets) + ")");
        }
        return problems;
    }

    private static boolean isMount(ConfigText.Entry entry) {
        return entry.key().equals("dracut_args") && entry.value().contains("--mount");
    }

    private Target target(List<ConfigText.Entry> entries) throws IOException {
        String path = ConfigText.Entry.find(entries, "path").orElse(SetupReader.USUAL_DIRECTORY);
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
            if (entry.key().equals("virtiofs") || isMount(entry)) {
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
}
