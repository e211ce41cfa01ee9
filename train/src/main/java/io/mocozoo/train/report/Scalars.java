package io.mocozoo.train.report;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Reads what a training measured, a JSON object a line, one line in memory at a time. */
public final class Scalars {
    /** The log's name in a work folder. */
    public static final String FILE = "scalars.jsonl";

    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private Scalars() {}

    /** What is done with each line. */
    @FunctionalInterface
    public interface Reader {
        /** Takes a line, as it stands in the file and as what it says. */
        void accept(String text, ObjectNode line) throws IOException;
    }

    /**
     * Reads every line that tells a step; others, such as one that was torn when its training was killed, are passed
     * over.
     *
     * @param workDir the folder of a training
     * @return how many lines were read
     * @throws java.nio.file.NoSuchFileException if there is no log
     */
    public static long read(Path workDir, Reader reader) throws IOException {
        long lines = 0;
        // not Files.newBufferedReader, to which half a letter at a torn end would be an error
        try (BufferedReader in = new BufferedReader(
                new InputStreamReader(Files.newInputStream(workDir.resolve(FILE)), StandardCharsets.UTF_8))) {
            for (String text = in.readLine(); text != null; text = in.readLine()) {
                Optional<ObjectNode> line = parse(text);
                if (line.isPresent()) {
                    reader.accept(text, line.get());
                    lines++;
                }
            }
        }
        return lines;
    }

    private static Optional<ObjectNode> parse(String text) {
        try {
            JsonNode node = JSON.readTree(text);
            return node instanceof ObjectNode line && line.path("step").canConvertToLong()
                    ? Optional.of(line)
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty(); // torn
        }
    }
}
