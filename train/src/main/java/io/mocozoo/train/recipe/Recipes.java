package io.mocozoo.train.recipe;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/** The recipes that ship with this library, files of one's own, and single numbers changed on the way. */
public final class Recipes {
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private Recipes() {}

    /** The names of the built-in recipes, sorted. */
    public static List<String> names() {
        try (InputStream in = Objects.requireNonNull(Recipes.class.getResourceAsStream("names.txt"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * A recipe by its name, or from a file if the name ends in {@code .json}. Where {@code epochs} changes, the last phase
     * of the schedule that ended with them ends with the new ones, unless its end is changed too.
     *
     * @param overrides values by their dotted place, such as optimizer.lr
     * @throws IllegalArgumentException if there is none, or a value does not fit; says where
     */
    public static Recipe load(String name, Map<String, String> overrides) throws IOException {
        return load(name, overrides, followed -> {});
    }

    /**
     * The same.
     *
     * @param followed told in a sentence what follows from a change without being one itself
     */
    public static Recipe load(String name, Map<String, String> overrides, Consumer<String> followed)
            throws IOException {
        JsonNode tree;
        if (name.endsWith(".json")) {
            tree = read(Files.readAllBytes(Path.of(name)), name);
        } else {
            try (InputStream in = Recipes.class.getResourceAsStream(name + ".json")) {
                if (in == null) {
                    throw new IllegalArgumentException("there is no recipe '" + name + "'; there are\n  "
                            + String.join("\n  ", names()) + "\nor files ending in .json");
                }
                tree = read(in.readAllBytes(), name);
            }
        }
        JsonNode epochs = tree.path("epochs");
        overrides.forEach((place, value) -> Overrides.set(tree, place, value));
        String source = "recipe " + name;
        Overrides.endSchedule(tree, epochs, overrides.keySet(), followed, source);
        return parse(tree, source);
    }

    private static JsonNode read(byte[] bytes, String name) throws IOException {
        try {
            return JSON.readTree(bytes);
        } catch (JsonProcessingException e) {
            JsonLocation at = e.getLocation();
            throw new IllegalArgumentException(
                    "recipe " + name + ", line " + (at == null ? 0 : at.getLineNr()) + ", column "
                            + (at == null ? 0 : at.getColumnNr()) + ": expected JSON, found something else ("
                            + e.getOriginalMessage() + ")",
                    e);
        }
    }

    /**
     * The recipe of a JSON tree.
     *
     * @param source names it in errors
     * @throws RecipeException if anything is wrong; says every place, what was expected and what was found
     */
    public static Recipe parse(JsonNode tree, String source) {
        return RecordReader.read(tree, Recipe.class, source);
    }

    /**
     * The recipe whose learning rate is meant for its own batch: that of the given one scaled from its baseBatch. The
     * same training, unless it is scaled once more.
     */
    public static Recipe scaled(Recipe recipe) {
        ObjectNode tree = json(recipe);
        tree.put("baseBatch", recipe.batch());
        ((ObjectNode) tree.get("optimizer")).put("lr", scaledRate(recipe));
        return parse(tree, "recipe " + recipe.name());
    }

    /** The learning rate of a recipe's batch, scaled from its baseBatch. */
    public static double scaledRate(Recipe recipe) {
        return recipe.optimizer().lr() * (recipe.batch() / (double) recipe.baseBatch());
    }

    /**
     * The JSON of a recipe that was stored, brought up to the fields of today where it is still a recipe.
     *
     * @param source names it in errors
     * @throws IOException if it is no JSON object
     */
    public static JsonNode stored(String text, String source) throws IOException {
        JsonNode tree;
        try {
            tree = JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IOException(source + ": expected a JSON object, found " + text, e);
        }
        try {
            return json(parse(tree, source));
        } catch (RecipeException e) {
            return tree; // one of another version: what differs is shown all the same
        }
    }

    /** The recipe as JSON. */
    public static ObjectNode json(Recipe recipe) {
        return JSON.valueToTree(recipe);
    }
}
