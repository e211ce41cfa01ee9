package io.mocozoo.train.recipe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
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
import java.util.stream.Collectors;

/** The recipes that ship with this library, files of one's own, and single numbers changed on the way. */
public final class Recipes {
    private static final ObjectMapper JSON = new ObjectMapper().disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT);

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
     * A recipe by its name, or from a file if the name ends in {@code .json}.
     *
     * @param overrides values by their dotted place, such as optimizer.lr
     * @throws IllegalArgumentException if there is none, or a value does not fit; says where
     */
    public static Recipe load(String name, Map<String, String> overrides) throws IOException {
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
        for (Map.Entry<String, String> override : overrides.entrySet()) {
            set(tree, override.getKey(), override.getValue());
        }
        return parse(tree, name);
    }

    private static JsonNode read(byte[] bytes, String source) {
        try {
            return JSON.readTree(bytes);
        } catch (IOException e) {
            throw new IllegalArgumentException(source + " is no JSON: " + e.getMessage(), e);
        }
    }

    /** The recipe of a JSON tree; source names it in errors. */
    public static Recipe parse(JsonNode tree, String source) {
        try {
            return JSON.treeToValue(tree, Recipe.class);
        } catch (UnrecognizedPropertyException e) {
            throw new IllegalArgumentException(
                    source + ": " + place(e) + ": expected one of " + e.getKnownPropertyIds()
                            + ", found an unknown field",
                    e);
        } catch (JsonMappingException e) {
            throw new IllegalArgumentException(source + ": " + place(e) + ": " + e.getOriginalMessage(), e);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(source + ": " + e.getOriginalMessage(), e);
        }
    }

    private static String place(JsonMappingException e) {
        return e.getPath().stream()
                .map(r -> r.getFieldName() == null ? "[" + r.getIndex() + "]" : r.getFieldName())
                .collect(Collectors.joining("."));
    }

    /** Replaces a value; its place must exist already or be a field that may be left out. */
    private static void set(JsonNode tree, String place, String value) {
        String[] parts = place.split("\\.", -1);
        if (List.of(parts).contains("") || value.isBlank()) {
            throw new IllegalArgumentException(
                    "--set expects a place in the recipe and a value, such as optimizer.lr=0.1," + " found '" + place
                            + "=" + value + "'");
        }
        JsonNode node = tree;
        for (int i = 0; i < parts.length - 1; i++) {
            node = node.isArray() && parts[i].matches("\\d+")
                    ? node.path(Integer.parseInt(parts[i]))
                    : node.path(parts[i]);
        }
        if (!(node instanceof ObjectNode object)) {
            throw new IllegalArgumentException("--set " + place + ": there is no such place in the recipe");
        }
        JsonNode parsed;
        try {
            parsed = JSON.reader()
                    .with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .readTree(value);
        } catch (JsonProcessingException e) {
            parsed = JSON.getNodeFactory().textNode(value); // a word needs no quotes
        }
        if (parsed.isNull()) {
            throw new IllegalArgumentException("--set " + place + ": expected a value, found null");
        }
        object.set(parts[parts.length - 1], parsed);
    }

    /** The recipe as JSON. */
    public static ObjectNode json(Recipe recipe) {
        return JSON.valueToTree(recipe);
    }
}
