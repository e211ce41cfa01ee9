package io.mocozoo.store;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What two JSON values differ in, field by field: why a job that was begun cannot go on as another one. */
public final class JsonDifferences {
    private JsonDifferences() {}

    /**
     * The fields that differ, each with what was and what is now, such as {@code schedule.1.end: 8, now 4}; sorted, those
     * that are gone last.
     */
    public static List<String> between(JsonNode before, JsonNode now) {
        Map<String, String> was = flat(before);
        Map<String, String> is = flat(now);
        List<String> changed = new ArrayList<>();
        is.forEach((field, value) -> {
            String old = was.getOrDefault(field, "nothing");
            if (!old.equals(value)) {
                changed.add(field + ": " + old + ", now " + value);
            }
        });
        was.forEach((field, value) -> {
            if (!is.containsKey(field)) {
                changed.add(field + ": " + value + ", now nothing");
            }
        });
        return changed;
    }

    private static Map<String, String> flat(JsonNode json) {
        Map<String, String> fields = new TreeMap<>();
        flatten("", json, fields);
        return fields;
    }

    /** Arrays of plain values are values themselves. */
    private static void flatten(String path, JsonNode node, Map<String, String> fields) {
        if (node.isObject()) {
            node.properties().forEach(e -> flatten(below(path, e.getKey()), e.getValue(), fields));
        } else if (node.isArray() && node.path(0).isContainerNode()) {
            for (int i = 0; i < node.size(); i++) {
                flatten(below(path, String.valueOf(i)), node.path(i), fields);
            }
        } else {
            fields.put(path, node.isTextual() ? node.textValue() : node.toString());
        }
    }

    private static String below(String path, String field) {
        return path.isEmpty() ? field : path + "." + field;
    }
}
