package io.mocozoo.train;

/**
 * What a step found.
 *
 * @param loss before the update
 * @param gradientNorm over all gradients, before clipping
 * @param firstLayerNorm of the first layer's gradient, where instability shows first; 0 if it does not learn
 * @param featureDeviation mean standard deviation of the normalised features over the batch; 0 when they collapse,
 *     about 1 / sqrt(d) in good health, 0 where nobody looked
 * @param encoderMomentum weight of the online encoder that the momentum encoder took in; 0 where there is none
 * @param skipped whether no weight was changed, because half-precision gradients overflowed
 * @param times where its time went
 */
public record StepResult(
        double loss,
        double gradientNorm,
        double firstLayerNorm,
        double featureDeviation,
        double encoderMomentum,
        boolean skipped,
        StepTimes times) {}
