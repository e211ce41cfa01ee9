package io.mocozoo.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;

/** When something was last used: the time of the note beside it. */
final class Used {
    /** Pruning counts in days; writing at every use would only wear the disk. */
    private static final Duration OFTEN_ENOUGH = Duration.ofHours(1);

    private Used() {}

    static void now(Path note) {
        try {
            Instant now = Instant.now();
            Instant last = Files.getLastModifiedTime(note).toInstant();
            if (Duration.between(last, now).abs().compareTo(OFTEN_ENOUGH) > 0) {
                Files.setLastModifiedTime(note, FileTime.from(now));
            }
        } catch (IOException e) {
            // A read-only cache is not pruned either.
        }
    }

    static Instant last(Path note, Path otherwise) throws IOException {
        return Files.getLastModifiedTime(Files.exists(note) ? note : otherwise).toInstant();
    }
}
