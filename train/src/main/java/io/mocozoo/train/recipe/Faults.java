package io.mocozoo.train.recipe;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Collects what is wrong with a record's numbers, each by the place of its field below the record. */
final class Faults {
    private final List<String> all = new ArrayList<>();

    void add(String fault) {
        all.add(fault);
    }

    /** What was expected at a place, unless it was found. */
    void expect(boolean met, String place, String expected, Object found) {
        if (!met) {
            all.add(place + ": expected " + expected + ", found " + found);
        }
    }

    /** A part that one method needs and others have no use for. */
    void given(String place, boolean needed, @Nullable Object part, Recipe.Method method) {
        expect(
                needed == (part != null),
                place,
                (needed ? "an object" : "nothing") + " with the method " + method.word(),
                part == null ? "nothing" : "an object");
    }

    void positive(String place, Number value) {
        double number = value.doubleValue();
        expect(number > 0 && Double.isFinite(number), place, "a number above 0", value);
    }

    void notNegative(String place, Number value) {
        double number = value.doubleValue();
        expect(number >= 0 && Double.isFinite(number), place, "a number of at least 0", value);
    }

    /** A share that must leave something: 0 to below 1. */
    void share(String place, double value) {
        expect(value >= 0 && value < 1, place, "a number of at least 0 and below 1", value);
    }

    void oneOf(String place, List<String> words, String value) {
        expect(words.contains(value), place, "one of " + String.join(", ", words), '"' + value + '"');
    }

    /** Three values for R, G and B. */
    void triple(String place, List<Double> values, boolean positive) {
        boolean met = values.size() == 3
                && values.stream().allMatch(v -> Float.isFinite(v.floatValue()) && (!positive || v.floatValue() > 0));
        expect(met, place, "three numbers" + (positive ? " above 0" : "") + " (R, G, B)", values);
    }

    /**
     * Called behind the last check.
     *
     * @throws RecipeException if there is any fault
     */
    void end() {
        if (!all.isEmpty()) {
            throw new RecipeException(all);
        }
    }
}
