package io.mocozoo.evaluate.metric;

/**
 * Whether two models on the same images differ in accuracy by more than chance: the exact test on the images that only
 * one of them has right.
 *
 * @see <a href="https://doi.org/10.1007/BF02295996">McNemar 1947</a>
 */
public final class McNemar {
    private McNemar() {}

    /**
     * The probability, were the models equally good, of a split at least as uneven; two-sided and exact.
     */
    public static double pValue(long gained, long lost) {
        long n = gained + lost;
        if (n == 0) {
            return 1;
        }
        long fewer = Math.min(gained, lost);
        double logTerm = -n * Math.log(2); // log of C(n, 0) / 2^n
        double max = Double.NEGATIVE_INFINITY;
        double sum = 0; // of exp(term - max)
        for (long i = 0; i <= fewer; i++) {
            if (logTerm > max) {
                sum = sum * Math.exp(max - logTerm) + 1;
                max = logTerm;
            } else {
                sum += Math.exp(logTerm - max);
            }
            logTerm += Math.log((double) (n - i)) - Math.log((double) (i + 1));
        }
        return Math.min(1, 2 * Math.exp(max) * sum);
    }
}
