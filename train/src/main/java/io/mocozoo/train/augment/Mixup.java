package io.mocozoo.train.augment;

import java.util.random.RandomGenerator;

/**
 * Blends every sample of a batch with another one, and their targets in the same proportion.
 *
 * @see <a href="https://arxiv.org/abs/1710.09412">Zhang et al. 2017, equation (1)</a>
 */
public final class Mixup {
    private final double alpha;

    /**
     * A mixer.
     *
     * @param alpha both parameters of the beta distribution that lambda is drawn from, above 0; 0.8 in the reference
     */
    public Mixup(double alpha) {
        if (!(alpha > 0)) {
            throw new IllegalArgumentException("alpha must be positive, found " + alpha);
        }
        this.alpha = alpha;
    }

    /** Mixes a batch in place: draws lambda, then the permutation. */
    public void apply(MixBatch batch, RandomGenerator random) {
        double lambda = Beta.symmetric(alpha, random);
        mix(batch, lambda, Draw.permutation(random, batch.size()));
    }

    /**
     * Mixes a batch in place: sample i becomes lambda times itself plus 1 - lambda times sample permutation[i].
     *
     * @param lambda 0 to 1
     * @param permutation of the samples
     */
    public static void mix(MixBatch batch, double lambda, int[] permutation) {
        blend(batch.inputs(), batch.size(), lambda, permutation);
        blend(batch.targets(), batch.size(), lambda, permutation);
    }

    static void blend(float[] rows, int n, double lambda, int[] permutation) {
        float[] before = rows.clone();
        int each = rows.length / n;
        float own = (float) lambda;
        float other = (float) (1 - lambda);
        for (int i = 0; i < n; i++) {
            int from = permutation[i] * each;
            for (int j = i * each; j < (i + 1) * each; j++, from++) {
                rows[j] = own * rows[j] + other * before[from];
            }
        }
    }
}
