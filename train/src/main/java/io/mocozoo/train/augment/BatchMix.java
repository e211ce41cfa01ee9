package io.mocozoo.train.augment;

import java.util.random.RandomGenerator;

/** What is mixed into a batch before each step of fine-tuning: {@link Mixup} or {@link CutMix}, each every other time. */
public final class BatchMix {
    private final double mixup;
    private final double cutmix;

    /**
     * A mixer; with one parameter 0 the other is always used, with both nothing is done.
     *
     * @param mixup alpha of Mixup, 0 for never; 0.8 in the reference
     * @param cutmix alpha of CutMix, 0 for never; 1 in the reference
     */
    public BatchMix(double mixup, double cutmix) {
        if (!(mixup >= 0 && cutmix >= 0)) {
            throw new IllegalArgumentException("alphas must not be negative, found " + mixup + " and " + cutmix);
        }
        this.mixup = mixup;
        this.cutmix = cutmix;
    }

    /** Mixes a batch in place. */
    public void apply(MixBatch batch, RandomGenerator random) {
        boolean first = mixup > 0 && (cutmix == 0 || random.nextBoolean());
        if (first) {
            new Mixup(mixup).apply(batch, random);
        } else if (cutmix > 0) {
            new CutMix(cutmix).apply(batch, random);
        }
    }
}
