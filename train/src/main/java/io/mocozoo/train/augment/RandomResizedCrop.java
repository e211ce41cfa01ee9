package io.mocozoo.train.augment;

import io.mocozoo.image.Interpolation;
import io.mocozoo.image.RgbImage;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * A random part of a picture, resized to a square: its share of the area is uniform, the logarithm of its aspect
 * (width over height) too.
 *
 * @param side of the result in pixels, at least 1
 * @param scaleMin least share of the area, above 0, at most {@code scaleMax}
 * @param scaleMax largest share of the area, at most 1
 * @param interpolation of Pillow's resampler
 * @see <a href="https://arxiv.org/abs/1409.4842">Szegedy et al. 2014, section 6</a>
 */
public record RandomResizedCrop(int side, double scaleMin, double scaleMax, Interpolation interpolation) {
    private static final double ASPECT_MIN = 3.0 / 4.0;
    private static final double ASPECT_MAX = 4.0 / 3.0;
    private static final int ATTEMPTS = 10;

    /**
     * Checks every number.
     *
     * @throws IllegalArgumentException if one is out of its range
     */
    public RandomResizedCrop {
        if (side < 1) {
            throw new IllegalArgumentException("side must be positive, found " + side);
        }
        if (!(scaleMin > 0 && scaleMin <= scaleMax && scaleMax <= 1)) {
            throw new IllegalArgumentException("scaleMin and scaleMax must rise from above 0 to at most 1, found "
                    + scaleMin + " and " + scaleMax);
        }
    }

    /** A random part, resized. */
    public RgbImage apply(RgbImage image, RandomGenerator random) {
        return draw(image.height(), image.width(), random).resized(image, side, interpolation);
    }

    /**
     * Draws a part: up to ten times a share and an aspect, then, if that fits, the top and the left. The centre if
     * nothing fits.
     *
     * @param height of the picture, at least 1
     * @param width of the picture, at least 1
     */
    public CropBox draw(int height, int width, RandomGenerator random) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            double share = Draw.uniform(random, scaleMin, scaleMax);
            double aspect = Math.exp(Draw.uniform(random, Math.log(ASPECT_MIN), Math.log(ASPECT_MAX)));
            Optional<CropBox> size = sized(height, width, share, aspect);
            if (size.isPresent()) {
                int top = random.nextInt(height - size.get().height() + 1);
                int left = random.nextInt(width - size.get().width() + 1);
                return new CropBox(top, left, size.get().height(), size.get().width());
            }
        }
        return centre(height, width);
    }

    /**
     * A part of a share of the area and an aspect (width over height), at the top left; empty if it does not fit. Sides
     * are rounded half to even.
     */
    public static Optional<CropBox> sized(int height, int width, double share, double aspect) {
        double area = (double) height * width * share;
        int partWidth = (int) Math.rint(Math.sqrt(area * aspect));
        int partHeight = (int) Math.rint(Math.sqrt(area / aspect));
        return partWidth > 0 && partWidth <= width && partHeight > 0 && partHeight <= height
                ? Optional.of(new CropBox(0, 0, partHeight, partWidth))
                : Optional.empty();
    }

    /** The largest part in the middle whose aspect is allowed. */
    public static CropBox centre(int height, int width) {
        double aspect = (double) width / height;
        int partWidth = aspect > ASPECT_MAX ? (int) Math.rint(height * ASPECT_MAX) : width;
        int partHeight = aspect < ASPECT_MIN ? (int) Math.rint(width / ASPECT_MIN) : height;
        return new CropBox((height - partHeight) / 2, (width - partWidth) / 2, partHeight, partWidth);
    }
}
