// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.util.Optional;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;

import dev.vmsieve.filter.bitmap.PageBitmap;
import dev.vmsieve.filter.bitmap.PfnRange;
import dev.vmsieve.filter.codec.Compression;
import dev.vmsieve.filter.codec.PageCodec;
import dev.vmsieve.filter.debuginfo.DebugInfoFuzz;
import dev.vmsieve.filter.format.elf.ElfNotes;
import dev.vmsieve.filter.format.kdump.KdumpHeaders;
import dev.vmsieve.filter.io.DumpException;
import dev.vmsieve.filter.kernel.Vmcoreinfo;
import dev.vmsieve.filter.paging.Kernel;
import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.filter.vmcore.PageReader;
import dev.vmsieve.filter.vmcore.Vmcore;
import dev.vmsieve.filter.vmcore.VmcoreOpener;

/// Whatever the bytes are, a reader answers or throws a [DumpException] with one line; nothing else comes out of it.
///
/// A plain build replays the kept inputs under src/test/resources; JAZZER_FUZZ=1 with one method searches for more.
class FuzzTest {
    private static final int PAGE = 4096;
    private static final int GUARD = 64;
    private static final long SMALL_MACHINE_PAGES = 1 << 16;

    @com.code_intelligence.jazzer.junit.FuzzTest
    void opensElf(byte[] bytes) throws IOException {
        try (Vmcore vmcore = VmcoreOpener.open(new BytesDumpFile(bytes), Progress.NONE)) {
            ElfNotes.parse(vmcore.notes());
            long end = Math.min(vmcore.maxMapnr(), SMALL_MACHINE_PAGES);
            var existing = new PageBitmap(end);
            vmcore.markExisting(new PfnRange(0, end), existing);
            ByteBuffer page = ByteBuffer.allocateDirect(2 * PAGE);
            try (PageReader reader = vmcore.newReader()) {
                long pfn = existing.nextSet(0);
                for (int i = 0; i < 10 && pfn < end; i++) {
                    reader.read(pfn * PAGE + i, page, 0, 2 * PAGE - 1);
                    pfn = existing.nextSet(pfn + 1);
                }
            }
            if (vmcore.maxMapnr() <= SMALL_MACHINE_PAGES) {
                Kernel.open(vmcore, Optional.empty(), Progress.NONE);
            }
        } catch (DumpException refused) {
            assertOneLine(refused, "[vmcore");
        }
    }

    @com.code_intelligence.jazzer.junit.FuzzTest
    void parsesVmcoreinfo(byte[] bytes) {
        Vmcoreinfo info = Vmcoreinfo.parse("fuzz", bytes);
        assertThat(info.bytes()).isEqualTo(bytes);
        info.symbol("a");
        info.size("a");
        info.offset("a", "b");
        info.length("a");
        info.number("a");
        info.hexadecimalOf("KERNELOFFSET");
        info.decimalOf("CRASHTIME");
        info.withSymbolsMoved(0, 1).orElse(info);
    }

    @com.code_intelligence.jazzer.junit.FuzzTest
    void parsesKdumpHeaders(byte[] bytes) {
        try {
            KdumpHeaders headers = KdumpHeaders.parse("fuzz", ByteBuffer.wrap(bytes), bytes.length);
            headers.layout();
            assertThat(headers.maxMapnr()).isNotNegative();
        } catch (DumpException refused) {
            assertOneLine(refused, "[fuzz]");
        }
    }

    @com.code_intelligence.jazzer.junit.FuzzTest
    void readsVmlinux(byte[] bytes) throws IOException {
        try {
            Vmcoreinfo info = DebugInfoFuzz.read(bytes);
            assertThat(info.text("OSRELEASE")).isPresent();
        } catch (DumpException refused) {
            assertOneLine(refused, "[vmlinux");
        } catch (FileSystemException noSpace) {
            assertThat(noSpace.getReason()).startsWith("No space left to unpack");
        }
    }

    @com.code_intelligence.jazzer.junit.FuzzTest
    void decompressesPages(FuzzedDataProvider data) {
        Compression method = data.pickValue(Compression.values());
        byte[] bytes = data.consumeRemainingAsBytes();
        ByteBuffer source = ByteBuffer.allocateDirect(Math.max(1, bytes.length)).put(0, bytes);
        ByteBuffer target = ByteBuffer.allocateDirect(PAGE + 2 * GUARD);
        for (int i = 0; i < target.capacity(); i++) {
            target.put(i, (byte) 0x5a);
        }
        try (PageCodec codec = method.newCodec()) {
            codec.decompress(source, 0, bytes.length, target, GUARD, PAGE);
        } catch (DumpException refused) {
            assertThat(refused.getMessage()).isNotEmpty();
        }
        for (int i = 0; i < GUARD; i++) {
            assertThat(target.get(i)).as("guard before").isEqualTo((byte) 0x5a);
            assertThat(target.get(GUARD + PAGE + i)).as("guard behind").isEqualTo((byte) 0x5a);
        }
    }

    private static void assertOneLine(DumpException refused, String start) {
        assertThat(refused.getMessage()).startsWith(start).doesNotContain("\n").doesNotContain("null");
    }
}
