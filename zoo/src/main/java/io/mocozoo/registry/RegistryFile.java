package io.mocozoo.registry;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mocozoo.store.AtomicFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A registry file of one's own as something to be written; {@link Registry#with} reads it. */
public final class RegistryFile {
    /** Numbers as they are written: other cards mean what they meant, to the last digit. */
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    private RegistryFile() {}

    /**
     * Adds a card, or puts it in the place of the one of its name; the other cards stay. The file, which is made if
     * there is none, is replaced in one step, and by one at a time over threads and processes.
     *
     * @param file the registry file
     * @param card as {@link CardJson#write} gives it; addresses may be relative to the file
     * @param replace whether a card of the name may be there already
     * @throws RegistryException if the file cannot be taken as it is, or the card cannot; the file is then as it was
     * @throws IOException if a card of the name is there and must not be replaced, or the file cannot be written
     */
    public static synchronized void put(Path file, ObjectNode card, boolean replace) throws IOException {
        Path whole = file.toAbsolutePath();
        Path folder = whole.getParent();
        if (folder == null || Files.isDirectory(whole)) {
            throw new IOException(file + " is no place for a file");
        }
        Files.createDirectories(folder);
        try (FileChannel channel = FileChannel.open(
                folder.resolve("." + whole.getFileName() + ".lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE)) {
            channel.lock(); // goes with its channel
            ObjectNode root = Files.exists(whole) ? read(whole) : empty();
            put((ArrayNode) root.get("models"), card, replace, file);
            byte[] bytes = (root.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8);
            Registry.builtIn().with(bytes, file.toString(), whole.toUri());
            AtomicFile.write(whole, bytes);
        }
    }

    private static ObjectNode read(Path file) throws IOException {
        Registry.builtIn().with(file); // whatever is wrong with it, the reader says best
        return (ObjectNode) JSON.readTree(Files.readAllBytes(file));
    }

    private static ObjectNode empty() {
        ObjectNode root = JSON.createObjectNode().put("schema", 1);
        root.putArray("models");
        return root;
    }

    private static void put(ArrayNode models, ObjectNode card, boolean replace, Path file) throws IOException {
        String name = card.path("name").asText();
        for (int i = 0; i < models.size(); i++) {
            JsonNode other = models.get(i);
            if (other.path("name").asText().equals(name)) {
                if (!replace) {
                    throw new IOException(file + " has a card of the name " + name + " already");
                }
                models.set(i, card);
                return;
            }
        }
        models.add(card);
    }
}
