package io.mocozoo.evaluate;

import io.mocozoo.evaluate.file.RunException;
import io.mocozoo.evaluate.metric.Threshold;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Which figures are asked for.
 *
 * @param figures groups of them; empty for the usual ones
 * @param topk among how many of the best classes the right one counts as found, each at least 1; empty for 1 and 5
 * @param thresholds what a score must exceed to count as a prediction; empty for the reference's default, 0
 */
public record Wanted(Set<Figure> figures, List<Integer> topk, List<Threshold> thresholds) {
    private static final List<Integer> USUAL_TOPK = List.of(1, 5);

    /** What the reference measures, and what it lacks, but for the average precision. */
    public static final Wanted USUAL = new Wanted(Set.of(), List.of(), List.of());

    public Wanted {
        figures = figures.isEmpty() ? Figure.USUAL : Set.copyOf(EnumSet.copyOf(figures));
        topk = topk.stream().distinct().toList();
        thresholds = thresholds.isEmpty()
                ? Threshold.DEFAULT
                : thresholds.stream().distinct().toList();
        if (topk.stream().anyMatch(k -> k < 1)) {
            throw new IllegalArgumentException("expected numbers of classes of at least 1, found " + topk);
        }
    }

    boolean includes(Figure figure) {
        return figures.contains(figure);
    }

    /** The same without some groups that cannot be told. */
    Wanted without(Set<Figure> others) {
        EnumSet<Figure> left = EnumSet.copyOf(figures);
        left.removeAll(others);
        left.add(Figure.ACCURACY);
        return new Wanted(left, topk, thresholds);
    }

    /**
     * The numbers of best classes that make sense.
     *
     * @param known how many of the best classes are known of each image
     * @throws RunException if more are asked for
     */
    List<Integer> ranks(int known) throws RunException {
        if (topk.isEmpty()) {
            return USUAL_TOPK.stream().filter(k -> k == 1 || k <= known).toList();
        }
        for (int k : topk) {
            if (k > known) {
                throw new RunException("top-" + k + " is asked for, and of an image only the best " + known
                        + " classes are known; ask for less (--topk)");
            }
        }
        return topk;
    }
}
