package io.mocozoo.train.augment;

import io.mocozoo.image.RgbImage;
import java.util.random.RandomGenerator;

/**
 * Applies a few operations, drawn with replacement from fifteen, of about the same strength: the set that the reference
 * calls {@code timm_increasing}, where a higher level means a stronger change. Needs OpenCV's native library.
 *
 * @param count operations drawn, at least 0
 * @param chance that a drawn operation happens, 0 to 1
 * @param level mean strength, 0 to 10
 * @param levelStd standard deviation of the strength, at least 0; what falls outside 0..10 is clipped
 * @see <a href="https://arxiv.org/abs/1909.13719">Cubuk et al. 2019, section 3</a>
 */
public record RandAugment(int count, double chance, double level, double levelStd) {
    /** As the reference fine-tunes: two operations, each every other time, of level 9. */
    public static final RandAugment REFERENCE = new RandAugment(2, 0.5, 9, 0.5);

    static final double MOST = 10;
    private static final double NEGATIVE_CHANCE = 0.5;

    /**
     * Checks every number.
     *
     * @throws IllegalArgumentException if one is out of its range
     */
    public RandAugment {
        Draw.probability("chance", chance);
        if (count < 0 || !(level >= 0 && level <= MOST) || !(levelStd >= 0)) {
            throw new IllegalArgumentException("expected count of at least 0, a level of 0 to 10 and a deviation of at"
                    + " least 0, found " + count + ", " + level + " and " + levelStd);
        }
    }

    /**
     * The picture itself, or a changed copy. Draws the operations first; then for each whether it happens, its level if
     * it has one, and its sign if it has one.
     */
    public RgbImage apply(RgbImage image, RandomGenerator random) {
        RandOperation[] all = RandOperation.values();
        RandOperation[] drawn = new RandOperation[count];
        for (int i = 0; i < count; i++) {
            drawn[i] = all[random.nextInt(all.length)];
        }
        RgbImage result = image;
        for (RandOperation operation : drawn) {
            if (random.nextDouble() <= chance) {
                result = operation.apply(result, value(operation, random));
            }
        }
        return result;
    }

    private double value(RandOperation operation, RandomGenerator random) {
        if (!operation.hasLevel()) {
            return 0;
        }
        double drawn = Math.max(0, Math.min(MOST, level + levelStd * random.nextGaussian()));
        double value = operation.value(drawn);
        return operation.isSigned() && random.nextDouble() < NEGATIVE_CHANCE ? -value : value;
    }
}
