package io.mocozoo.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * What a file was when it was hashed: as long as size and time are the same, so is the digest.
 *
 * @param sha256 64 lower-case hex digits
 * @param bytes its size
 * @param modified when it was last written, ISO 8601 with all the digits the file system has
 */
record Fingerprint(String sha256, long bytes, String modified) {
    Fingerprint {
        if (!sha256.matches("[0-9a-f]{64}") || bytes < 0) {
            throw new IllegalArgumentException("expected 64 hex digits and a size, found " + sha256 + ", " + bytes);
        }
        Instant.parse(modified);
    }

    /** Hashes a file wholly. */
    static Fingerprint of(Path file, Progress progress) throws IOException {
        BasicFileAttributes before = attributes(file);
        String sha256 = Sha256.of(file, progress);
        BasicFileAttributes after = attributes(file);
        if (before.size() != after.size() || !before.lastModifiedTime().equals(after.lastModifiedTime())) {
            throw new IOException(file + " was written to while it was hashed; try again when it is finished");
        }
        return new Fingerprint(
                sha256, after.size(), after.lastModifiedTime().toInstant().toString());
    }

    private static BasicFileAttributes attributes(Path file) throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        if (attributes.isDirectory()) {
            throw new IOException("expected a file, found the folder " + file);
        }
        return attributes;
    }

    boolean sameSize(Path file) throws IOException {
        try {
            BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
            return now.isRegularFile() && now.size() == bytes;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    /** Whether the file looks as it did, which costs no reading. */
    boolean unchanged(Path file) throws IOException {
        if (!sameSize(file)) {
            return false;
        }
        Instant now;
        try {
            now = Files.getLastModifiedTime(file).toInstant();
        } catch (NoSuchFileException e) {
            return false; // pruned just now
        }
        Instant then = Instant.parse(modified);
        // Archives and container images keep whole seconds only.
        return now.equals(then) || now.equals(then.truncatedTo(ChronoUnit.SECONDS));
    }

    StoredFile stored(Path file) {
        return new StoredFile(file, sha256, bytes);
    }
}
