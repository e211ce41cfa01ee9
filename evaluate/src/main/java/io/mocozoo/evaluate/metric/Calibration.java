package io.mocozoo.evaluate.metric;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How far confidences are from the share of hits. The expected calibration error is the mean over bins of that distance,
 * weighted by their images: bins of equal width, or (adaptive) of equal numbers of images.
 *
 * @see <a href="https://arxiv.org/abs/1706.04599">Guo et al. 2017, section 2</a>
 * @see <a href="https://arxiv.org/abs/1904.01685">Nixon et al. 2019, section 3</a>
 */
public final class Calibration {
    private final float[] confidences; // sorted, ascending
    private final boolean[] hits;

    /**
     * Of images in any order.
     *
     * @param confidences the largest probability of each image, in 0 to 1
     * @param hits whether its class was right
     */
    public Calibration(float[] confidences, boolean[] hits) {
        if (confidences.length != hits.length) {
            throw new IllegalArgumentException(confidences.length + " confidences, " + hits.length + " hits");
        }
        long[] keys = new long[hits.length]; // the bits of floats from 0 sort as their values do
        for (int i = 0; i < keys.length; i++) {
            keys[i] = (long) Float.floatToIntBits(confidences[i]) << 1 | (hits[i] ? 1 : 0);
        }
        Arrays.sort(keys);
        this.confidences = new float[keys.length];
        this.hits = new boolean[keys.length];
        for (int i = 0; i < keys.length; i++) {
            this.confidences[i] = Float.intBitsToFloat((int) (keys[i] >> 1));
            this.hits[i] = (keys[i] & 1) == 1;
        }
    }

    /**
     * Images of like confidence.
     *
     * @param low the bin's lower end, exclusive but for 0
     * @param high the bin's upper end, inclusive
     * @param images in the bin
     * @param confidence their mean; 0 if there is none
     * @param accuracy the share of hits; 0 if there is none
     */
    public record Bin(double low, double high, long images, double confidence, double accuracy) {}

    /** Bins of equal width over 0 to 1. */
    public List<Bin> bins(int count) {
        List<Bin> bins = new ArrayList<>();
        int from = 0;
        for (int b = 0; b < count; b++) {
            double high = (b + 1.0) / count;
            int to = from;
            while (to < hits.length && (confidences[to] <= high || b == count - 1)) {
                to++;
            }
            bins.add(bin((double) b / count, high, from, to));
            from = to;
        }
        return bins;
    }

    /** Bins of equal numbers of images, as near as can be. */
    public List<Bin> adaptiveBins(int count) {
        List<Bin> bins = new ArrayList<>();
        for (int b = 0; b < count; b++) {
            int from = (int) ((long) hits.length * b / count);
            int to = (int) ((long) hits.length * (b + 1) / count);
            if (to > from) {
                bins.add(bin(confidences[from], confidences[to - 1], from, to));
            }
        }
        return bins;
    }

    private Bin bin(double low, double high, int from, int to) {
        double sum = 0;
        long right = 0;
        for (int i = from; i < to; i++) {
            sum += confidences[i];
            right += hits[i] ? 1 : 0;
        }
        int n = to - from;
        return new Bin(low, high, n, n == 0 ? 0 : sum / n, n == 0 ? 0 : right / (double) n);
    }

    /** The expected calibration error of some bins, in 0 to 1. */
    public static double error(List<Bin> bins) {
        long images = bins.stream().mapToLong(Bin::images).sum();
        double error = 0;
        for (Bin bin : bins) {
            error += bin.images() * Math.abs(bin.accuracy() - bin.confidence());
        }
        return images == 0 ? 0 : error / images;
    }

    /**
     * If only the most confident images are answered, how many of the answers are wrong.
     *
     * @param coverage share of images answered
     * @param risk share of wrong ones among them
     * @param confidence the least confidence among them
     */
    public record Coverage(double coverage, double risk, double confidence) {}

    /** The curve at equal steps of coverage; images of equal confidence count as wrong ones last. */
    public List<Coverage> coverageRisk(int points) {
        List<Coverage> curve = new ArrayList<>();
        long wrong = 0;
        int point = 1;
        for (int i = hits.length - 1, answered = 1; i >= 0; i--, answered++) {
            wrong += hits[i] ? 0 : 1;
            if (answered >= (long) hits.length * point / (double) points) {
                curve.add(new Coverage(answered / (double) hits.length, wrong / (double) answered, confidences[i]));
                while (answered >= (long) hits.length * point / (double) points) {
                    point++;
                }
            }
        }
        return curve;
    }

    /** The area under the whole curve of risk over coverage; smaller is better. */
    public double areaUnderRisk() {
        double sum = 0;
        long wrong = 0;
        for (int i = hits.length - 1, answered = 1; i >= 0; i--, answered++) {
            wrong += hits[i] ? 0 : 1;
            sum += wrong / (double) answered;
        }
        return hits.length == 0 ? 0 : sum / hits.length;
    }
}
