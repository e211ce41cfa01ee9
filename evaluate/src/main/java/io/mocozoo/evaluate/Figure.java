package io.mocozoo.evaluate;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;

/** Groups of figures that can be asked for. */
public enum Figure {
    /** Top-1 and top-5, with intervals; always there. */
    ACCURACY("accuracy"),
    /** Precision, recall and F1. */
    SINGLE_LABEL("single-label"),
    /** The confusion matrix and the most confused pairs. */
    CONFUSION("confusion"),
    /** Likelihood, Brier score, calibration errors with and without temperature, coverage against risk. */
    CALIBRATION("calibration"),
    /** The mean average precision over classes; goes through the results several times. */
    AVERAGE_PRECISION("average-precision");

    /** All but the average precision. */
    public static final Set<Figure> USUAL = Set.copyOf(EnumSet.complementOf(EnumSet.of(AVERAGE_PRECISION)));

    private final String word;

    Figure(String word) {
        this.word = word;
    }

    /** The word on the command line. */
    public String word() {
        return word;
    }

    /** The figures of a word; an unknown one is an {@link IllegalArgumentException} that lists them. */
    public static Figure of(String word) {
        return Arrays.stream(values())
                .filter(f -> f.word.equals(word))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("expected some of "
                        + Arrays.stream(values()).map(Figure::word).collect(Collectors.joining(", ")) + ", found '"
                        + word + "'"));
    }
}
