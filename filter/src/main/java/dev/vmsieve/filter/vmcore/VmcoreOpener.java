// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.filter.vmcore;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import dev.vmsieve.filter.format.flat.FlattenedFile;
import dev.vmsieve.filter.io.CorruptDumpException;
import dev.vmsieve.filter.io.DumpFile;
import dev.vmsieve.filter.io.FileDumpFile;
import dev.vmsieve.filter.io.FileKind;
import dev.vmsieve.filter.io.MappedDumpFile;
import dev.vmsieve.filter.io.UnsupportedDumpException;
import dev.vmsieve.filter.progress.Progress;
import dev.vmsieve.filter.unpack.Packing;
import dev.vmsieve.filter.unpack.Unpacker;

/// Recognises an input by its first bytes and opens it. What is packed, or a pipe, is brought into a work file first.
public final class VmcoreOpener {
    private VmcoreOpener() {}

    /// Opens the input; the caller closes it.
    ///
    /// @throws UnsupportedDumpException if it is no file, or of a format or a machine that is not supported; the message
    ///         says what it is
    /// @throws CorruptDumpException if its headers break the format
    /// @throws IOException the JDK's own, with the file named, if the system refuses
    public static Vmcore open(Path path, OpenOptions options, Progress progress) throws IOException {
        return open(openFile(path, options, progress), options, progress);
    }

    private static DumpFile openFile(Path path, OpenOptions options, Progress progress) throws IOException {
        if (isPipe(path)) {
            return Unpacker.spool(path, options.workDirectory(), progress);
        }
        return options.mmap() && isOnProcfs(path) ? MappedDumpFile.open(path) : FileDumpFile.open(path);
    }

    /// Opens an input that is read in a way of the caller's choice. The vmcore closes the file, and so does a failure.
    public static Vmcore open(DumpFile file, Progress progress) throws IOException {
        return open(file, new OpenOptions(false), progress);
    }

    private static Vmcore open(DumpFile given, OpenOptions options, Progress progress) throws IOException {
        DumpFile file = unpacked(given, options, progress);
        try {
            return recognise(file, options, progress);
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /// The file itself if it is not packed; else its unpacked bytes, and the file is closed.
    private static DumpFile unpacked(DumpFile file, OpenOptions options, Progress progress) throws IOException {
        try {
            if (formatOf(file) != InputFormat.PACKED) {
                return file;
            }
            byte[] first = new byte[Packing.FIRST_BYTES];
            file.read("input", 0, ByteBuffer.wrap(first));
            Optional<Packing> packing = Packing.of(first);
            if (packing.isEmpty()) {
                return file;
            }
            DumpFile work = Unpacker.unpack(file, packing.get(), options.workDirectory(), progress);
            file.close();
            return work;
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /// Opens the parts of a split dump as one input; the caller closes it. Parts may be missing.
    public static Vmcore openSplit(List<Path> parts, OpenOptions options, Progress progress) throws IOException {
        if (parts.size() == 1) {
            return open(parts.getFirst(), options, progress);
        }
        List<DumpFile> files = new ArrayList<>();
        try {
            for (Path part : parts) {
                files.add(openPart(part, options, progress));
            }
            return KdumpVmcore.openSplit(files, options.bitmapsIn(), progress);
        } catch (IOException | RuntimeException e) {
            for (DumpFile file : files) {
                file.close();
            }
            throw e;
        }
    }

    /// Opens a part of a split dump for its bytes alone, as they are once unpacked and rearranged; the caller closes it.
    public static DumpFile openPart(Path path, OpenOptions options, Progress progress) throws IOException {
        DumpFile file = unpacked(openFile(path, options, progress), options, progress);
        try {
            return FlattenedFile.recognises(file) ? FlattenedFile.open(file, options.bitmapsIn(), progress) : file;
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private static Vmcore recognise(DumpFile file, OpenOptions options, Progress progress) throws IOException {
        if (file.size() == 0) {
            throw new CorruptDumpException("[" + file.path() + "] input: the file is empty");
        }
        InputFormat format = formatOf(file);
        if (format == InputFormat.ELF) {
            return ElfVmcore.open(file, options.bitmapsIn(), progress);
        }
        if (format == InputFormat.KDUMP) {
            return KdumpVmcore.open(file, options.bitmapsIn(), progress);
        }
        if (format == InputFormat.FLATTENED) {
            return recogniseRearranged(FlattenedFile.open(file, options.bitmapsIn(), progress), options, progress);
        }
        if (format == InputFormat.UNKNOWN && file.size() < InputFormat.FIRST_BYTES) {
            throw new CorruptDumpException("[" + file.path() + "] input: the file must be a dump but has only "
                    + file.size() + " bytes");
        }
        throw new UnsupportedDumpException("[" + file.path() + "] input: must be an ELF core or a kdump file but is "
                + format.description());
    }

    /// A flattened file inside a flattened file is no dump.
    private static Vmcore recogniseRearranged(FlattenedFile file, OpenOptions options, Progress progress)
            throws IOException {
        if (formatOf(file) == InputFormat.FLATTENED) {
            throw new UnsupportedDumpException("[" + file.path() + "] input: is a flattened dump of a flattened dump");
        }
        return recognise(file, options, progress);
    }

    private static InputFormat formatOf(DumpFile file) throws IOException {
        ByteBuffer first = ByteBuffer.allocate(InputFormat.FIRST_BYTES);
        file.read("input", 0, first);
        ByteBuffer second = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        file.read("input", InputFormat.SECOND_OFFSET, second);
        return InputFormat.of(first, second.getLong(0));
    }

    /// True for a pipe, whether it has a name or not; false for what can be read at any place.
    ///
    /// @throws UnsupportedDumpException for anything else: a directory would fail late
    private static boolean isPipe(Path path) throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
        if (attributes.isDirectory()) {
            throw new UnsupportedDumpException("[" + path + "] input: must be a file but is a directory");
        }
        if (!attributes.isOther()) {
            return false;
        }
        FileKind kind = FileKind.of(path);
        if (kind != FileKind.BLOCK_DEVICE && kind != FileKind.PIPE) {
            throw new UnsupportedDumpException("[" + path + "] input: must be a file or a pipe but is a device");
        }
        return kind == FileKind.PIPE;
    }

    /// Files of procfs are made as they are read, which is slow page by page.
    private static boolean isOnProcfs(Path path) throws IOException {
        return path.toRealPath().startsWith("/proc");
    }
}
