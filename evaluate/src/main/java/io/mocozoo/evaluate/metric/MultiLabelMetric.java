package io.mocozoo.evaluate.metric;

import java.util.Locale;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * Precision, recall, F1 and support where an image may have any number of labels. A class is predicted if its score
 * reaches a threshold, or is among the k highest. Targets are 1, 0, or -1 for classes that do not count. As the
 * reference's MultiLabelMetric.
 */
public final class MultiLabelMetric {
    private static final double DEFAULT_THRESHOLD = 0.5;

    private final OptionalDouble threshold;
    private final int topk;
    private final long[] hits;
    private final long[] predicted;
    private final long[] actual;

    /**
     * A count that begins.
     *
     * @param classes number of classes
     * @param threshold the least score of a predicted class; wins over {@code topk}; 0.5 if neither is given
     * @param topk how many classes are predicted
     */
    public MultiLabelMetric(int classes, OptionalDouble threshold, OptionalInt topk) {
        this.threshold = threshold.isPresent() || topk.isPresent() ? threshold : OptionalDouble.of(DEFAULT_THRESHOLD);
        this.topk = topk.orElse(0);
        if (this.threshold.isEmpty() && (this.topk < 1 || this.topk > classes)) {
            throw new IllegalArgumentException("topk must be 1 to " + classes + ", found " + this.topk);
        }
        this.hits = new long[classes];
        this.predicted = new long[classes];
        this.actual = new long[classes];
    }

    /** An image's scores and targets. */
    public void add(float[] scores, int[] targets) {
        boolean[] positive = new boolean[scores.length];
        if (threshold.isPresent()) {
            float least = (float) threshold.getAsDouble();
            for (int i = 0; i < scores.length; i++) {
                positive[i] = scores[i] >= least;
            }
        } else {
            for (int i : Scores.top(scores, topk)) {
                positive[i] = true;
            }
        }
        for (int i = 0; i < scores.length; i++) {
            if (targets[i] < 0) {
                continue;
            }
            if (targets[i] > 0) {
                actual[i]++;
            }
            if (positive[i]) {
                predicted[i]++;
                hits[i] += targets[i] > 0 ? 1 : 0;
            }
        }
    }

    /** The figures. */
    public PrecisionRecall result(Average average) {
        return PrecisionRecall.of(hits, predicted, actual, average);
    }

    /** The reference's name of a figure, such as {@code multi-label/recall_top3_micro}. */
    public String name(String item, Average average) {
        String how;
        if (threshold.isEmpty()) {
            how = "_top" + topk;
        } else {
            double value = threshold.getAsDouble();
            how = value == DEFAULT_THRESHOLD ? "" : String.format(Locale.ROOT, "_thr-%.2f", value);
        }
        return "multi-label/" + item + how + average.suffix();
    }
}
