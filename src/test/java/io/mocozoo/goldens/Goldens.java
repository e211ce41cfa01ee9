package io.mocozoo.goldens;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/**
 * Where the reference's outputs lie: the folder named by {@code -Dmocozoo.goldens}, else the set shipped with the
 * tests. Tests walk the index files and know no file name, shape or seed, so that another set fits.
 */
public final class Goldens {
    private static final Path ROOT = root();
    private static final ObjectMapper JSON = new ObjectMapper();

    private Goldens() {}

    private static Path root() {
        String named = System.getProperty("mocozoo.goldens", "");
        if (!named.isBlank()) {
            Path folder = Path.of(named);
            if (!Files.isDirectory(folder)) {
                throw new IllegalStateException("-Dmocozoo.goldens names no folder: " + folder);
            }
            return folder;
        }
        try {
            return Path.of(
                    Objects.requireNonNull(Goldens.class.getResource("/goldens"), "goldens are not on the class path")
                            .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The index of one topic, such as {@code models}. */
    public static JsonNode index(String topic) {
        return json(topic + "/index.json");
    }

    /** A JSON file of the set, by its path from the root. */
    public static JsonNode json(String path) {
        try {
            return JSON.readTree(file(path).toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A file of the set, by its path from the root as the index files give it. */
    public static Path file(String path) {
        return ROOT.resolve(path);
    }
}
