package io.mocozoo.image;

/**
 * How large a picture from a stranger may be; sizes are read from its header before any pixel is decoded.
 *
 * @param maxPixels width times height, at least 1
 * @param maxBytes of the encoded file, at least 1
 */
public record ImageLimits(long maxPixels, long maxBytes) {
    /** The line at which Pillow refuses a picture as a decompression bomb, and files of 256 MiB. */
    public static final ImageLimits DEFAULT = new ImageLimits(178_956_970L, 256L << 20);

    /**
     * Checks both numbers.
     *
     * @throws IllegalArgumentException if one is not positive
     */
    public ImageLimits {
        if (maxPixels < 1 || maxBytes < 1) {
            throw new IllegalArgumentException(
                    "limits must be positive, found " + maxPixels + " pixels and " + maxBytes + " bytes");
        }
    }

    void checkPixels(String source, long width, long height) throws ImageFormatException {
        if (width < 1 || height < 1) {
            throw new ImageFormatException(
                    source, "a width and a height of at least 1", width + " x " + height, "Re-export the picture.");
        }
        // Whatever the limits say, RGB bytes have to fit one Java array.
        long most = Math.min(maxPixels, RgbImage.MAX_PIXELS);
        if (width > most / height) {
            throw new ImageFormatException(
                    source,
                    "at most " + most + " pixels",
                    width + " x " + height,
                    "Shrink the picture, or raise the limit of pixels if you trust it.");
        }
    }

    void checkBytes(String source, long bytes) throws ImageFormatException {
        if (bytes > maxBytes) {
            throw new ImageFormatException(
                    source,
                    "a file of at most " + maxBytes + " bytes",
                    bytes + " bytes",
                    "Re-encode the picture, or raise the limit of bytes if you trust it.");
        }
        if (bytes == 0) {
            throw new ImageFormatException(source, "an image file", "0 bytes", "Fetch or export it again.");
        }
    }
}
