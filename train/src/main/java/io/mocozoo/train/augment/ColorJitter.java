package io.mocozoo.train.augment;

import io.mocozoo.image.RgbImage;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Changes brightness, contrast, saturation and hue by random factors in random order, each rounded to 8 bits, in
 * Pillow's arithmetic.
 *
 * @param brightness the factor is uniform in 1 - brightness to 1 + brightness; 0 to 1, like the next two
 * @param contrast its factor likewise
 * @param saturation its factor likewise
 * @param hue the turn is uniform in -hue to hue, of a full circle; 0 to 0.5
 * @see <a href="https://arxiv.org/abs/2104.02057">Chen et al. 2021, appendix A: data augmentation</a>
 */
public record ColorJitter(double brightness, double contrast, double saturation, double hue) {
    /** What changes what. */
    public enum Change {
        /** {@link ColorJitter#brightness(RgbImage, double)}. */
        BRIGHTNESS,
        /** {@link ColorJitter#contrast(RgbImage, double)}. */
        CONTRAST,
        /** {@link ColorJitter#saturation(RgbImage, double)}. */
        SATURATION,
        /** {@link ColorJitter#hue(RgbImage, double)}. */
        HUE
    }

    /**
     * Checks every number.
     *
     * @throws IllegalArgumentException if one is out of its range
     */
    public ColorJitter {
        within("brightness", brightness, 1);
        within("contrast", contrast, 1);
        within("saturation", saturation, 1);
        within("hue", hue, 0.5);
    }

    private static void within(String name, double value, double most) {
        if (!(value >= 0 && value <= most)) {
            throw new IllegalArgumentException(name + " must be 0 to " + most + ", found " + value);
        }
    }

    /** A changed copy. Draws the order, then the four factors in the order of {@link Change}. */
    public RgbImage apply(RgbImage image, RandomGenerator random) {
        byte[] rgb = image.rgb().clone();
        inPlace(rgb, random);
        return new RgbImage(image.width(), image.height(), rgb);
    }

    void inPlace(byte[] rgb, RandomGenerator random) {
        Change[] all = Change.values();
        List<Change> order = IntStream.of(Draw.permutation(random, all.length))
                .mapToObj(i -> all[i])
                .toList();
        double ofBrightness = Draw.uniform(random, 1 - brightness, 1 + brightness);
        double ofContrast = Draw.uniform(random, 1 - contrast, 1 + contrast);
        double ofSaturation = Draw.uniform(random, 1 - saturation, 1 + saturation);
        double ofHue = Draw.uniform(random, -hue, hue);
        inPlace(rgb, order, ofBrightness, ofContrast, ofSaturation, ofHue);
    }

    /** A copy changed in the given order by the given factors. */
    public static RgbImage apply(
            RgbImage image, List<Change> order, double brightness, double contrast, double saturation, double hue) {
        byte[] rgb = image.rgb().clone();
        inPlace(rgb, order, brightness, contrast, saturation, hue);
        return new RgbImage(image.width(), image.height(), rgb);
    }

    /** A copy blended with black: 0 is black, 1 the picture itself. */
    public static RgbImage brightness(RgbImage image, double factor) {
        return apply(image, List.of(Change.BRIGHTNESS), factor, 1, 1, 0);
    }

    /** A copy blended with its average gray: 0 is gray all over, 1 the picture itself. */
    public static RgbImage contrast(RgbImage image, double factor) {
        return apply(image, List.of(Change.CONTRAST), 1, factor, 1, 0);
    }

    /** A copy blended with its gray picture: 0 is gray, 1 the picture itself. */
    public static RgbImage saturation(RgbImage image, double factor) {
        return apply(image, List.of(Change.SATURATION), 1, 1, factor, 0);
    }

    /** A copy whose hue is turned by a part of a circle, -0.5 to 0.5. */
    public static RgbImage hue(RgbImage image, double turn) {
        return apply(image, List.of(Change.HUE), 1, 1, 1, turn);
    }

    private static void inPlace(
            byte[] rgb, List<Change> order, double brightness, double contrast, double saturation, double hue) {
        for (Change change : order) {
            switch (change) {
                case BRIGHTNESS -> Lookup.inPlace(rgb, Blend.table(0, (float) brightness));
                case CONTRAST -> Lookup.inPlace(rgb, Blend.table(Luma.mean(rgb), (float) contrast));
                case SATURATION -> Blend.withGray(rgb, (float) saturation);
                case HUE -> Hue.turn(rgb, (int) (hue * 255));
            }
        }
    }
}
