package io.mocozoo.evaluate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mocozoo.evaluate.file.JsonFiles;
import io.mocozoo.evaluate.file.RunException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which of the model's classes the labels of a data set are; for sets with fewer, other, or several labels an image.
 *
 * <pre>{@code
 * { "classes": {"n01443537": 1, "n01514859": [8, 9]},       folders or label numbers -> classes
 *   "only": true,                                           logits of other classes are left out
 *   "images": {"ILSVRC2012_val_00000001.JPEG": [65, 66]} }  labels of single images; [] leaves one out
 * }</pre>
 *
 * @param classes by the data set's name of a class; in lists its number is its name
 * @param images by the name of an image, with or without its folders
 * @param only whether logits of classes that no label stands for are left out
 */
record LabelMap(Map<String, int[]> classes, Map<String, int[]> images, boolean only) {
    /** None: labels are what they are. */
    static final LabelMap NONE = new LabelMap(Map.of(), Map.of(), false);

    LabelMap {
        classes = Collections.unmodifiableMap(new LinkedHashMap<>(classes));
        images = Collections.unmodifiableMap(new LinkedHashMap<>(images));
    }

    /**
     * Reads a file.
     *
     * @throws RunException if it is no such map; names the field
     */
    static LabelMap read(Path file) throws IOException {
        ObjectNode json = JsonFiles.read(file);
        for (String field : (Iterable<String>) json::fieldNames) {
            if (!List.of("classes", "images", "only").contains(field)) {
                throw new RunException(file + ": unknown field '" + field + "'; expected classes, images, only");
            }
        }
        if (json.has("only") && !json.get("only").isBoolean()) {
            throw new RunException(file + ", only: expected true or false, found " + json.get("only"));
        }
        LabelMap map = new LabelMap(
                read(file, "classes", json.path("classes")),
                read(file, "images", json.path("images")),
                json.path("only").asBoolean(false));
        if (map.classes.isEmpty() && map.images.isEmpty()) {
            throw new RunException(file + ": expected labels under classes or images, found none");
        }
        return map;
    }

    private static Map<String, int[]> read(Path file, String field, JsonNode node) throws RunException {
        Map<String, int[]> labels = new LinkedHashMap<>();
        if (!node.isMissingNode() && !node.isObject()) {
            throw new RunException(file + ", " + field + ": expected an object, found " + node.getNodeType());
        }
        for (Map.Entry<String, JsonNode> entry : node.properties()) {
            JsonNode value = entry.getValue();
            int[] numbers = new int[value.isArray() ? value.size() : 1];
            for (int i = 0; i < numbers.length; i++) {
                JsonNode number = value.isArray() ? value.get(i) : value;
                if (!number.isInt() || number.intValue() < 0) {
                    throw new RunException(file + ", " + field + "." + entry.getKey()
                            + ": expected the number of a class or a list of them, found " + value);
                }
                numbers[i] = number.intValue();
            }
            labels.put(entry.getKey(), numbers);
        }
        return labels;
    }

    /** The model's classes of one of the data set's. */
    int[] ofClass(String name, int number) throws RunException {
        int[] found = classes.get(name);
        if (found != null) {
            return found;
        }
        if (!images.isEmpty()) {
            return new int[0]; // images are labelled by themselves
        }
        throw new RunException("the label map says nothing of class '" + name + "' (" + number
                + "); add it, or [] to leave its images out");
    }

    /** What is said of one image; null if nothing is. */
    int @Nullable [] ofImage(String name) {
        int[] whole = images.get(name);
        return whole == null ? images.get(name.substring(name.lastIndexOf('/') + 1)) : whole;
    }

    /** The same with classes renumbered, images alone. */
    LabelMap placed(int[] place) {
        Map<String, int[]> moved = new LinkedHashMap<>();
        images.forEach((name, labels) -> moved.put(
                name, java.util.Arrays.stream(labels).map(l -> place[l]).toArray()));
        return new LabelMap(Map.of(), moved, only);
    }
}
