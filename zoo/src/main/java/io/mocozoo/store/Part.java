package io.mocozoo.store;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The beginning of a file, and a note of what it is the beginning of. The note is always written after the bytes of
 * anything else are gone, so that whatever bytes a killed process leaves belong to the note beside them. Used under
 * the file's lock.
 */
final class Part {
    /** A power cut costs at most this much of an unknown file. */
    private static final long FORCED_EVERY_BYTES = 32L << 20;

    private final Path target;
    private final Path file;
    private final Path noteFile;

    Part(Path target) {
        this.target = target;
        this.file = target.resolveSibling(target.getFileName() + ".part");
        this.noteFile = target.resolveSibling(target.getFileName() + ".part.json");
    }

    /**
     * What the bytes belong to.
     *
     * @param url the address asked
     * @param etag a strong one
     * @param lastModified as the server wrote it
     * @param totalBytes of the whole file, -1 if unknown
     * @param forcedBytes known to be on the disk
     */
    record Note(String url, @Nullable String etag, @Nullable String lastModified, long totalBytes, long forcedBytes) {
        Note {
            Objects.requireNonNull(url);
        }

        Note forced(long bytes) {
            return new Note(url, etag, lastModified, totalBytes, bytes);
        }

        /** What If-Range takes, by which a server says whether the file is still the same. */
        Optional<String> validator() {
            return Optional.ofNullable(etag == null ? lastModified : etag);
        }
    }

    Path target() {
        return target;
    }

    long bytes() throws IOException {
        return Files.exists(file) ? Files.size(file) : 0;
    }

    /**
     * The note, if the bytes are of use for an address; otherwise they are thrown away.
     *
     * @param digestKnown then a bad byte will be found out; if not, only those forced to the disk are trusted
     */
    Optional<Note> resumable(String url, boolean digestKnown) throws IOException {
        Optional<Note> note = Json.read(noteFile, Note.class)
                .filter(n -> n.url().equals(url))
                .filter(n -> n.validator().isPresent());
        long bytes = bytes();
        if (note.isPresent() && !digestKnown && bytes > note.get().forcedBytes()) {
            bytes = note.get().forcedBytes();
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.truncate(bytes);
            }
        }
        long total = note.isPresent() ? note.get().totalBytes() : -1;
        if (note.isEmpty() || bytes == 0 || (total >= 0 && bytes > total)) {
            discard();
            return Optional.empty();
        }
        return note;
    }

    /** Throws the bytes away, then what is known of them. */
    void discard() throws IOException {
        Files.deleteIfExists(file);
        Files.deleteIfExists(noteFile);
    }

    /** Begins anew. */
    void restart(Note note) throws IOException {
        discard();
        Json.write(noteFile, note);
    }

    /** Writes behind what is there, which is hashed first. */
    Writer append(Note note) throws IOException {
        return new Writer(note);
    }

    /** Makes it the whole file. */
    void finish() throws IOException {
        AtomicFile.move(file, target);
        Files.deleteIfExists(noteFile);
    }

    /** Writes and hashes. */
    final class Writer implements AutoCloseable {
        private final MessageDigest digest = Sha256.begin();
        private final FileChannel channel;
        private Note note;
        private long position;

        private Writer(Note note) throws IOException {
            this.note = note;
            this.channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            boolean done = false;
            try {
                Sha256.update(digest, channel, Progress.NONE.start("", -1));
                position = channel.position();
                done = true;
            } finally {
                if (!done) {
                    channel.close();
                }
            }
        }

        long position() {
            return position;
        }

        void write(ByteBuffer bytes) throws IOException {
            digest.update(bytes.duplicate());
            try {
                while (bytes.hasRemaining()) {
                    position += channel.write(bytes);
                }
            } catch (ClosedByInterruptException e) {
                throw new InterruptedIOException("the download was interrupted; the next one goes on from here");
            } catch (IOException e) {
                throw new IOException(
                        file + " could not be written beyond byte " + position + " (" + e.getMessage()
                                + "); what is there is kept, the next try goes on from it",
                        e);
            }
            if (position - note.forcedBytes() >= FORCED_EVERY_BYTES) {
                force();
            }
        }

        private void force() throws IOException {
            channel.force(false);
            note = note.forced(position);
            Json.write(noteFile, note);
        }

        /** The digest of everything; the writer takes no more. */
        String sha256() {
            return Sha256.hex(digest);
        }

        @Override
        public void close() throws IOException {
            try (channel) {
                if (position > note.forcedBytes()) {
                    force();
                }
            }
        }
    }
}
