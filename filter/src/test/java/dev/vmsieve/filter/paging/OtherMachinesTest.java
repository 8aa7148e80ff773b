// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.paging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import dev.vmsieve.filter.io.CorruptDumpException;
import dev.vmsieve.filter.io.MissingSymbolException;
import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.filter.vmcore.OpenOptions;
import dev.vmsieve.filter.vmcore.Vmcore;
import dev.vmsieve.filter.vmcore.VmcoreOpener;
import dev.vmsieve.fixtures.ElfCoreBuilder;
import dev.vmsieve.fixtures.KernelEra;
import dev.vmsieve.fixtures.SyntheticKernel;
import dev.vmsieve.fixtures.SyntheticKernelBuilder;
import dev.vmsieve.fixtures.SyntheticMachine;

/// Kernels of other machines, and what is done where their VMCOREINFO lacks a key.
class OtherMachinesTest {
    @TempDir
    Path folder;

    private static SyntheticKernelBuilder builder(SyntheticMachine machine) {
        return SyntheticKernel.builder(KernelEra.V6_12).machine(machine);
    }

    private Kernel open(ElfCoreBuilder core) throws IOException {
        Path file = core.write(folder.resolve("vmcore"));
        try (Vmcore vmcore = VmcoreOpener.open(file, new OpenOptions(false), Progress.NONE)) {
            return Kernel.open(vmcore, Optional.empty(), Progress.NONE);
        }
    }

    @ParameterizedTest
    @CsvSource({"X86_64, x86_64, 4", "ARM64, aarch64, 4", "ARM64_LPA2, aarch64, 5", "RISCV64, riscv64, 4"})
    void findsTheKernel(SyntheticMachine machine, String name, int levels) throws IOException {
        SyntheticKernel synthetic = builder(machine).build();
        Kernel kernel = open(synthetic.core());
        assertThat(kernel.architecture().name()).isEqualTo(name);
        assertThat(kernel.pageTable().levelCount()).isEqualTo(levels);
        assertThat(kernel.pageTable().root()).isEqualTo(synthetic.topTablePaddr());
    }

    /// As QEMU's dumps of machines that cannot hand it over.
    @ParameterizedTest
    @CsvSource({"ARM64", "ARM64_LPA2", "RISCV64"})
    void findsItWithoutANote(SyntheticMachine machine) throws IOException {
        SyntheticKernel synthetic = builder(machine).build();
        Kernel kernel = open(synthetic.loads(new ElfCoreBuilder().machine(machine.number())));
        assertThat(kernel.pageTable().root()).isEqualTo(synthetic.topTablePaddr());
    }

    /// Where the image lies is then told by memory.
    @ParameterizedTest
    @CsvSource({"ARM64, NUMBER(kimage_voffset)", "ARM64_LPA2, NUMBER(kimage_voffset)", "ARM64, NUMBER(TCR_EL1_T1SZ)",
            "ARM64_LPA2, NUMBER(TCR_EL1_T1SZ)", "RISCV64, NUMBER(va_kernel_pa_offset)", "RISCV64, NUMBER(VA_BITS)"})
    void findsItWithoutAKey(SyntheticMachine machine, String key) throws IOException {
        SyntheticKernel synthetic = builder(machine).without(key).build();
        assertThat(open(synthetic.core()).pageTable().root()).isEqualTo(synthetic.topTablePaddr());
    }

    @Test
    void findsRiscvKernelsThatTellNothing() throws IOException {
        SyntheticKernel synthetic = builder(SyntheticMachine.RISCV64).without("NUMBER(va_kernel_pa_offset)")
                .without("NUMBER(VA_BITS)").without("NUMBER(phys_ram_base)").without("NUMBER(KERNEL_LINK_ADDR)")
                .build();
        assertThat(open(synthetic.core()).pageTable().levelCount()).isEqualTo(4);
    }

    @Test
    void triesWhatAKernelOf52BitsMayHaveFallenBackTo() throws IOException {
        SyntheticKernel synthetic = builder(SyntheticMachine.ARM64).without("NUMBER(TCR_EL1_T1SZ)")
                .with("NUMBER(VA_BITS)", "52").build();
        assertThat(open(synthetic.core()).pageTable().levelCount()).isEqualTo(4);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1", "11", "53", "64", "-1", "9223372036854775807"})
    void refusesAddressSizesThatCannotBe(String bits) throws IOException {
        SyntheticKernel synthetic = builder(SyntheticMachine.ARM64).with("NUMBER(VA_BITS)", bits).build();
        ElfCoreBuilder core = synthetic.core();
        assertThatThrownBy(() -> open(core)).isInstanceOf(CorruptDumpException.class)
                .hasMessageEndingWith(
                        "VMCOREINFO: NUMBER(VA_BITS) must be address bits of aarch64 with pages of 4096 bytes"
                                + " but was " + bits + ", with NUMBER(TCR_EL1_T1SZ) 16");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "11", "41", "-1"})
    void refusesATableThatCannotBe(String size) throws IOException {
        ElfCoreBuilder core = builder(SyntheticMachine.ARM64).with("NUMBER(TCR_EL1_T1SZ)", size).build().core();
        assertThatThrownBy(() -> open(core)).isInstanceOf(CorruptDumpException.class)
                .hasMessageEndingWith("but was 48, with NUMBER(TCR_EL1_T1SZ) " + size);
    }

    @Test
    void namesTheKeyThatIsMissing() throws IOException {
        ElfCoreBuilder core = builder(SyntheticMachine.ARM64).without("NUMBER(VA_BITS)").build().core();
        assertThatThrownBy(() -> open(core)).isInstanceOf(MissingSymbolException.class)
                .hasMessageContaining("NUMBER(VA_BITS) is missing");
        ElfCoreBuilder riscv = builder(SyntheticMachine.RISCV64).with("NUMBER(VA_BITS)", "49").build().core();
        assertThatThrownBy(() -> open(riscv)).isInstanceOf(CorruptDumpException.class)
                .hasMessageEndingWith("of riscv64 with pages of 4096 bytes but was 49");
    }

    @Test
    void writesWhereMemoryStartsAsPhysBase() throws IOException {
        SyntheticKernelBuilder arm = builder(SyntheticMachine.ARM64).with("NUMBER(PHYS_OFFSET)", "0x40000000");
        assertThat(open(arm.build().core()).physBase()).isEqualTo(0x4000_0000L);
        SyntheticKernelBuilder riscv = builder(SyntheticMachine.RISCV64).with("NUMBER(phys_ram_base)", "2147483648");
        assertThat(open(riscv.build().core()).physBase()).isEqualTo(0x8000_0000L);
    }
}
