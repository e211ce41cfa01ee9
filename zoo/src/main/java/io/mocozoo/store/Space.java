package io.mocozoo.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/** How much room a folder has. */
@FunctionalInterface
interface Space {
    Space OF_DISK = folder -> Files.getFileStore(folder).getUsableSpace();

    long usableBytes(Path folder) throws IOException;

    /** Refuses a file before its first byte, not at its last. */
    default void check(Path file, long neededBytes) throws IOException {
        long usable = usableBytes(Objects.requireNonNull(file.toAbsolutePath().getParent(), "a file lies in a folder"));
        if (neededBytes > usable) {
            throw new IOException(file + " needs " + neededBytes + " more bytes of disk, " + usable
                    + " are available; free some (mocozoo cache --prune) or choose another folder with --cache or"
                    + " MOCOZOO_HOME");
        }
    }
}
