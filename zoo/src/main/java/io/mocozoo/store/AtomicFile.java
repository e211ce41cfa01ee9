package io.mocozoo.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

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

    /**
     * Replaces the target by what the content writes; folders on the way are made.
     *
     * @throws IOException if it cannot be written; the target is then as it was
     */
    public static void write(Path target, Content content) throws IOException {
        Path whole = target.toAbsolutePath();
        Path folder = whole.getParent();
        if (folder == null) {
            throw new IOException(target + " is no place for a file");
        }
        Files.createDirectories(folder);
        // Not createTempFile, whose files only their maker may read: this one shall be as readable as any other.
        Path part = folder.resolve(
                "." + whole.getFileName() + "." + UUID.randomUUID().toString().substring(0, 8) + ".part");
        try {
            try (FileChannel channel = FileChannel.open(
                    part, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                content.writeTo(channel);
                channel.force(true);
            }
            move(part, whole);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    /** Moves a finished file or folder over its target in one step; what was a file there before is replaced. */
    public static void move(Path from, Path target) throws IOException {
        try {
            Files.move(from, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(from, target, StandardCopyOption.REPLACE_EXISTING);
        }
        forceFolder(target.toAbsolutePath().getParent());
    }

    /** Without this a power cut may undo the move. Not every system lets one open a folder; there it is left out. */
    private static void forceFolder(@Nullable Path folder) {
        if (folder == null) {
            return;
        }
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            // Windows; the move itself has happened.
        }
    }
}
