package io.mocozoo.train.recipe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;

/** Single values of a recipe's JSON, changed by their dotted place; types are checked when the whole is read. */
final class Overrides {
    private static final ObjectReader STRICT =
            new JsonMapper().reader().with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private Overrides() {}

    /** Replaces a value; its place must exist already or be a field that may be left out. */
    static void set(JsonNode tree, String place, String value) {
        List<String> parts = Arrays.asList(place.split("\\.", -1));
        if (parts.contains("") || value.isBlank()) {
            throw new IllegalArgumentException(
                    "--set expects a place in the recipe and a value, such as optimizer.lr=0.1, found '" + place + "="
                            + value + "'");
        }
        JsonNode parsed = parsed(value);
        if (parsed.isNull()) {
            throw new IllegalArgumentException("--set " + place + ": expected a value, found null");
        }
        JsonNode node = tree;
        for (int i = 0; i < parts.size() - 1; i++) {
            JsonNode below = child(node, parts.get(i));
            if (!below.isContainerNode()) {
                throw noSuchPlace(place, String.join(".", parts.subList(0, i + 1)) + " with values below it", node);
            }
            node = below;
        }
        String last = parts.get(parts.size() - 1);
        if (node instanceof ObjectNode object) {
            object.set(last, parsed);
        } else if (!child(node, last).isMissingNode()) {
            ((ArrayNode) node).set(Integer.parseInt(last), parsed);
        } else {
            throw noSuchPlace(place, place, node);
        }
    }

    private static JsonNode child(JsonNode node, String part) {
        return node.isArray() && part.matches("\\d{1,9}") ? node.path(Integer.parseInt(part)) : node.path(part);
    }

    private static IllegalArgumentException noSuchPlace(String place, String missing, JsonNode parent) {
        List<String> known = new ArrayList<>();
        if (parent.isArray()) {
            for (int i = 0; i < parent.size(); i++) {
                known.add(String.valueOf(i));
            }
        } else {
            parent.properties().stream()
                    .filter(field -> field.getValue().isContainerNode())
                    .forEach(field -> known.add(field.getKey()));
        }
        return new IllegalArgumentException("--set " + place + ": the recipe has no " + missing
                + (known.isEmpty()
                        ? ", nor anything else there"
                        : "; expected one of " + String.join(", ", known) + " there"));
    }

    private static JsonNode parsed(String value) {
        try {
            return STRICT.readTree(value);
        } catch (JsonProcessingException e) {
            return JsonNodeFactory.instance.textNode(value); // a word needs no quotes
        }
    }

    /**
     * Lets the schedule end with changed epochs where it ended with those before: whoever halves a training means all of
     * it.
     *
     * @param before the epochs that the recipe had
     * @param changed places that were changed; an end that is among them stays
     */
    static void endSchedule(
            JsonNode tree, JsonNode before, Collection<String> changed, Consumer<String> followed, String source) {
        JsonNode epochs = tree.path("epochs");
        JsonNode schedule = tree.path("schedule");
        int last = schedule.size() - 1;
        String place = "schedule." + last;
        if (epochs.equals(before)
                || !epochs.isInt()
                || epochs.intValue() < 1
                || !(schedule.path(last) instanceof ObjectNode phase)
                || !phase.path("end").equals(before)
                || changed.stream().anyMatch(List.of("schedule", place, place + ".end")::contains)) {
            return;
        }
        JsonNode begin = phase.path("begin");
        if (begin.isInt() && epochs.intValue() <= begin.intValue()) {
            throw new RecipeException(source, List.of(tooShort(epochs.intValue(), last, begin.intValue())));
        }
        phase.set("end", epochs);
        followed.accept(place + ".end is " + epochs + " with the epochs, no longer " + before + "; --set " + place
                + ".end=" + before + " keeps it");
    }

    private static String tooShort(int epochs, int last, int begin) {
        String all = "epochs: expected more than " + begin + ", since schedule." + last + " begins with epoch " + begin
                + ", behind a warm-up, found " + epochs + "; ";
        return epochs > last
                ? all + "a shorter warm-up leaves room, such as --set schedule." + (last - 1) + ".end=" + (epochs - 1)
                        + " --set schedule." + last + ".begin=" + (epochs - 1) + " --set schedule." + last + ".end="
                        + epochs
                : all + "a schedule of another form leaves room, such as --set"
                        + " 'schedule=[{\"type\":\"cosine\",\"begin\":0,\"end\":" + epochs + "}]'";
    }
}
