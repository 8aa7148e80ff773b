// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.collector.rework;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import dev.vmsieve.collector.rework.IncompleteFileException.Reason;
import dev.vmsieve.filter.format.kdump.FileRegion;
import dev.vmsieve.filter.format.kdump.KdumpFormat;
import dev.vmsieve.filter.format.kdump.KdumpLayout;
import dev.vmsieve.filter.format.kdump.KdumpPart;
import dev.vmsieve.filter.format.kdump.KdumpSubHeader;
import dev.vmsieve.filter.format.kdump.StorageFlag;
import dev.vmsieve.filter.io.DumpFile;
import dev.vmsieve.filter.io.UnsupportedDumpException;
import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.filter.progress.Stage;
import dev.vmsieve.filter.vmcore.OpenOptions;
import dev.vmsieve.filter.vmcore.VmcoreOpener;

/// Joins the parts of a split dump to one dump file (`--reassemble`).
///
/// Headers, notes and bitmaps are those of one part. Pages are copied as they are stored, in runs as long as the
/// parts allow; the zero page that each part has as its first data block is stored once. The result is what a dump
/// without splitting would have been.
public final class Reassembler {
    private static final int PIECE_BYTES = 1 << 20;

    private final List<KdumpPart> parts;
    private final KdumpPart first;
    private final KdumpLayout layout;
    private final OutputFile output;
    private final Progress progress;
    private final ByteBuffer piece = ByteBuffer.allocateDirect(PIECE_BYTES);
    private final PartPages pages;

    private Reassembler(List<KdumpPart> parts, OutputFile output, Progress progress) throws IOException {
        this.parts = parts;
        this.first = parts.getFirst();
        this.layout = first.headers().layout();
        this.output = output;
        this.progress = progress;
        this.pages = new PartPages(parts, output, progress);
    }

    /// Reads the parts and makes the dump file.
    ///
    /// @throws IncompleteFileException if a file was left that is not complete
    /// @throws IOException if no file was made; one that was there is as it was
    public static ReassembleReport reassemble(ReassemblePlan plan, Progress progress) throws IOException {
        checkOutputIsNoPart(plan);
        List<DumpFile> files = new ArrayList<>();
        try (var output = new OutputFile(plan.dumpFile(), plan.overwrite(), false, plan.sizeLimitBytes(),
                plan.lastResort())) {
            List<KdumpPart> parts = new ArrayList<>();
            OpenOptions options = new OpenOptions(false, plan.workDirectory());
            for (Path path : plan.parts()) {
                files.add(VmcoreOpener.openPart(path, options, progress));
                parts.add(KdumpPart.open(files.getLast()));
            }
            List<KdumpPart> inOrder = KdumpPart.inOrder(parts);
            KdumpPart.checkCover(inOrder);
            return new Reassembler(inOrder, output, progress).run();
        } finally {
            for (DumpFile file : files) {
                file.close();
            }
        }
    }

    private static void checkOutputIsNoPart(ReassemblePlan plan) throws IOException {
        for (Path part : plan.parts()) {
            if (Files.exists(plan.dumpFile()) && Files.exists(part) && Files.isSameFile(part, plan.dumpFile())) {
                throw new IOException("[" + plan.dumpFile() + "] is one of the parts, and would be overwritten");
            }
        }
    }

    private ReassembleReport run() throws IOException {
        checkNotesBeforePages();
        pages.count();
        pages.checkSameBitmaps();
        try {
            return copy();
        } catch (IncompleteFileException failed) {
            throw failed;
        } catch (IOException failed) {
            if (!output.begun()) {
                throw failed;
            }
            throw output.incomplete(String.valueOf(failed.getMessage()), failed, Reason.INPUT);
        }
    }

