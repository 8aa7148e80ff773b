// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.plan;

import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

import dev.vmsieve.filter.format.elf.ElfNote;
import dev.vmsieve.filter.format.elf.ElfNotes;
import dev.vmsieve.filter.kernel.Vmcoreinfo;
import dev.vmsieve.filter.paging.Kernel;
import dev.vmsieve.filter.vmcore.KernelSegment;
import dev.vmsieve.filter.vmcore.Vmcore;

/// What the headers of a dump file say of the crashed machine.
///
/// @param utsname the kernel's struct new_utsname: sysname, nodename, release, version, machine, domainname, 65 bytes
///        each, padded with 0
/// @param physBase phys_base in bytes, two's complement
/// @param crashTimeSeconds CRASHTIME of VMCOREINFO: seconds since 1970, 0 if unknown
/// @param cpus number of CPUs whose registers the notes hold, at least 1
/// @param vmcoreinfo the VMCOREINFO text, from wherever it is known; empty if it is not. The dump file's notes get it
///        where the vmcore's have none
/// @param segments where the kernel sees memory, for an ELF dump of a vmcore that does not list segments; else empty
@SuppressWarnings("ArrayRecordComponent") // copied in and out, compared by content
public record DumpIdentity(byte[] utsname, long physBase, long crashTimeSeconds, int cpus, byte[] vmcoreinfo,
        List<KernelSegment> segments) {
    /// Bytes in one string of utsname.
    public static final int UTSNAME_FIELD_BYTES = 65;
    /// Bytes in utsname: six strings.
    public static final int UTSNAME_BYTES = 6 * UTSNAME_FIELD_BYTES;
    private static final int MACHINE_FIELD = 4;

    /// Takes copies, and rejects what a header cannot hold.
    public DumpIdentity {
        if (utsname.length != UTSNAME_BYTES) {
            throw new IllegalArgumentException("utsname must have " + UTSNAME_BYTES + " bytes but has "
                    + utsname.length);
        }
        if (cpus < 1) {
            throw new IllegalArgumentException("cpus must be at least 1 but was " + cpus);
        }
        utsname = utsname.clone();
        vmcoreinfo = vmcoreinfo.clone();
        segments = List.copyOf(segments);
    }

    /// Without segments.
    public DumpIdentity(byte[] utsname, long physBase, long crashTimeSeconds, int cpus, byte[] vmcoreinfo) {
        this(utsname, physBase, crashTimeSeconds, cpus, vmcoreinfo, List.of());
    }

    /// The same, with segments.
    public DumpIdentity withSegments(List<KernelSegment> found) {
        return new DumpIdentity(utsname, physBase, crashTimeSeconds, cpus, vmcoreinfo, found);
    }

    /// A copy.
    @Override
    public byte[] utsname() {
        return utsname.clone();
    }

    /// A copy.
    @Override
    public byte[] vmcoreinfo() {
        return vmcoreinfo.clone();
    }

    /// What the kernel says of itself; for a vmcore whose kernel could not be found, what the container tells: utsname
    /// then has the machine alone.
    public static DumpIdentity of(Vmcore vmcore, Optional<Kernel> kernel) {
        if (kernel.isPresent()) {
            Kernel found = kernel.get();
            return new DumpIdentity(found.utsname(), found.physBase(), found.crashTime(), found.cpus(),
                    found.vmcoreinfo().bytes());
        }
        byte[] utsname = new byte[UTSNAME_BYTES];
        byte[] machine = machineName(vmcore.machine(), vmcore.byteOrder()).getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(machine, 0, utsname, MACHINE_FIELD * UTSNAME_FIELD_BYTES, machine.length);
        byte[] text = vmcore.vmcoreinfo().orElse(new byte[0]);
        int cpus = ElfNotes.parse(vmcore.notes()).count(ElfNote.CORE, ElfNote.NT_PRSTATUS);
        return new DumpIdentity(utsname, vmcore.physBaseOfTextSegment().orElse(0L),
                Vmcoreinfo.parse(vmcore.name(), text).decimalOf("CRASHTIME").orElse(0), Math.max(cpus, 1), text);
    }

    /// What `uname -m` says on a machine of that ELF number; empty for one not known.
    private static String machineName(int elfMachine, ByteOrder order) {
        return switch (elfMachine) {
            case 3 -> "i686";
            case 8 -> "mips64";
            case 20 -> "ppc";
            case 21 -> order == ByteOrder.LITTLE_ENDIAN ? "ppc64le" : "ppc64";
            case 22 -> "s390x";
            case 40 -> "armv7l";
            case 62 -> "x86_64";
            case 183 -> "aarch64";
            case 243 -> "riscv64";
            case 258 -> "loongarch64";
            default -> "";
        };
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof DumpIdentity that && Arrays.equals(utsname, that.utsname) && physBase == that.physBase
                && crashTimeSeconds == that.crashTimeSeconds && cpus == that.cpus
                && Arrays.equals(vmcoreinfo, that.vmcoreinfo) && segments.equals(that.segments);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(utsname);
    }
}
