package io.mocozoo.train.augment;

import io.mocozoo.image.RgbImage;

/**
 * Replaces a picture by its weighted gray, kept in three channels: weights divided by their sum, added up in double in
 * the order blue, green, red, truncated. That is the reference's own gray for its random grayscale; colour jitter
 * and RandAugment have others.
 */
public final class Grayscale {
    /** The reference's weights for red, green and blue; their sum is 0.9999. */
    private static final double RED = 0.2989;

    private static final double GREEN = 0.587;
    private static final double BLUE = 0.114;

    private Grayscale() {}

    /** A gray copy by the reference's weights: 0.2989, 0.587 and 0.114. */
    public static RgbImage apply(RgbImage image) {
        return apply(image, RED, GREEN, BLUE);
    }

    /**
     * A gray copy.
     *
     * @param red weight, at least 0, like the others; their sum is above 0
     */
    public static RgbImage apply(RgbImage image, double red, double green, double blue) {
        byte[] rgb = image.rgb().clone();
        inPlace(rgb, red, green, blue);
        return new RgbImage(image.width(), image.height(), rgb);
    }

    static void inPlace(byte[] rgb) {
        inPlace(rgb, RED, GREEN, BLUE);
    }

    private static void inPlace(byte[] rgb, double red, double green, double blue) {
        double sum = blue + green + red; // in the reference's order: sums of doubles depend on it
        double[] ofRed = multiples(red / sum);
        double[] ofGreen = multiples(green / sum);
        double[] ofBlue = multiples(blue / sum);
        for (int i = 0; i < rgb.length; i += 3) {
            byte gray = (byte) (int) (ofBlue[rgb[i + 2] & 0xff] + ofGreen[rgb[i + 1] & 0xff] + ofRed[rgb[i] & 0xff]);
            rgb[i] = gray;
            rgb[i + 1] = gray;
            rgb[i + 2] = gray;
        }
    }

    private static double[] multiples(double weight) {
        double[] multiples = new double[256];
        for (int v = 0; v < 256; v++) {
            multiples[v] = v * weight;
        }
        return multiples;
    }
}