    private ReassembleReport copy() throws IOException {
        copyHead();
        progress.begin(Stage.COPYING, pages.total());
        pages.copy();
        progress.end(Stage.COPYING);
        FileRegion eraseinfo = copyEraseinfo();
        writeSubHeader(eraseinfo);
        if (pages.missing() > 0) {
            markMissing();
        }
        finish();
        return new ReassembleReport(pages.total(), pages.missing(), output.sizeBytes());
    }

    /// Notes behind the pages would have to move.
    private void checkNotesBeforePages() throws IOException {
        KdumpSubHeader sub = first.headers().sub();
        for (FileRegion region : List.of(sub.notes(), sub.vmcoreinfo())) {
            if (region.bytes() > 0 && region.offset() + region.bytes() > layout.firstBitmapOffset()) {
                throw new UnsupportedDumpException("[" + first.name()
                        + "] kdump sub header: notes of a part must lie before the bitmaps at 0x"
                        + Long.toHexString(layout.firstBitmapOffset()) + " but end at 0x"
                        + Long.toHexString(region.offset() + region.bytes()));
            }
        }
    }

    /// Everything before the descriptors.
    private void copyHead() throws IOException {
        long end = layout.descriptorsOffset();
        for (long at = 0; at < end; at += PIECE_BYTES) {
            piece.clear().limit((int) Math.min(PIECE_BYTES, end - at));
            pages.reference().file().read(at, piece);
            write(at, piece.flip());
        }
    }

    /// Puts the text of all parts behind the pages, unless all of it is in the head already.
    private FileRegion copyEraseinfo() throws IOException {
        FileRegion inHead = first.eraseinfo();
        if (inHead.offset() + inHead.bytes() <= layout.firstBitmapOffset() && noneAfterFirst()) {
            return inHead;
        }
        long start = pages.dataEnd();
        long at = start;
        for (KdumpPart part : parts) {
            FileRegion region = part.eraseinfo();
            for (long done = 0; done < region.bytes(); done += PIECE_BYTES) {
                piece.clear().limit((int) Math.min(PIECE_BYTES, region.bytes() - done));
                part.file().read(region.offset() + done, piece);
                write(at + done, piece.flip());
            }
            at += region.bytes();
        }
        return at == start ? FileRegion.NONE : new FileRegion(start, at - start);
    }

    private boolean noneAfterFirst() {
        for (KdumpPart part : parts.subList(1, parts.size())) {
            if (part.eraseinfo().bytes() > 0) {
                return false;
            }
        }
        return true;
    }

    private void writeSubHeader(FileRegion eraseinfo) throws IOException {
        KdumpSubHeader sub = first.headers().sub();
        ByteBuffer fields = ByteBuffer.allocateDirect(KdumpFormat.SUB_HEADER_BYTES).order(first.headers().order());
        new KdumpSubHeader(sub.physBase(), sub.dumpLevel(), 0, 0, 0, sub.vmcoreinfo(), sub.notes(), eraseinfo,
                sub.maxMapnr()).write(fields, 0);
        int version = first.headers().main().headerVersion();
        write(layout.subHeaderOffset(), fields.limit(KdumpSubHeader.bytes(version)));
    }

    private void markMissing() throws IOException {
        int status = first.headers().main().status();
        if (!StorageFlag.INCOMPLETE.in(status)) {
            ByteBuffer word = ByteBuffer.allocateDirect(Integer.BYTES).order(first.headers().order());
            write(KdumpFormat.STATUS_OFFSET, word.putInt(0, status | StorageFlag.INCOMPLETE.bit()));
        }
        progress.warning("[" + first.name() + "] split dump: " + pages.missing() + " of " + pages.total()
                + " pages are in none of the parts; the dump file is marked incomplete");
    }

    private void write(long at, ByteBuffer bytes) throws IOException {
        try {
            output.write(at, bytes);
        } catch (IOException refused) {
            if (!output.begun()) {
                throw refused;
            }
            throw output.incomplete(refused);
        }
    }

    private void finish() throws IOException {
        try {
            output.finish();
        } catch (IOException refused) {
            throw output.incomplete(refused);
        }
    }
}
