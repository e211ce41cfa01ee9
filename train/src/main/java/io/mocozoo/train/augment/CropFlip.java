package io.mocozoo.train.augment;

import io.mocozoo.image.RgbImage;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.random.RandomGenerator;

/** The view of linear probes: random resized crop, then a horizontal flip every other time; then normalised. */
public final class CropFlip implements View {
    private static final double FLIP_CHANCE = 0.5;

    private final RandomResizedCrop crop;
    private final Normalizer normalizer;

    /**
     * A view.
     *
     * @param crop bilinear and a share of at least 0.08 in the reference
     * @param mean of R, G, B on the scale 0 to 255
     * @param std of R, G, B on the scale 0 to 255
     */
    public CropFlip(RandomResizedCrop crop, List<Double> mean, List<Double> std) {
        this.crop = crop;
        this.normalizer = new Normalizer(mean, std);
    }

    @Override
    public int side() {
        return crop.side();
    }

    @Override
    public void apply(RgbImage image, RandomGenerator random, FloatBuffer target) {
        normalizer.pack(augmented(crop, image, random), target);
    }

    /** Crop and flip alone; the result is the receiver's to keep. */
    static byte[] augmented(RandomResizedCrop crop, RgbImage image, RandomGenerator random) {
        byte[] rgb = crop.apply(image, random).rgb();
        if (Draw.happens(random, FLIP_CHANCE)) {
            HorizontalFlip.inPlace(rgb, crop.side());
        }
        return rgb;
    }
}
