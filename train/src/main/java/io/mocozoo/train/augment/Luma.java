package io.mocozoo.train.augment;

/** Pillow's gray of a pixel (its mode L): 0.299 R + 0.587 G + 0.114 B in 16-bit fixed point, rounded. */
final class Luma {
    private Luma() {}

    static int of(int red, int green, int blue) {
        return (19595 * red + 38470 * green + 7471 * blue + 32768) >> 16;
    }

    /** The average over all pixels, rounded half up. */
    static int mean(byte[] rgb) {
        long sum = 0;
        for (int i = 0; i < rgb.length; i += 3) {
            sum += of(rgb[i] & 0xff, rgb[i + 1] & 0xff, rgb[i + 2] & 0xff);
        }
        int pixels = rgb.length / 3;
        return (int) ((double) sum / pixels + 0.5);
    }
}
