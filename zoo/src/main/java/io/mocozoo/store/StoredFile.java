package io.mocozoo.store;

import java.nio.file.Path;

/**
 * A file whose bytes are known.
 *
 * @param path where it lies
 * @param sha256 its digest, 64 lower-case hex digits
 * @param bytes its size
 */
public record StoredFile(Path path, String sha256, long bytes) {}
