package io.mocozoo.train.augment;

import io.mocozoo.image.RgbImage;

/** Mirrors the columns. */
public final class HorizontalFlip {
    private HorizontalFlip() {}

    /** A mirrored copy. */
    public static RgbImage apply(RgbImage image) {
        byte[] rgb = image.rgb().clone();
        inPlace(rgb, image.width());
        return new RgbImage(image.width(), image.height(), rgb);
    }

    static void inPlace(byte[] rgb, int width) {
        for (int row = 0; row < rgb.length; row += 3 * width) {
            for (int left = row, right = row + 3 * width - 3; left < right; left += 3, right -= 3) {
                byte red = rgb[left];
                byte green = rgb[left + 1];
                byte blue = rgb[left + 2];
                rgb[left] = rgb[right];
                rgb[left + 1] = rgb[right + 1];
                rgb[left + 2] = rgb[right + 2];
                rgb[right] = red;
                rgb[right + 1] = green;
                rgb[right + 2] = blue;
            }
        }
    }
}
