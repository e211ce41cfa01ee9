package io.mocozoo.store;

import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A file that is there whole or not at all: written beside the target under a name of its own, forced to the disk and
 * moved into place by {@link #commit}; closed without it, nothing is left. A killed process leaves the old file, and at
 * most a {@code .part} beside it. Closed by whoever opened it; for one thread.
 */
public final class AtomicFile implements AutoCloseable {
    private final Path target;
    private final Path part;
    private final FileChannel channel;

    private AtomicFile(Path target, Path part, FileChannel channel) {
        this.target = target;
        this.part = part;
        this.channel = channel;
    }

    /** What fills a file. */
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
        try (AtomicFile file = create(target)) {
            content.writeTo(file.channel);
            file.commit();
        }
    }

    /** Replaces the target by some bytes. */
    public static void write(Path target, byte[] bytes) throws IOException {
        try (AtomicFile file = create(target)) {
            file.write(ByteBuffer.wrap(bytes));
            file.commit();
        }
    }

    /** Clears away what killed processes left half written in a folder that nobody else writes to now. */
    public static void sweep(Path folder) throws IOException {
        try (DirectoryStream<Path> left = Files.newDirectoryStream(folder, ".*.????????.part")) {
            for (Path part : left) {
                Files.deleteIfExists(part);
            }
        }
    }

    /** Begins a file; folders on the way are made. */
    public static AtomicFile create(Path target) throws IOException {
        Path whole = target.toAbsolutePath();
        Path folder = whole.getParent();
        if (folder == null) {
            throw new IOException(target + " is no place for a file");
        }
        if (Files.isDirectory(whole)) {
            throw new IOException(target + " is a folder; name a file");
        }
        Files.createDirectories(folder);
        // Not createTempFile, whose files only their maker may read: this one shall be as readable as any other.
        Path part = folder.resolve(
                "." + whole.getFileName() + "." + UUID.randomUUID().toString().substring(0, 8) + ".part");
        try {
            return new AtomicFile(
                    whole,
                    part,
                    FileChannel.open(
                            part, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE));
        } catch (AccessDeniedException e) { // speaks of the name that was asked for
            throw new AccessDeniedException(target.toString(), null, e.getReason());
        } catch (FileSystemException e) {
            throw new FileSystemException(target.toString(), null, e.getReason());
        }
    }

    /** Appends all of a buffer. */
    public void write(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /** Appends what is written to it; closing it does nothing. */
    public OutputStream stream() {
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                AtomicFile.this.write(ByteBuffer.wrap(new byte[] {(byte) b}));
            }

            @Override
            public void write(byte[] bytes, int from, int length) throws IOException {
                AtomicFile.this.write(ByteBuffer.wrap(bytes, from, length));
            }
        };
    }

    /** Overwrites bytes that were written before. */
    public void rewrite(long position, ByteBuffer bytes) throws IOException {
        long at = position;
        while (bytes.hasRemaining()) {
            at += channel.write(bytes, at);
        }
    }

    /**
     * Bytes written before.
     *
     * @throws EOFException if there are fewer
     */
    public ByteBuffer read(long position, int count) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(count);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, position + bytes.position()) < 0) {
                throw new EOFException(target + ": expected " + count + " bytes from " + position);
            }
        }
        return bytes.flip();
    }

    /** Bytes written so far. */
    public long position() throws IOException {
        return channel.position();
    }

    /** Moves the whole file into place; nothing can be written afterwards. */
    public void commit() throws IOException {
        channel.force(true);
        channel.close();
        move(part, target);
    }

    /** Throws the file away unless it is in place. Harmless when repeated. */
    @Override
    public void close() throws IOException {
        channel.close();
        Files.deleteIfExists(part);
    }

    /** Moves a finished file or folder over its target in one step; what was a file there before is replaced. */
    public static void move(Path from, Path target) throws IOException {
        try {
            // the second is what an atomic move does anyway, except where a file system leaves it open
            Files.move(from, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
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
