package io.mocozoo.store;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLConnection;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Downloaded files, one folder for each owner, each with a note of what it is. */
final class WeightsFolder {
    private static final Logger LOG = LoggerFactory.getLogger(WeightsFolder.class);

    /** A note that is being written lives for milliseconds. */
    private static final Duration ABANDONED = Duration.ofDays(1);

    private final Path folder;
    private final boolean offline;
    private final Locks locks;
    private final Downloader downloader;
    private final Space space;
    private final Progress progress;

    WeightsFolder(Path folder, boolean offline, Locks locks, Downloader downloader, Space space, Progress progress) {
        this.folder = folder;
        this.offline = offline;
        this.locks = locks;
        this.downloader = downloader;
        this.space = space;
        this.progress = progress;
    }

    /**
     * What is known of a file.
     *
     * @param file its digest, size and time
     * @param url the address it stands for, before mirrors
     * @param etag the server's name for this version
     * @param fetched when, ISO 8601
     */
    record Note(Fingerprint file, String url, @Nullable String etag, String fetched) {
        Note {
            Objects.requireNonNull(file);
            Objects.requireNonNull(url);
        }

        static Path beside(Path file) {
            return file.resolveSibling(file.getFileName() + ".json");
        }

        static Optional<Note> of(Path file) {
            return Json.read(beside(file), Note.class);
        }

        static Note now(Fingerprint file, URI url, Optional<String> etag) {
            return new Note(
                    file,
                    url.toString(),
                    etag.orElse(null),
                    Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        }
    }

    /**
     * A file of an address, from here or from there.
     *
     * @param uri what it is known by
     * @param asked where it is fetched from: the same, or a mirror
     */
    StoredFile fetch(String owner, URI uri, URI asked, Optional<String> sha256Prefix) throws IOException {
        Path target = folder.resolve(SafeName.of(owner)).resolve(SafeName.of(uri));
        ExpectedDigest expected = ExpectedDigest.of(sha256Prefix, String.valueOf(target.getFileName()));
        Optional<StoredFile> here = ready(target, uri, expected);
        if (here.isEmpty()) {
            // Before the lock, which a read-only cache has not: several may hash at once, and write the same note.
            here = adopted(target, uri, expected);
        }
        if (here.isPresent()) {
            return here.get();
        }
        if (offline && !isJar(asked)) {
            throw new IOException(missing(target, asked, expected));
        }
        return locks.holding(lockName(target), "downloading " + target.getFileName(), () -> {
            Optional<StoredFile> fresh = ready(target, uri, expected);
            return fresh.isPresent() ? fresh.get() : downloaded(target, uri, asked, expected);
        });
    }

    /** A file with a note that fits: no byte of it is read. */
    private static Optional<StoredFile> ready(Path target, URI uri, ExpectedDigest expected) throws IOException {
        Optional<Note> note = Note.of(target);
        if (note.isEmpty()
                || !note.get().file().unchanged(target)
                || !isWanted(note.get().file().sha256(), note, uri, expected)) {
            return Optional.empty();
        }
        Used.now(Note.beside(target));
        return Optional.of(note.get().file().stored(target));
    }

    /** Where nobody said a digest, a file is what its note says, and one put there by hand is believed. */
    private static boolean isWanted(String sha256, Optional<Note> note, URI uri, ExpectedDigest expected) {
        if (expected.known()) {
            return expected.accepts(sha256);
        }
        return note.isEmpty()
                || (note.get().url().equals(uri.toString())
                        && note.get().file().sha256().equals(sha256));
    }

    /** A file put there by hand, copied with the whole cache, or touched: it is hashed and noted if it is right. */
    private Optional<StoredFile> adopted(Path target, URI uri, ExpectedDigest expected) throws IOException {
        if (!Files.isRegularFile(target)) {
            return Optional.empty();
        }
        Fingerprint found;
        try {
            found = Fingerprint.of(target, progress);
        } catch (NoSuchFileException e) {
            return Optional.empty(); // pruned just now
        }
        Optional<Note> note = Note.of(target);
        if (!isWanted(found.sha256(), note, uri, expected)) {
            LOG.warn(
                    "{}: {}; it is not used",
                    target,
                    expected.problem(found.sha256()).orElse("it is not what was downloaded from " + uri));
            return Optional.empty();
        }
        Json.tryWrite(Note.beside(target), Note.now(found, uri, note.flatMap(n -> Optional.ofNullable(n.etag()))));
        return Optional.of(found.stored(target));
    }

    private static String missing(Path target, URI asked, ExpectedDigest expected) {
        return target.getFileName() + (Files.exists(target) ? " is not the right one" : " is not in the cache")
                + ", and nothing is downloaded offline. Download " + asked + " elsewhere"
                + expected.prefix()
                        .or(expected::inName)
                        .map(p -> " (SHA-256 " + p + "...)")
                        .orElse("")
                + " and put it at " + target + ", or go online";
    }

