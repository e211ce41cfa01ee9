package io.mocozoo.evaluate.metric;

import java.util.List;

/** Precision, recall, F1 and support where each image has one label. As the reference's SingleLabelMetric. */
public final class SingleLabelMetric {
    private final List<Threshold> thresholds;
    private final long[][] hits; // [threshold, class]
    private final long[][] predicted;
    private final long[] actual;

    /**
     * A count that begins.
     *
     * @param classes number of classes
     * @param thresholds a largest score that does not pass makes the prediction empty; at least one
     */
    public SingleLabelMetric(int classes, List<Threshold> thresholds) {
        this.thresholds = List.copyOf(thresholds);
        this.hits = new long[thresholds.size()][classes];
        this.predicted = new long[thresholds.size()][classes];
        this.actual = new long[classes];
    }

    /** An image by its scores. */
    public void add(float[] scores, int label) {
        int best = Scores.argmax(scores);
        actual[label]++;
        for (int t = 0; t < thresholds.size(); t++) {
            if (thresholds.get(t).passes(scores[best])) {
                count(t, best, label);
            }
        }
    }

    /** An image by its predicted class; thresholds do not matter. */
    public void addLabel(int best, int label) {
        actual[label]++;
        for (int t = 0; t < thresholds.size(); t++) {
            count(t, best, label);
        }
    }

    /** An image without a prediction. */
    public void addEmpty(int label) {
        actual[label]++;
    }

    private void count(int t, int best, int label) {
        predicted[t][best]++;
        if (best == label) {
            hits[t][label]++;
        }
    }

    /** The figures at one of the thresholds, by its place. */
    public PrecisionRecall result(int threshold, Average average) {
        return PrecisionRecall.of(hits[threshold], predicted[threshold], actual, average);
    }

    /** The reference's name of a figure, such as {@code single-label/f1-score_thr-0.25_micro}. */
    public String name(String item, int threshold, Average average) {
        return "single-label/" + item + thresholds.get(threshold).suffix(thresholds.size() > 1) + average.suffix();
    }
}
