package io.mocozoo.image;

/**
 * Pillow's {@code Image.resize} for 8-bit RGB, to the bit. Unlike OpenCV's, its filters widen when shrinking.
 *
 * <p>Safe for many threads: each keeps its own scratch, a few rows in size.
 *
 * @see <a href="https://github.com/python-pillow/Pillow/blob/main/src/libImaging/Resample.c">Pillow, Resample.c</a>
 */
public final class PillowResize {
    private static final ThreadLocal<Resampler> RESAMPLER = ThreadLocal.withInitial(Resampler::new);

    private PillowResize() {}

    /**
     * A picture of another size. A pass is skipped when its side does not change; the same size gives a copy.
     *
     * @param image the source, left as it is
     * @param width of the result in pixels, at least 1
     * @param height of the result in pixels, at least 1
     * @param interpolation how source pixels are weighed
     * @return a new picture, width x height
     * @throws IllegalArgumentException if a side is not positive or the result is too large for one array
     */
    public static RgbImage resize(RgbImage image, int width, int height, Interpolation interpolation) {
        if (width < 1 || height < 1 || (long) width * height > RgbImage.MAX_PIXELS) {
            throw new IllegalArgumentException("the new size must be positive and hold at most " + RgbImage.MAX_PIXELS
                    + " pixels, found " + width + " x " + height);
        }
        byte[] rgb = new byte[3 * width * height];
        window(image, interpolation, width, height, 0, 0, width, height, new Collector(rgb));
        return new RgbImage(width, height, rgb);
    }

    /** {@link Resampler#resize} with this thread's scratch. */
    static void window(
            RgbImage image,
            Interpolation interpolation,
            long outWidth,
            long outHeight,
            long x,
            long y,
            int width,
            int height,
            Resampler.Rows target) {
        RESAMPLER.get().resize(image, interpolation, outWidth, outHeight, x, y, width, height, target);
    }

    /** Rows into one array. */
    static final class Collector implements Resampler.Rows {
        private final byte[] rgb;
        private int at;

        Collector(byte[] rgb) {
            this.rgb = rgb;
        }

        @Override
        public void put(byte[] row, int length) {
            System.arraycopy(row, 0, rgb, at, length);
            at += length;
        }
    }
}
