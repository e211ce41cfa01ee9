package io.mocozoo.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mocozoo.store.AtomicFile;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * What a training measured, a JSON object a line, under the reference's names: lr, loss, grad_norm, time, data_time,
 * epoch (from 1), iter and step; and our own. Closed by whoever opened it.
 */
final class ScalarLog implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final BufferedWriter writer;

    /** Goes on behind a step; lines of later ones are from a run that was cut off, and dropped. */
    ScalarLog(Path file, long lastStep) throws IOException {
        if (Files.exists(file)) {
            List<String> kept = new ArrayList<>();
            for (String line : Files.readAllLines(file)) {
                if (isUpTo(line, lastStep)) {
                    kept.add(line);
                }
            }
            byte[] bytes =
                    kept.isEmpty() ? new byte[0] : (String.join("\n", kept) + "\n").getBytes(StandardCharsets.UTF_8);
            AtomicFile.write(file, bytes);
        }
        writer = Files.newBufferedWriter(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private static boolean isUpTo(String line, long lastStep) {
        try {
            JsonNode node = JSON.readTree(line);
            return node.path("step").asLong(Long.MAX_VALUE) <= lastStep;
        } catch (IOException e) {
            return false; // torn when its run was killed
        }
    }

    static ObjectNode line() {
        return JSON.createObjectNode();
    }

    void write(ObjectNode line) throws IOException {
        writer.write(line.toString());
        writer.write('\n');
        writer.flush();
    }

    @Override
    public void close() throws IOException {
        writer.close();
    }
}
