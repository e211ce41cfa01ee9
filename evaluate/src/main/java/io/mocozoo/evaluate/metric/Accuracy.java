package io.mocozoo.evaluate.metric;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The share of images whose label is among the k highest scores, in percent; the score must exceed a threshold too. As
 * the reference's Accuracy, in single precision: a share of 9.3 is 9.300000190734863.
 */
public final class Accuracy {
    private final List<Integer> topk;
    private final List<Threshold> thresholds;
    private final long[][] correct; // [k, threshold]
    private long images;
    private boolean labelsOnly;

    /**
     * A count that begins.
     *
     * @param topk each at least 1
     * @param thresholds at least one
     */
    public Accuracy(List<Integer> topk, List<Threshold> thresholds) {
        if (topk.isEmpty() || topk.stream().anyMatch(k -> k < 1) || thresholds.isEmpty()) {
            throw new IllegalArgumentException(
                    "expected numbers of classes of at least 1 and a threshold, found " + topk + " and " + thresholds);
        }
        this.topk = List.copyOf(topk);
        this.thresholds = List.copyOf(thresholds);
        this.correct = new long[topk.size()][thresholds.size()];
    }

    /**
     * An image by its scores.
     *
     * @throws IllegalArgumentException if there are fewer classes than the largest k
     */
    public void add(float[] scores, int label) {
        int rank = Scores.rank(scores, label);
        for (int k = 0; k < topk.size(); k++) {
            if (topk.get(k) > scores.length) {
                throw new IllegalArgumentException(
                        "top-" + topk.get(k) + " is asked for, there are " + scores.length + " classes");
            }
            for (int t = 0; t < thresholds.size(); t++) {
                if (rank < topk.get(k) && thresholds.get(t).passes(scores[label])) {
                    correct[k][t]++;
                }
            }
        }
        images++;
    }

    /** An image of which only the predicted class is known; then there is only top-1, and no threshold. */
    public void addLabel(int predicted, int label) {
        labelsOnly = true;
        images++;
        if (predicted == label) {
            correct[0][0]++;
        }
    }

    /** An image without a prediction: wrong. */
    public void addWrong() {
        images++;
    }

    /** Images so far. */
    public long images() {
        return images;
    }

    /** Images correct so far for one of the numbers and one of the thresholds, by their places. */
    public long correct(int k, int threshold) {
        return correct[k][threshold];
    }

    /** By the reference's names, such as {@code accuracy/top5_thr-0.25}; in percent. */
    public Map<String, Double> results() {
        Map<String, Double> results = new LinkedHashMap<>();
        if (labelsOnly) {
            results.put("accuracy/top1", percent(correct[0][0]));
            return results;
        }
        for (int k = 0; k < topk.size(); k++) {
            for (int t = 0; t < thresholds.size(); t++) {
                results.put(
                        "accuracy/top" + topk.get(k) + thresholds.get(t).suffix(thresholds.size() > 1),
                        percent(correct[k][t]));
            }
        }
        return results;
    }

    private double percent(long count) {
        return images == 0 ? 0 : (float) count * (float) (100.0 / images);
    }
}
