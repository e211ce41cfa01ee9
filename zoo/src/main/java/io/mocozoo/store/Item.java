package io.mocozoo.store;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/** One thing in the cache that can be had again: what listing, checking and pruning go over. */
interface Item {
    /** Where it lies. */
    Path path();

    /** {@code weights} or {@code converted}. */
    String kind();

    /** What it is locked by. */
    String lockName();

    /** Bytes on the disk, notes not counted. */
    long bytes() throws IOException;

    /** When it was last used, to the hour. */
    Instant lastUsed() throws IOException;

    /** What is wrong with it, after hashing it wholly. */
    Optional<String> problem() throws IOException;

    /** Removes it, so that one killed amid it leaves nothing that looks whole. */
    void delete() throws IOException;
}
