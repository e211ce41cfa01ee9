package io.mocozoo.evaluate.metric;

import java.io.IOException;

/**
 * The temperature that logits are divided by to make probabilities most likely, found by Newton's method on its inverse:
 * the mean loss is convex in it, with the variance of the logits as curvature. A bracket guards the steps.
 *
 * @see <a href="https://arxiv.org/abs/1706.04599">Guo et al. 2017, section 4.2</a>
 */
public final class TemperatureFit {
    private static final int MOST_STEPS = 40;
    private static final double LOWEST = 1e-3;
    private static final double HIGHEST = 1e3;

    private double gradient;
    private double curvature;
    private double inverse = 1;
    private double low = LOWEST;
    private double high = HIGHEST;
    private boolean done;

    /** Logits with their labels that can be gone through again and again, in one order. */
    @FunctionalInterface
    public interface Source {
        /** Gives every image to the receiver. */
        void forEach(Receiver receiver) throws IOException;
    }

    /** Takes one image. */
    @FunctionalInterface
    public interface Receiver {
        /** The place of the image, its logits, its label. */
        void accept(long index, float[] logits, int label);
    }

    /**
     * Two temperatures, of the images at even and at odd places, so that each half can be judged by the other's.
     *
     * @return {even, odd}; 1 where there is no image
     */
    public static double[] halves(Source source) throws IOException {
        TemperatureFit[] fits = {new TemperatureFit(), new TemperatureFit()};
        for (int step = 0; step < MOST_STEPS && !(fits[0].done && fits[1].done); step++) {
            source.forEach((index, logits, label) -> {
                TemperatureFit fit = fits[(int) (index & 1)];
                if (!fit.done) {
                    fit.add(logits, label);
                }
            });
            fits[0].step();
            fits[1].step();
        }
        return new double[] {1 / fits[0].inverse, 1 / fits[1].inverse};
    }

    private void add(float[] logits, int label) {
        double max = Double.NEGATIVE_INFINITY;
        for (float logit : logits) {
            max = Math.max(max, logit);
        }
        double sum = 0;
        double first = 0;
        double second = 0;
        for (float logit : logits) {
            double z = logit - max; // the mean and the variance of z are what matters
            double power = Math.exp(z * inverse);
            sum += power;
            first += power * z;
            second += power * z * z;
        }
        double mean = first / sum;
        gradient += mean - (logits[label] - max);
        curvature += second / sum - mean * mean;
    }

    private void step() {
        if (done) {
            return;
        }
        if (gradient > 0) {
            high = inverse;
        } else {
            low = inverse;
        }
        double next = curvature > 0 ? inverse - gradient / curvature : inverse;
        if (!(next > low && next < high)) {
            next = Math.sqrt(low * high);
        }
        done = gradient == 0 || Math.abs(next - inverse) <= 1e-9 * inverse || high / low < 1 + 1e-9;
        inverse = gradient == 0 ? inverse : next;
        gradient = 0;
        curvature = 0;
    }
}
