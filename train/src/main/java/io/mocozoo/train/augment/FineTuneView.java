package io.mocozoo.train.augment;

import io.mocozoo.image.RgbImage;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * The view of fine-tuning: random resized crop, a horizontal flip every other time, {@link RandAugment}, {@link
 * RandomErasing}; then normalised. {@link Mixup} or {@link CutMix} follow on the batch. Needs OpenCV's native library.
 */
public final class FineTuneView implements View {
    private final RandomResizedCrop crop;
    private final RandAugment augment;
    private final RandomErasing erasing;
    private final Normalizer normalizer;

    /**
     * A view with the reference's augmentations.
     *
     * @param crop bicubic and a share of at least 0.08 in the reference
     * @param mean of R, G, B on the scale 0 to 255
     * @param std of R, G, B on the scale 0 to 255
     */
    public FineTuneView(RandomResizedCrop crop, List<Double> mean, List<Double> std) {
        this(crop, RandAugment.REFERENCE, RandomErasing.REFERENCE, mean, std);
    }

    /** A view with augmentations of one's own. */
    public FineTuneView(
            RandomResizedCrop crop, RandAugment augment, RandomErasing erasing, List<Double> mean, List<Double> std) {
        this.crop = crop;
        this.augment = augment;
        this.erasing = erasing;
        this.normalizer = new Normalizer(mean, std);
    }

    @Override
    public int side() {
        return crop.side();
    }

    @Override
    public void apply(RgbImage image, RandomGenerator random, FloatBuffer target) {
        int side = crop.side();
        RgbImage cropped = new RgbImage(side, side, CropFlip.augmented(crop, image, random));
        normalizer.pack(erasing.apply(augment.apply(cropped, random), random).rgb(), target);
    }
}
