package io.mocozoo.train.recipe;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Records from JSON, strictly and in words of our own: a field has the JSON type of its component, is there if
 * {@code @JsonProperty} requires it, and is none that the record does not know. Every fault is collected with its place.
 */
final class RecordReader {
    private static final int LONGEST_SHOWN = 60;

    private static final Map<Class<?>, Object> ABSENT =
            Map.of(int.class, 0, long.class, 0L, double.class, 0.0, boolean.class, false);

    private final List<String> problems = new ArrayList<>();

    private RecordReader() {}

    /**
     * A record from an object.
     *
     * @param source names the object in errors
     * @throws RecipeException if anything is wrong; says where, what was expected and what was found
     */
    static <R extends Record> R read(JsonNode node, Class<R> type, String source) {
        RecordReader reader = new RecordReader();
        Optional<R> read = reader.object(node, type, "");
        if (read.isEmpty()) {
            throw new RecipeException(source, reader.problems);
        }
        return read.get();
    }

    private <T> Optional<T> problem(String place, String expected, @Nullable JsonNode found) {
        String text = found == null || found.isMissingNode() ? "nothing" : found.toString();
        String shown = text.length() > LONGEST_SHOWN ? text.substring(0, LONGEST_SHOWN - 3) + "..." : text;
        problems.add((place.isEmpty() ? "" : place + ": ") + "expected " + expected + ", found " + shown);
        return Optional.empty();
    }

    private static String below(String place, String field) {
        return place.isEmpty() ? field : place + "." + field;
    }

    private <R extends Record> Optional<R> object(JsonNode node, Class<R> type, String place) {
        if (!node.isObject()) {
            return problem(place, "an object", node);
        }
        int before = problems.size();
        RecordComponent[] components = type.getRecordComponents();
        @Nullable Object[] values = new Object[components.length];
        for (int i = 0; i < components.length; i++) {
            values[i] = component(components[i], node, place);
        }
        TreeSet<String> known = new TreeSet<>();
        Arrays.stream(components).map(RecordComponent::getName).forEach(known::add);
        node.fieldNames().forEachRemaining(field -> {
            if (!known.contains(field)) {
                problems.add(below(place, field) + ": expected one of " + String.join(", ", known)
                        + ", found an unknown field");
            }
        });
        return problems.size() > before ? Optional.empty() : made(type, components, values, place);
    }

    /** A component's value; null where it is wrong, which has been noted, or left out. */
    private @Nullable Object component(RecordComponent component, JsonNode object, String place) {
        JsonNode value = object.path(component.getName());
        String own = below(place, component.getName());
        if (!value.isMissingNode() && !value.isNull()) {
            return value(value, component.getGenericType(), own).orElse(null);
        }
        JsonProperty property = component.getAccessor().getAnnotation(JsonProperty.class);
        if (property != null && property.required()) {
            problem(own, expected(component.getGenericType()), value);
        }
        return ABSENT.get(component.getType());
    }

    private <R extends Record> Optional<R> made(
            Class<R> type, RecordComponent[] components, @Nullable Object[] values, String place) {
        try {
            Constructor<R> constructor = type.getDeclaredConstructor(
                    Arrays.stream(components).map(RecordComponent::getType).toArray(Class[]::new));
            return Optional.of(constructor.newInstance(values));
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof RecipeException faults) {
                faults.problems().forEach(fault -> problems.add(below(place, fault)));
                return Optional.empty();
            }
            throw new IllegalStateException(e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String expected(Type type) {
        if (type == int.class || type == long.class) {
            return "a whole number";
        } else if (type == double.class || type == Double.class) {
            return "a number";
        } else if (type == boolean.class) {
            return "true or false";
        } else if (type == String.class) {
            return "text";
        } else if (type instanceof Class<?> choice && choice.isEnum()) {
            return "one of " + String.join(", ", words(choice).keySet());
        } else if (type instanceof ParameterizedType list) {
            return list.getActualTypeArguments()[0] == Double.class ? "an array of numbers" : "an array of objects";
        }
        return "an object";
    }

    private Optional<?> value(JsonNode node, Type type, String place) {
        if (type == int.class || type == long.class) {
            return whole(node, type == int.class, place);
        } else if (type == double.class || type == Double.class) {
            return node.isNumber() && Double.isFinite(node.doubleValue())
                    ? Optional.of(node.doubleValue())
                    : problem(place, node.isNumber() ? "a finite number" : "a number", node);
        } else if (type == boolean.class) {
            return node.isBoolean() ? Optional.of(node.booleanValue()) : problem(place, expected(type), node);
        } else if (type == String.class) {
            return node.isTextual() ? Optional.of(node.textValue()) : problem(place, expected(type), node);
        } else if (type instanceof ParameterizedType list) {
            return list(node, list, place);
        } else if (type instanceof Class<?> word && word.isEnum()) {
            Object constant = node.isTextual() ? words(word).get(node.textValue()) : null;
            return constant == null ? problem(place, expected(type), node) : Optional.of(constant);
        } else if (type instanceof Class<?> part && part.isRecord()) {
            return object(node, part.asSubclass(Record.class), place);
        }
        return node.isObject() ? Optional.of(node) : problem(place, expected(type), node); // checked by its reader
    }

    private Optional<?> whole(JsonNode node, boolean isInt, String place) {
        if (!node.isIntegralNumber()) {
            return problem(place, "a whole number", node);
        }
        if (isInt) {
            return node.canConvertToInt()
                    ? Optional.of(node.intValue())
                    : problem(place, "a whole number of at most " + Integer.MAX_VALUE, node);
        }
        return node.canConvertToLong()
                ? Optional.of(node.longValue())
                : problem(place, "a whole number of at most " + Long.MAX_VALUE, node);
    }

    private Optional<?> list(JsonNode node, ParameterizedType type, String place) {
        if (!node.isArray()) {
            return problem(place, expected(type), node);
        }
        int before = problems.size();
        List<Object> values = new ArrayList<>();
        for (int i = 0; i < node.size(); i++) {
            value(node.get(i), type.getActualTypeArguments()[0], place + "." + i)
                    .ifPresent(values::add);
        }
        return problems.size() > before ? Optional.empty() : Optional.of(values);
    }

    /** The constants of an enum by their words in JSON. */
    private static Map<String, Object> words(Class<?> type) {
        return Arrays.stream(type.getFields())
                .filter(field -> field.isEnumConstant() && field.isAnnotationPresent(JsonProperty.class))
                .collect(Collectors.toMap(
                        field -> field.getAnnotation(JsonProperty.class).value(),
                        field -> {
                            try {
                                return field.get(null);
                            } catch (IllegalAccessException e) {
                                throw new IllegalStateException("constants of an enum are public", e);
                            }
                        },
                        (a, b) -> a,
                        LinkedHashMap::new));
    }
}
