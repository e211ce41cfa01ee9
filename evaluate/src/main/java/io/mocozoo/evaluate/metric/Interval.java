package io.mocozoo.evaluate.metric;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Where a figure lies with 95 % confidence.
 *
 * @param low its lower end
 * @param high its upper end
 */
public record Interval(double low, double high) {
    private static final double Z = 1.959963984540054; // the 97.5 % quantile of the normal distribution

    /**
     * Wilson's score interval of a share, in 0 to 1.
     *
     * @see <a href="https://doi.org/10.1080/01621459.1927.10502953">Wilson 1927</a>
     */
    public static Interval wilson(long hits, long of) {
        if (hits < 0 || hits > of) {
            throw new IllegalArgumentException("expected 0 to " + of + " hits, found " + hits);
        }
        if (of == 0) {
            return new Interval(0, 1);
        }
        double share = hits / (double) of;
        double centre = share + Z * Z / (2 * of);
        double spread = Z * Math.sqrt((share * (1 - share) + Z * Z / (4 * of)) / of);
        double scale = 1 + Z * Z / of;
        return new Interval(
                hits == 0 ? 0 : Math.max(0, (centre - spread) / scale),
                hits == of ? 1 : Math.min(1, (centre + spread) / scale));
    }

    /**
     * The percentile bootstrap of the mean over classes of their share of hits: images are drawn anew within each class.
     * Classes without an image are left out.
     *
     * @param seed draws the same resamples again
     */
    public static Interval bootstrapOfClassMean(long[] hits, long[] of, int resamples, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double[] means = new double[resamples];
        int classes = (int) Arrays.stream(of).filter(n -> n > 0).count();
        if (classes == 0) {
            return new Interval(0, 1);
        }
        for (int r = 0; r < resamples; r++) {
            double sum = 0;
            for (int c = 0; c < of.length; c++) {
                sum += of[c] == 0 ? 0 : drawn(random, hits[c], of[c]) / (double) of[c];
            }
            means[r] = sum / classes;
        }
        return percentiles(means);
    }

    /** How many of n draws with replacement are hits. */
    private static long drawn(SplittableRandom random, long hits, long of) {
        long count = 0;
        for (long i = 0; i < of; i++) {
            count += random.nextLong(of) < hits ? 1 : 0;
        }
        return count;
    }

    /**
     * The percentile bootstrap of the difference (gained - lost) / n of two models on the same images.
     *
     * @param gained images that only the second has right
     * @param lost images that only the first has right
     * @param of all images
     */
    public static Interval bootstrapOfDifference(long gained, long lost, long of, int resamples, long seed) {
        if (gained < 0 || lost < 0 || gained + lost > of) {
            throw new IllegalArgumentException(gained + " gained and " + lost + " lost of " + of);
        }
        if (of == 0) {
            return new Interval(-1, 1);
        }
        SplittableRandom random = new SplittableRandom(seed);
        double[] differences = new double[resamples];
        for (int r = 0; r < resamples; r++) {
            long balance = 0;
            for (long i = 0; i < of; i++) {
                long which = random.nextLong(of);
                balance += which < gained ? 1 : which < gained + lost ? -1 : 0;
            }
            differences[r] = balance / (double) of;
        }
        return percentiles(differences);
    }

    private static Interval percentiles(double[] values) {
        Arrays.sort(values);
        return new Interval(quantile(values, 0.025), quantile(values, 0.975));
    }

    private static double quantile(double[] sorted, double share) {
        double at = share * (sorted.length - 1);
        int below = (int) at;
        int above = Math.min(sorted.length - 1, below + 1);
        return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
    }

    /** The same in percent. */
    public Interval percent() {
        return new Interval(low * 100, high * 100);
    }
}
