package io.mocozoo.store;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The cache's notes about its files. One that is torn or of another make counts as none: it is never trusted. */
final class Json {
    private static final ObjectMapper MAPPER = new ObjectMapper()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .setSerializationInclusion(JsonInclude.Include.NON_NULL);

    private Json() {}

    static <T> Optional<T> read(Path file, Class<T> type) {
        try {
            return Optional.ofNullable(MAPPER.readValue(Files.readAllBytes(file), type));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    static void write(Path file, Object note) throws IOException {
        AtomicFile.write(file, (MAPPER.writeValueAsString(note) + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /** As {@link #write}, where the note only saves work: a cache that cannot be written still serves. */
    static void tryWrite(Path file, Object note) {
        try {
            write(file, note);
        } catch (IOException e) {
            // Read-only or full; the next use hashes again.
        }
    }
}
