package io.mocozoo.train;

/**
 * How much of the online encoder flows into the momentum encoder at a step: a half cosine from the base to 0. The weight
 * is that of the new value: 0.01 here is 0.99 elsewhere.
 *
 * @param base weight at the first step, in (0, 1]
 * @param totalSteps steps of the whole training
 * @see <a href="https://arxiv.org/abs/2104.02057">Chen et al. 2021, section 4.1</a>
 */
public record EncoderMomentum(double base, long totalSteps) {
    public EncoderMomentum {
        if (!(base > 0 && base <= 1) || totalSteps < 1) {
            throw new IllegalArgumentException(
                    "base must be in (0, 1] and totalSteps positive, found " + base + " and " + totalSteps);
        }
    }

    /** The weight at a step, counted from 0; the angle is rounded to single precision where the reference rounds it. */
    public double at(long step) {
        float angle = (float) Math.PI * (float) step / (float) totalSteps;
        return base * (Math.cos(angle) + 1) / 2;
    }
}
