package io.mocozoo.train.augment;

import io.mocozoo.image.RgbImage;

/** Inverts what is bright: a sample v below the threshold stays, any other becomes 255 - v. */
public final class Solarize {
    private Solarize() {}

    /**
     * A solarised copy.
     *
     * @param threshold the least value that is inverted; 256 leaves all, 0 inverts all
     */
    public static RgbImage apply(RgbImage image, double threshold) {
        byte[] rgb = image.rgb().clone();
        inPlace(rgb, threshold);
        return new RgbImage(image.width(), image.height(), rgb);
    }

    static void inPlace(byte[] rgb, double threshold) {
        byte[] table = new byte[256];
        for (int v = 0; v < 256; v++) {
            table[v] = (byte) (v < threshold ? v : 255 - v);
        }
        Lookup.inPlace(rgb, table);
    }
}
