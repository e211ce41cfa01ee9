package io.mocozoo.image;

import java.awt.image.BufferedImage;

/** A picture of 8-bit samples: height rows of width pixels of R, G, B, without padding. */
public final class RgbImage {
    /** What one Java array can hold. */
    static final long MAX_PIXELS = (Integer.MAX_VALUE - 8) / 3;

    private final int width;
    private final int height;
    private final byte[] rgb;

    /**
     * Wraps an array without copying it: pictures are large and live for a moment. Whoever hands it over stops
     * writing to it.
     *
     * @param width in pixels, at least 1
     * @param height in pixels, at least 1
     * @param rgb [height, width, 3], unsigned
     * @throws IllegalArgumentException if a side is not positive or the array has another length
     */
    public RgbImage(int width, int height, byte[] rgb) {
        if (width < 1 || height < 1 || (long) width * height > MAX_PIXELS) {
            throw new IllegalArgumentException("sides must be positive and hold at most " + MAX_PIXELS
                    + " pixels, found " + width + " x " + height);
        }
        if (rgb.length != 3 * width * height) {
            throw new IllegalArgumentException(
                    width + " x " + height + " pixels need " + 3 * width * height + " bytes, found " + rgb.length);
        }
        this.width = width;
        this.height = height;
        this.rgb = rgb;
    }

    /** The width in pixels. */
    public int width() {
        return width;
    }

    /** The height in pixels. */
    public int height() {
        return height;
    }

    /** The samples, [height, width, 3], unsigned; the array itself, not a copy. */
    public byte[] rgb() {
        return rgb;
    }

    /**
     * The stored samples of a picture of the JDK's, as OpenCV's decoder would give them: alpha is dropped (not
     * blended), gray is replicated, 16 bits are reduced to 8 by their high byte. Palettes and colour spaces other than
     * gray and sRGB go through the JDK's conversion to sRGB.
     *
     * @param image any kind
     * @return a copy
     */
    public static RgbImage of(BufferedImage image) {
        return BufferedImages.toRgb(image);
    }

    /** A copy of type {@link BufferedImage#TYPE_3BYTE_BGR}, to draw on or to write with ImageIO. */
    public BufferedImage toBufferedImage() {
        return BufferedImages.fromRgb(this);
    }
}
