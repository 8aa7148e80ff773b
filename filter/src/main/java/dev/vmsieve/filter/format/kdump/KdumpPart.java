// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.format.kdump;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;

import dev.vmsieve.filter.bitmap.PfnRange;
import dev.vmsieve.filter.io.CorruptDumpException;
import dev.vmsieve.filter.io.DumpFile;

/// A kdump-compressed file, opened: a whole dump, or one part of a split one.
///
/// @param file its bytes; closed by whoever opened it
/// @param headers its headers, checked
public record KdumpPart(DumpFile file, KdumpHeaders headers) {
    /// Reads and checks the file's headers.
    public static KdumpPart open(DumpFile file) throws IOException {
        return new KdumpPart(file, KdumpHeaders.parse(file.path().toString(), readHead(file), file.size()));
    }

    /// The bytes that hold the headers; those for the usual block size where that is the file's, or where the system cannot
    /// read more.
    private static ByteBuffer readHead(DumpFile file) throws IOException {
        ByteBuffer head = readHead(file, KdumpFormat.MIN_BLOCK_BYTES + KdumpFormat.SUB_HEADER_BYTES);
        int bytes = KdumpHeaders.bytes(head);
        if (bytes <= head.limit()) {
            return head;
        }
        try {
            return readHead(file, bytes);
        } catch (ClosedChannelException closed) {
            throw closed;
        } catch (IOException failed) {
            return head;
        }
    }

    private static ByteBuffer readHead(DumpFile file, int bytes) throws IOException {
        ByteBuffer head = ByteBuffer.allocate((int) Math.min(bytes, file.size()));
        file.read("kdump headers", 0, head);
        return head.flip();
    }

    /// The file's name, for messages.
    public String name() {
        return file.path().toString();
    }

    /// True for a part of a split dump.
    public boolean isSplit() {
        return headers.sub().split() != 0;
    }

    /// The pfns whose pages the file holds if their bits in the 2nd bitmap are set.
    public PfnRange range() {
        return isSplit() ? headers.sub().splitRange() : new PfnRange(0, headers.maxMapnr());
    }

    /// What the file has of the text of what was erased. By habit it comes last in a file, so that one cut short by a few
    /// bytes lacks it; that must not lose the dump.
    public FileRegion eraseinfo() {
        FileRegion stated = headers.sub().eraseinfo();
        if (stated.offset() < 0 || stated.bytes() <= 0) {
            return FileRegion.NONE;
        }
        long bytes = Math.min(Math.min(stated.bytes(), KdumpHeaders.MAX_REGION_BYTES), file.size() - stated.offset());
        return bytes > 0 ? new FileRegion(stated.offset(), bytes) : FileRegion.NONE;
    }

    /// Puts the parts of one split dump in order of their pfns, and checks that they belong together.
    ///
    /// @throws CorruptDumpException if a file is no part, two parts are of different dumps, only some say that they are
    ///         incomplete, or two hold the same pfns
    public static List<KdumpPart> inOrder(List<KdumpPart> parts) throws CorruptDumpException {
        KdumpPart first = parts.getFirst();
        for (KdumpPart part : parts) {
            if (!part.isSplit()) {
                throw new CorruptDumpException(
                        "[" + part.name() + "] kdump sub header: split must be 1 for a part of a "
                                + "split dump but was 0: it is a whole dump");
            }
            checkSame(part, first);
        }
        List<KdumpPart> sorted = sorted(parts);
        for (int i = 1; i < sorted.size(); i++) {
            KdumpPart before = sorted.get(i - 1);
            KdumpPart part = sorted.get(i);
            if (before.range().end() > part.range().start()) {
                throw new CorruptDumpException("[" + part.name() + "] kdump sub header: pfns " + describe(part.range())
                        + " must not be held by two parts but [" + before.name() + "] has "
                        + describe(before.range()));
            }
        }
        return sorted;
    }

    /// By hand: a comparator made of lambdas links method handles when it is first asked, as a record's equals does.
    private static List<KdumpPart> sorted(List<KdumpPart> parts) {
        List<KdumpPart> sorted = new ArrayList<>();
        for (KdumpPart part : parts) {
            int at = sorted.size();
            while (at > 0 && part.isBefore(sorted.get(at - 1))) {
                at--;
            }
            sorted.add(at, part);
        }
        return sorted;
    }

    private boolean isBefore(KdumpPart other) {
        PfnRange own = range();
        PfnRange others = other.range();
        return own.start() == others.start() ? own.end() < others.end() : own.start() < others.start();
    }

    /// Checks that parts in order hold all pfns of the dump.
    ///
    /// @throws CorruptDumpException if a part is missing; the message tells the pfns
    public static void checkCover(List<KdumpPart> inOrder) throws CorruptDumpException {
        long covered = 0;
        for (KdumpPart part : inOrder) {
            checkNoGap(part, covered, part.range().start());
            covered = part.range().end();
        }
        KdumpPart last = inOrder.getLast();
        checkNoGap(last, covered, last.headers.maxMapnr());
    }

    private static void checkNoGap(KdumpPart part, long from, long to) throws CorruptDumpException {
        if (from < to) {
            throw new CorruptDumpException("[" + part.name() + "] split dump: no part holds pfns "
                    + describe(new PfnRange(from, to)));
        }
    }

    private static void checkSame(KdumpPart part, KdumpPart first) throws CorruptDumpException {
        if (part.headers.incomplete() != first.headers.incomplete()) {
            boolean marked = part.headers.incomplete();
            throw new CorruptDumpException(
                    "[" + (marked ? part : first).name() + "] kdump main header: says that the part "
                            + "is incomplete, but [" + (marked ? first : part).name() + "] of the same set does not");
        }
        KdumpSubHeader sub = part.headers.sub();
        KdumpSubHeader other = first.headers.sub();
        boolean same = part.headers.order().equals(first.headers.order())
                && part.headers.main().equals(first.headers.main())
                && sub.physBase() == other.physBase() && sub.dumpLevel() == other.dumpLevel()
                && sub.vmcoreinfo().equals(other.vmcoreinfo()) && sub.notes().equals(other.notes())
                && sub.maxMapnr() == other.maxMapnr();
        if (!same) {
            throw new CorruptDumpException(
                    "[" + part.name() + "] kdump headers: must be those of [" + first.name()
                            + "] but are of another dump");
        }
    }

    private static String describe(PfnRange range) {
        return "0x" + Long.toHexString(range.start()) + " to 0x" + Long.toHexString(range.end());
    }
}
