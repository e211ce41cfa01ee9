package io.mocozoo.train.augment;

import io.mocozoo.image.Interpolation;
import io.mocozoo.image.PillowResize;
import io.mocozoo.image.RgbImage;

/**
 * A part of a picture, in pixels.
 *
 * @param top first row, at least 0
 * @param left first column, at least 0
 * @param height at least 1
 * @param width at least 1
 */
public record CropBox(int top, int left, int height, int width) {
    /**
     * Checks every number.
     *
     * @throws IllegalArgumentException if one is out of its range
     */
    public CropBox {
        if (top < 0 || left < 0 || height < 1 || width < 1) {
            throw new IllegalArgumentException("expected a part of a picture, found " + height + " x " + width
                    + " at row " + top + ", column " + left);
        }
    }

    /**
     * The part, resized with Pillow's resampler; a copy even if the size stays.
     *
     * @param image at least as large as the box reaches
     * @param side of the square result
     */
    public RgbImage resized(RgbImage image, int side, Interpolation interpolation) {
        byte[] part = new byte[3 * height * width];
        for (int y = 0; y < height; y++) {
            System.arraycopy(image.rgb(), 3 * ((top + y) * image.width() + left), part, 3 * y * width, 3 * width);
        }
        return PillowResize.resize(new RgbImage(width, height, part), side, side, interpolation);
    }
}
