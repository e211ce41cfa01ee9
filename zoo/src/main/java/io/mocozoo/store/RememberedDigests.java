package io.mocozoo.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** Digests of files that lie outside the cache, so that a gigabyte is not hashed at every start. */
final class RememberedDigests {
    /** A file written this shortly before may be written again within the same tick of its clock. */
    private static final Duration SETTLED = Duration.ofSeconds(2);

    private final Path folder;
    private final Progress progress;

    RememberedDigests(Path folder, Progress progress) {
        this.folder = folder;
        this.progress = progress;
    }

    /**
     * One file's digest.
     *
     * @param path its real path, without links
     */
    private record Entry(String path, Fingerprint file) {
        Entry {
            Objects.requireNonNull(path);
            Objects.requireNonNull(file);
        }
    }

    /** The fingerprint of a file as it is now. */
    Fingerprint of(Path file) throws IOException {
        Path real = file.toRealPath();
        Path note = folder.resolve(Sha256.of(real.toString()).substring(0, 32) + ".json");
        Optional<Entry> known =
                Json.read(note, Entry.class).filter(e -> e.path().equals(real.toString()));
        if (known.isPresent() && known.get().file().unchanged(real)) {
            return known.get().file();
        }
        Instant settled = Instant.now().minus(SETTLED);
        Fingerprint fingerprint = Fingerprint.of(real, progress);
        if (Instant.parse(fingerprint.modified()).isBefore(settled)) {
            Json.tryWrite(note, new Entry(real.toString(), fingerprint));
        }
        return fingerprint;
    }

    /** Forgets files that are gone. */
    void prune() throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        List<Path> notes;
        try (Stream<Path> all = Files.list(folder)) {
            notes = all.filter(n -> n.toString().endsWith(".json")).toList();
        }
        for (Path note : notes) {
            Optional<Entry> entry = Json.read(note, Entry.class);
            if (entry.isEmpty() || !Files.exists(Path.of(entry.get().path()))) {
                Files.deleteIfExists(note);
            }
        }
    }
}
