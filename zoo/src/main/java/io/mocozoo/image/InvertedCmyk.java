package io.mocozoo.image;

import java.awt.image.Raster;

/** JPEGs of four components, which Adobe stores inverted, by the integer arithmetic of libjpeg and of OpenCV's decoder. */
final class InvertedCmyk {
    private static final int ONE = 1 << 16;
    private static final int HALF = ONE >> 1;

    private InvertedCmyk() {}

    /**
     * Converts the stored samples.
     *
     * @param raster four bands of 8 bits
     * @param isYcck whether they are Y, Cb, Cr, K instead of C, M, Y, K
     */
    static RgbImage toRgb(Raster raster, boolean isYcck) {
        if (raster.getNumBands() != 4) {
            throw new IllegalArgumentException("expected four components, found " + raster.getNumBands());
        }
        int width = raster.getWidth();
        byte[] rgb = new byte[3 * width * raster.getHeight()];
        int[] row = new int[4 * width];
        int to = 0;
        for (int y = 0; y < raster.getHeight(); y++) {
            raster.getPixels(0, y, width, 1, row);
            for (int i = 0; i < row.length; i += 4) {
                if (isYcck) {
                    toCmy(row, i);
                }
                int k = row[i + 3];
                for (int ink = 0; ink < 3; ink++) { // C, M, Y -> R, G, B
                    rgb[to++] = (byte) (k - (((255 - row[i + ink]) * k) >> 8));
                }
            }
        }
        return new RgbImage(width, raster.getHeight(), rgb);
    }

    /** JFIF's conversion to RGB, inverted; libjpeg rounds each product but adds the two of green first. */
    private static void toCmy(int[] row, int i) {
        int y = row[i];
        int cb = row[i + 1] - 128;
        int cr = row[i + 2] - 128;
        row[i] = clip(255 - (y + ((fixed(1.40200) * cr + HALF) >> 16)));
        row[i + 1] = clip(255 - (y + ((-fixed(0.34414) * cb - fixed(0.71414) * cr + HALF) >> 16)));
        row[i + 2] = clip(255 - (y + ((fixed(1.77200) * cb + HALF) >> 16)));
    }

    private static int fixed(double factor) {
        return (int) (factor * ONE + 0.5);
    }

    private static int clip(int value) {
        return Math.max(0, Math.min(255, value));
    }
}
