package io.mocozoo.store;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One at a time for each name, over threads and processes. The operating system frees a killed process's locks; the
 * lock files stay, since deleting one that somebody waits for would let two in.
 */
final class Locks {
    private static final Logger LOG = LoggerFactory.getLogger(Locks.class);
    private static final long QUIET_MILLIS = 1000;
    private static final long POLL_MILLIS = 50;

    /** File locks belong to the whole JVM, so that threads, and other stores in it, need locks of their own. */
    private static final Map<Path, ReentrantLock> THREADS = new ConcurrentHashMap<>();

    private final Path folder;

    Locks(Path folder) {
        this.folder = folder;
    }

    /** What is done by one at a time. */
    @FunctionalInterface
    interface Work<T> {
        T run() throws IOException;
    }

    /**
     * Does something under a name, after whoever else is at it; says so when that takes more than a second.
     *
     * @param name a path of safe names, with forward slashes
     * @param doing what is waited for, for people
     * @throws IOException if the cache cannot be written, or the thread was interrupted
     */
    <T> T holding(String name, String doing, Work<T> work) throws IOException {
        Path file = file(name);
        ReentrantLock thread = thread(file);
        if (thread.isHeldByCurrentThread()) {
            throw new IllegalStateException(name + " is locked by this very thread: what makes it asks for itself");
        }
        try {
            if (!thread.tryLock(QUIET_MILLIS, TimeUnit.MILLISECONDS)) {
                LOG.warn("another thread is {}; waiting for it", doing);
                thread.lockInterruptibly();
            }
            try (FileChannel channel = open(file)) {
                for (long waited = 0; !tryLock(channel); waited += POLL_MILLIS) {
                    if (waited == QUIET_MILLIS) {
                        LOG.warn("another process is {}; waiting for it", doing);
                    }
                    Thread.sleep(POLL_MILLIS);
                }
                return work.run();
            } finally {
                thread.unlock();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while another was " + doing);
        }
    }

    /** Does something under a name if nobody is at it; otherwise nothing. */
    <T> Optional<T> ifFree(String name, Work<T> work) throws IOException {
        Path file = file(name);
        ReentrantLock thread = thread(file);
        if (thread.isHeldByCurrentThread() || !thread.tryLock()) {
            return Optional.empty();
        }
        try (FileChannel channel = open(file)) {
            return tryLock(channel) ? Optional.of(work.run()) : Optional.empty();
        } finally {
            thread.unlock();
        }
    }

    /** The lock goes with its channel. */
    private static boolean tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false; // this JVM has the class twice, by two class loaders
        }
    }

    private Path file(String name) throws IOException {
        try {
            Path file = Files.createDirectories(folder).toRealPath().resolve(name + ".lock");
            Files.createDirectories(file.getParent());
            return file;
        } catch (IOException e) {
            throw notWritable(folder, e);
        }
    }

    private static FileChannel open(Path file) throws IOException {
        try {
            return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw notWritable(file, e);
        }
    }

    private static IOException notWritable(Path file, IOException cause) {
        return new IOException(
                "the cache cannot be written: " + file + " ("
                        + cause.getClass().getSimpleName()
                        + "); make it writable or choose another folder with --cache or MOCOZOO_HOME",
                cause);
    }

    private static ReentrantLock thread(Path file) {
        return THREADS.computeIfAbsent(file, f -> new ReentrantLock());
    }
}
