package io.mocozoo.evaluate.metric;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Counts of [true class, predicted class]; ints, so that 1000 classes take 4 MB. */
public final class ConfusionMatrix {
    private final int classes;
    private final int[] counts;

    /** Zeros; at most 20,000 classes. */
    public ConfusionMatrix(int classes) {
        if (classes < 1 || classes > 20_000) {
            throw new IllegalArgumentException("expected 1 to 20000 classes, found " + classes);
        }
        this.classes = classes;
        this.counts = new int[classes * classes];
    }

    /** One image. */
    public void add(int label, int predicted) {
        counts[label * classes + predicted]++;
    }

    /** Number of classes. */
    public int classes() {
        return classes;
    }

    /** Images of a class that were taken for another, or for itself. */
    public int count(int label, int predicted) {
        return counts[label * classes + predicted];
    }

    /**
     * Two classes and how often one was taken for the other.
     *
     * @param label the true class
     * @param predicted the class it was taken for
     * @param count images
     */
    public record Confusion(int label, int predicted, int count) {}

    /** The most frequent mistakes, most frequent first, then by class. */
    public List<Confusion> mostConfused(int most) {
        List<Confusion> all = new ArrayList<>();
        for (int label = 0; label < classes; label++) {
            for (int predicted = 0; predicted < classes; predicted++) {
                if (label != predicted && count(label, predicted) > 0) {
                    all.add(new Confusion(label, predicted, count(label, predicted)));
                }
            }
        }
        all.sort(Comparator.comparingInt(Confusion::count)
                .reversed()
                .thenComparingInt(Confusion::label)
                .thenComparingInt(Confusion::predicted));
        return List.copyOf(all.subList(0, Math.min(most, all.size())));
    }
}
