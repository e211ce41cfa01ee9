package io.mocozoo.train.augment;

import io.mocozoo.image.RgbImage;
import java.util.SplittableRandom;

/** Pictures for tests. */
final class Pictures {
    private Pictures() {}

    /** Noise of any level: every operation has to work on it. */
    static RgbImage noise(int width, int height, long seed) {
        byte[] rgb = new byte[3 * width * height];
        new SplittableRandom(seed).nextBytes(rgb);
        return new RgbImage(width, height, rgb);
    }

    /** A slope in each channel. */
    static RgbImage slopes(int width, int height) {
        byte[] rgb = new byte[3 * width * height];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int i = 3 * (y * width + x);
                rgb[i] = (byte) (50 + 100 * x / width);
                rgb[i + 1] = (byte) (80 + 90 * y / height);
                rgb[i + 2] = (byte) (40 + 60 * (x + y) / (width + height));
            }
        }
        return new RgbImage(width, height, rgb);
    }
}
