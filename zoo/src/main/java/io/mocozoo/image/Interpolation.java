package io.mocozoo.image;

import java.util.stream.Collectors;
import java.util.stream.Stream;

/** How a resize weighs its source pixels; both kinds widen their support when shrinking (antialiasing), as Pillow does. */
public enum Interpolation {
    /** Triangle filter, support 1: linear probes. */
    BILINEAR("bilinear", 1.0) {
        @Override
        double weight(double distance) {
            double t = Math.abs(distance);
            return t < 1.0 ? 1.0 - t : 0.0;
        }
    },
    /** Keys' cubic with a = -0.5, support 2: fine-tuned models. */
    BICUBIC("bicubic", 2.0) {
        private static final double A = -0.5;

        @Override
        double weight(double distance) {
            double t = Math.abs(distance);
            if (t < 1.0) {
                return ((A + 2.0) * t - (A + 3.0)) * t * t + 1.0;
            }
            return t < 2.0 ? (((t - 5.0) * t + 8.0) * t - 4.0) * A : 0.0;
        }
    };

    private final String word;
    private final double support;

    Interpolation(String word, double support) {
        this.word = word;
        this.support = support;
    }

    /**
     * The interpolation of a word.
     *
     * @throws IllegalArgumentException if there is none; names those there are
     */
    public static Interpolation of(String word) {
        return Stream.of(values())
                .filter(known -> known.word.equals(word))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("interpolation must be "
                        + Stream.of(values()).map(Interpolation::word).collect(Collectors.joining(" or ")) + ", found "
                        + word));
    }

    /** The word that model cards and the reference's recipes use, such as {@code bilinear}. */
    public String word() {
        return word;
    }

    /** Half the width of the filter, in source pixels when not shrinking. */
    double support() {
        return support;
    }

    /** The filter at a distance from its centre, not yet divided by the sum of its neighbours. */
    abstract double weight(double distance);
}