    private StoredFile downloaded(Path target, URI uri, URI asked, ExpectedDigest expected) throws IOException {
        Files.createDirectories(target.getParent());
        Part part = new Part(target);
        Downloader.Received received =
                isJar(asked) ? extracted(asked, part, expected) : downloader.download(asked, part, expected);
        part.finish();
        Fingerprint file = new Fingerprint(
                received.sha256(),
                Files.size(target),
                Files.getLastModifiedTime(target).toInstant().toString());
        Json.tryWrite(Note.beside(target), Note.now(file, uri, received.etag()));
        return file.stored(target);
    }

    private static boolean isJar(URI uri) {
        return uri.toString().startsWith("jar:file:");
    }

    /** A resource of a jar on this machine, such as the program's own. */
    private Downloader.Received extracted(URI uri, Part part, ExpectedDigest expected) throws IOException {
        URLConnection connection = uri.toURL().openConnection();
        connection.setUseCaches(false);
        Part.Note note = new Part.Note(uri.toString(), null, null, -1, 0);
        part.restart(note);
        space.check(part.target(), connection.getContentLengthLong());
        try (InputStream in = connection.getInputStream();
                Part.Writer writer = part.append(note)) {
            byte[] chunk = new byte[1 << 16];
            for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
                writer.write(ByteBuffer.wrap(chunk, 0, read));
            }
            String sha256 = writer.sha256();
            Optional<String> problem = expected.problem(sha256);
            if (problem.isPresent()) {
                throw new IOException(uri + ": " + problem.get() + "; the jar is damaged or its registry is wrong");
            }
            return new Downloader.Received(sha256, Optional.empty());
        }
    }

    private static String lockName(Path target) {
        return "weights/" + target.getName(target.getNameCount() - 2) + "/" + target.getFileName();
    }

    /** Every file, those begun included. */
    List<Item> items() throws IOException {
        List<Item> items = new ArrayList<>();
        for (Path owner : Trees.children(folder)) {
            if (Files.isDirectory(owner)) {
                for (Path file : Trees.children(owner)) {
                    String name = String.valueOf(file.getFileName());
                    if (Files.isRegularFile(file) && !name.startsWith(".") && !name.endsWith(".json")) {
                        items.add(new File(file));
                    }
                }
            }
        }
        return items;
    }

    /** Removes notes without a file, and what killed writers of notes left. */
    void tidy() throws IOException {
        for (Path owner : Trees.children(folder)) {
            if (!Files.isDirectory(owner)) {
                continue;
            }
            for (Path file : Trees.children(owner)) {
                String name = String.valueOf(file.getFileName());
                boolean orphan = name.endsWith(".json")
                        && !Files.exists(owner.resolve(name.substring(0, name.length() - ".json".length())));
                boolean scrap = name.startsWith(".") && name.endsWith(".part");
                if ((orphan || scrap)
                        && Files.getLastModifiedTime(file)
                                .toInstant()
                                .isBefore(Instant.now().minus(ABANDONED))) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    /** A downloaded file, or what is there of one. */
    private final class File implements Item {
        private final Path path;

        File(Path path) {
            this.path = path;
        }

        private boolean isPart() {
            return path.toString().endsWith(".part");
        }

        @Override
        public Path path() {
            return path;
        }

        @Override
        public String kind() {
            return "weights";
        }

        @Override
        public String lockName() {
            String name = String.valueOf(path.getFileName());
            return WeightsFolder.lockName(
                    isPart() ? path.resolveSibling(name.substring(0, name.length() - ".part".length())) : path);
        }

        @Override
        public long bytes() throws IOException {
            return Files.size(path);
        }

        @Override
        public Instant lastUsed() throws IOException {
            return isPart() ? Files.getLastModifiedTime(path).toInstant() : Used.last(Note.beside(path), path);
        }

        @Override
        public Optional<String> problem() throws IOException {
            if (isPart()) {
                return Optional.empty(); // its bytes are checked when the rest has come
            }
            String sha256 = Sha256.of(path, progress);
            Optional<Note> note = Note.of(path);
            if (note.isPresent() && !note.get().file().sha256().equals(sha256)) {
                Fingerprint then = note.get().file();
                return Optional.of("expected SHA-256 " + then.sha256() + " in " + then.bytes() + " bytes, found "
                        + sha256 + " in " + Files.size(path));
            }
            return ExpectedDigest.of(Optional.empty(), String.valueOf(path.getFileName()))
                    .problem(sha256);
        }

        @Override
        public void delete() throws IOException {
            Files.deleteIfExists(path);
            Files.deleteIfExists(Note.beside(path));
        }
    }
}
