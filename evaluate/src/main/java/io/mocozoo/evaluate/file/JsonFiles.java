package io.mocozoo.evaluate.file;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mocozoo.store.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The JSON files of a run: UTF-8, indented, fields in the order they were put. */
public final class JsonFiles {
    private static final ObjectMapper MAPPER = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private JsonFiles() {}

    /** An empty object. */
    public static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    /** Writes an object, whole or not at all. */
    public static void write(Path file, ObjectNode json) throws IOException {
        AtomicFile.write(file, (MAPPER.writeValueAsString(json) + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Reads an object.
     *
     * @throws RunException if it is no JSON object
     */
    public static ObjectNode read(Path file) throws IOException {
        try {
            if (MAPPER.readTree(Files.readAllBytes(file)) instanceof ObjectNode object) {
                return object;
            }
            throw new RunException(file + ": expected a JSON object");
        } catch (JsonProcessingException e) {
            throw new RunException(
                    file + ": expected JSON, found something else at line "
                            + (e.getLocation() == null ? 0 : e.getLocation().getLineNr()) + "; the file is damaged",
                    e);
        }
    }
}
