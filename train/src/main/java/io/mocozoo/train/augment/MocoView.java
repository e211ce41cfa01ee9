package io.mocozoo.train.augment;

import io.mocozoo.image.RgbImage;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * A view for contrastive learning: random resized crop, colour jitter, grayscale, blur, solarization, flip, always in
 * this order; then normalised. Operations that do not happen cost their random number all the same.
 *
 * @see <a href="https://arxiv.org/abs/2104.02057">Chen et al. 2021, appendix A: data augmentation</a>
 */
final class MocoView implements View {
    /**
     * How strong and how likely.
     *
     * @param jitter strengths of the colour jitter
     * @param jitterChance that it happens, 0 to 1, like all chances
     * @param grayChance of grayscale
     * @param blurChance of the blur
     * @param sigmaMin least standard deviation of the blur in pixels of the view
     * @param sigmaMax largest
     * @param solarizeChance of the solarization
     * @param threshold the least value it inverts
     * @param flipChance of the horizontal flip
     */
    record Strength(
            ColorJitter jitter,
            double jitterChance,
            double grayChance,
            double blurChance,
            double sigmaMin,
            double sigmaMax,
            double solarizeChance,
            int threshold,
            double flipChance) {
        Strength {
            Draw.probability("jitterChance", jitterChance);
            Draw.probability("grayChance", grayChance);
            Draw.probability("blurChance", blurChance);
            Draw.probability("solarizeChance", solarizeChance);
            Draw.probability("flipChance", flipChance);
            if (!(sigmaMin >= 0 && sigmaMin <= sigmaMax)) {
                throw new IllegalArgumentException(
                        "sigmaMin and sigmaMax must rise from at least 0, found " + sigmaMin + " and " + sigmaMax);
            }
        }
    }

    private final RandomResizedCrop crop;
    private final Strength strength;
    private final Normalizer normalizer;

    MocoView(RandomResizedCrop crop, Strength strength, List<Double> mean, List<Double> std) {
        this.crop = crop;
        this.strength = strength;
        this.normalizer = new Normalizer(mean, std);
    }

    @Override
    public int side() {
        return crop.side();
    }

    @Override
    public void apply(RgbImage image, RandomGenerator random, FloatBuffer target) {
        normalizer.pack(augmented(image, random), target);
    }

    /** The view before it is normalised, [side, side, 3]; the receiver's to keep. */
    byte[] augmented(RgbImage image, RandomGenerator random) {
        byte[] rgb = crop.apply(image, random).rgb(); // a fresh array, changed in place from here on
        if (Draw.happens(random, strength.jitterChance)) {
            strength.jitter.inPlace(rgb, random);
        }
        if (Draw.happens(random, strength.grayChance)) {
            Grayscale.inPlace(rgb);
        }
        if (Draw.happens(random, strength.blurChance)) {
            GaussianBlur.inPlace(rgb, crop.side(), Draw.uniform(random, strength.sigmaMin, strength.sigmaMax));
        }
        if (Draw.happens(random, strength.solarizeChance)) {
            Solarize.inPlace(rgb, strength.threshold);
        }
        if (Draw.happens(random, strength.flipChance)) {
            HorizontalFlip.inPlace(rgb, crop.side());
        }
        return rgb;
    }
}
