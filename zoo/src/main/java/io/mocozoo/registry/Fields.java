package io.mocozoo.registry;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Strict reading of one JSON object: collects every fault with its path instead of stopping at the first. */
final class Fields {
    private final JsonNode node;
    private final String path;
    private final List<String> problems;
    private final Set<String> read = new TreeSet<>();
    private final int before;

    Fields(JsonNode node, String path, List<String> problems) {
        this.node = node;
        this.path = path;
        this.problems = problems;
        this.before = problems.size();
        if (!node.isObject()) {
            problem("", "an object", describe(node));
        }
    }

    void problem(String field, String expected, String found) {
        problems.add(path(field) + ": expected " + expected + ", found " + found);
    }

    /** Notes that fields which are right one by one do not fit together; after another fault that says nothing new. */
    void misfit(String expected, IllegalArgumentException e) {
        if (problems.size() == before) {
            problem("", expected, String.valueOf(e.getMessage()));
        }
    }

    String path(String field) {
        return field.isEmpty() ? path : path + "." + field;
    }

    private static String describe(@Nullable JsonNode value) {
        if (value == null || value.isMissingNode()) {
            return "nothing";
        }
        String text = value.toString();
        return text.length() > 60 ? text.substring(0, 57) + "..." : text;
    }

    private Optional<JsonNode> field(String name, boolean required, String expected) {
        read.add(name);
        JsonNode value = node.get(name);
        if (value == null && required && node.isObject()) {
            problem(name, expected, "nothing");
        }
        return Optional.ofNullable(value);
    }

    private <T> Optional<T> typed(
            String name, boolean required, String expected, Function<JsonNode, Optional<T>> reader) {
        Optional<JsonNode> value = field(name, required, expected);
        if (value.isEmpty()) {
            return Optional.empty();
        }
        Optional<T> result = reader.apply(value.get());
        if (result.isEmpty()) {
            problem(name, expected, describe(value.get()));
        }
        return result;
    }

    Optional<String> text(String name, boolean required) {
        return typed(
                name,
                required,
                "a non-empty string",
                v -> v.isTextual() && !v.textValue().isBlank() ? Optional.of(v.textValue()) : Optional.empty());
    }

    Optional<Long> whole(String name, boolean required) {
        return typed(
                name,
                required,
                "a positive whole number",
                v -> v.isIntegralNumber() && v.canConvertToLong() && v.longValue() > 0
                        ? Optional.of(v.longValue())
                        : Optional.empty());
    }

    /** A positive int, or 1 where it is missing or wrong: the fault is noted and reading goes on. */
    int size(String name) {
        return typed(
                        name,
                        true,
                        "a positive whole number",
                        v -> v.isInt() && v.intValue() > 0 ? Optional.of(v.intValue()) : Optional.<Integer>empty())
                .orElse(1);
    }

    double number(String name) {
        return typed(
                        name,
                        true,
                        "a number",
                        v -> v.isNumber() ? Optional.of(v.doubleValue()) : Optional.<Double>empty())
                .orElse(1.0);
    }

    boolean flag(String name) {
        return typed(
                        name,
                        true,
                        "true or false",
                        v -> v.isBoolean() ? Optional.of(v.booleanValue()) : Optional.<Boolean>empty())
                .orElse(false);
    }

    List<Double> triple(String name, boolean positive) {
        return typed(name, true, "three " + (positive ? "positive " : "") + "numbers", v -> {
                    if (!v.isArray() || v.size() != 3) {
                        return Optional.<List<Double>>empty();
                    }
                    for (JsonNode one : v) {
                        if (!one.isNumber() || (positive && !(one.doubleValue() > 0))) {
                            return Optional.<List<Double>>empty();
                        }
                    }
                    return Optional.of(List.of(
                            v.get(0).doubleValue(),
                            v.get(1).doubleValue(),
                            v.get(2).doubleValue()));
                })
                .orElse(List.of(1.0, 1.0, 1.0));
    }

    /** One of a few words, or the first of them where it is missing or wrong. */
    <E extends Enum<E>> E word(String name, E[] values, Function<E, String> words) {
        return typed(name, true, "one of " + Arrays.stream(values).map(words).toList(), v -> Arrays.stream(values)
                        .filter(e -> words.apply(e).equals(v.textValue()))
                        .findFirst())
                .orElse(values[0]);
    }

    Optional<Fields> object(String name, boolean required) {
        return field(name, required, "an object").map(v -> new Fields(v, path(name), problems));
    }

    /** The elements of an array of objects, each with its path. */
    List<Fields> objects(String name, boolean required) {
        Optional<JsonNode> value = field(name, required, "an array");
        if (value.isEmpty()) {
            return List.of();
        }
        if (!value.get().isArray()) {
            problem(name, "an array", describe(value.get()));
            return List.of();
        }
        List<Fields> all = new ArrayList<>();
        for (int i = 0; i < value.get().size(); i++) {
            all.add(new Fields(value.get().get(i), path(name) + "[" + i + "]", problems));
        }
        return all;
    }

    /** Called after the last field: whatever was not asked for is unknown. */
    void end() {
        Iterator<String> all = node.fieldNames();
        while (all.hasNext()) {
            String name = all.next();
            if (!read.contains(name)) {
                problem(name, "one of " + read, "an unknown field");
            }
        }
    }
}
