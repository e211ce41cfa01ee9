package io.mocozoo.train;

import io.mocozoo.store.AtomicFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * The claim of one training on its work folder: two would write over each other's checkpoints. The system gives it back
 * however a process ends. What killed runs left half written is cleared away.
 */
final class WorkFolder implements AutoCloseable {
    private final Path folder;
    private final FileChannel channel;

    private WorkFolder(Path folder, FileChannel channel) {
        this.folder = folder;
        this.channel = channel;
    }

    /** Claims a folder, which is made if it is not there. */
    static WorkFolder claim(Path folder) throws IOException {
        Files.createDirectories(folder);
        FileChannel channel =
                FileChannel.open(folder.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (lock(channel) == null) {
            channel.close();
            throw new IOException(
                    "another training is running in " + folder + "; wait for it, or choose another folder");
        }
        AtomicFile.sweep(folder);
        return new WorkFolder(folder, channel);
    }

    /** A file of the folder. */
    Path file(String name) {
        return folder.resolve(name);
    }

    private static @Nullable FileLock lock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) { // by another thread of this process
            return null;
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
