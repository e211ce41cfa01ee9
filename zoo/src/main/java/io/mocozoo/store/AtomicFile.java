package io.mocozoo.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * Files that are there whole or not at all: written beside the target under a name of their own, forced to the disk,
 * then moved into place. A killed process leaves the old file, and at most a {@code .part} beside it.
 */
public final class AtomicFile {
    private AtomicFile() {}

    /** What fills the file. */
    @FunctionalInterface
    public interface Content {
        /** Writes everything; the channel is open for reading too and stands at 0. */
        void writeTo(FileChannel channel) throws IOException;
    }

    /** Replaces the target by what the content writes; folders on the way are made. */
    public static void write(Path target, Content content) throws IOException {
        Path whole = target.toAbsolutePath();
        Path folder = whole.getParent();
        if (folder == null) {
            throw new IOException(target + " is no place for a file");
        }
        Files.createDirectories(folder);
        Path part = Files.createTempFile(folder, "." + whole.getFileName() + ".", ".part");
        try {
            try (FileChannel channel = FileChannel.open(part, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                content.writeTo(channel);
                channel.force(true);
            }
            openToOthers(part);
            move(part, whole);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    /** Temporary files are private to their maker; a finished one is as readable as its folder. */
    private static void openToOthers(Path file) throws IOException {
        if (Files.getFileStore(file).supportsFileAttributeView("posix")) {
            var permissions = Files.getPosixFilePermissions(file);
            permissions.add(java.nio.file.attribute.PosixFilePermission.GROUP_READ);
            permissions.add(java.nio.file.attribute.PosixFilePermission.OTHERS_READ);
            Files.setPosixFilePermissions(file, permissions);
        }
    }

    /** Moves a finished file over its target in one step. */
    public static void move(Path from, Path target) throws IOException {
        try {
            Files.move(from, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(from, target, StandardCopyOption.REPLACE_EXISTING);
        }
    }
}
