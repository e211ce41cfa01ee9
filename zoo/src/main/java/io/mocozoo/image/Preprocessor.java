package io.mocozoo.image;

import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Objects;

/**
 * From a decoded picture to what a model is fed: resize the short edge, crop the centre, then pack bytes or normalise.
 * Resize and crop are one step that computes only the pixels the crop keeps; the bytes are those of the two steps.
 *
 * <p>Safe for many threads at once: an instance is read-only, and each thread resizes in its own scratch.
 *
 * <p>As the reference's test pipeline: the long edge after resizing is truncated, not rounded; a crop offset of one half
 * rounds to even.
 *
 * @see <a href="https://github.com/open-mmlab/mmpretrain/blob/main/mmpretrain/datasets/transforms/processing.py">mmpretrain:
 *     ResizeEdge, CenterCrop</a>
 */
public final class Preprocessor {
    private final Preprocessing preprocessing;
    private final ImageLimits limits;
    private final float[][] normalised = new float[3][256];

    /**
     * For one model.
     *
     * @param preprocessing what the model eats
     * @param limits how large a picture may be
     */
    public Preprocessor(Preprocessing preprocessing, ImageLimits limits) {
        this.preprocessing = Objects.requireNonNull(preprocessing, "preprocessing");
        this.limits = Objects.requireNonNull(limits, "limits");
        for (int channel = 0; channel < 3; channel++) {
            for (int value = 0; value < 256; value++) {
                normalised[channel][value] = preprocessing.normalise(channel, value);
            }
        }
    }

    /** What the model eats. */
    public Preprocessing preprocessing() {
        return preprocessing;
    }

    /**
     * The resized and cropped picture.
     *
     * @param image any size within the limits
     * @return a new picture, crop x crop
     * @throws IllegalArgumentException if the picture is above the limit of pixels
     */
    public RgbImage crop(RgbImage image) {
        int side = preprocessing.crop();
        byte[] rgb = new byte[3 * side * side];
        window(image, new PillowResize.Collector(rgb));
        return new RgbImage(side, side, rgb);
    }

    /**
     * Writes the crop, [crop, crop, 3] unsigned bytes, at the position of a buffer and moves the position past it.
     *
     * @param image any size within the limits
     * @param target best a direct buffer, one per worker; a batch is packed by one call per picture
     * @throws BufferOverflowException if less than {@code 3 * crop * crop} bytes remain; nothing is written then
     * @throws IllegalArgumentException if the picture is above the limit of pixels
     */
    public void pack(RgbImage image, ByteBuffer target) {
        int side = preprocessing.crop();
        if (target.remaining() < 3 * side * side) {
            throw new BufferOverflowException();
        }
        window(image, (row, length) -> target.put(row, 0, length));
    }

    /**
     * The samples as the network sees them.
     *
     * @param crop any size
     * @return [3, height, width], float32
     */
    public float[] normalise(RgbImage crop) {
        float[] tensor = new float[crop.rgb().length];
        packTensor(crop, FloatBuffer.wrap(tensor));
        return tensor;
    }

    /**
     * Writes the normalised samples, [3, height, width], at the position of a buffer and moves the position past them.
     *
     * @param crop any size
     * @param target best direct and of native order
     * @throws BufferOverflowException if too few floats remain; nothing is written then
     */
    public void packTensor(RgbImage crop, FloatBuffer target) {
        byte[] rgb = crop.rgb();
        if (target.remaining() < rgb.length) {
            throw new BufferOverflowException();
        }
        int at = target.position();
        for (int channel = 0; channel < 3; channel++) {
            float[] lut = normalised[channel];
            for (int i = channel; i < rgb.length; i += 3) { // HWC -> CHW
                target.put(at++, lut[rgb[i] & 0xff]);
            }
        }
        target.position(at);
    }

    private void window(RgbImage image, Resampler.Rows target) {
        int width = image.width();
        int height = image.height();
        if ((long) width * height > limits.maxPixels()) {
            throw new IllegalArgumentException(
                    "the picture may have at most " + limits.maxPixels() + " pixels, found " + width + " x " + height);
        }
        long edge = preprocessing.resizeShortEdge();
        long newWidth = width < height ? edge : edge * width / height;
        long newHeight = width < height ? edge * height / width : edge;
        int side = preprocessing.crop();
        PillowResize.window(
                image,
                preprocessing.interpolation(),
                newWidth,
                newHeight,
                halfEven(newWidth - side),
                halfEven(newHeight - side),
                side,
                side,
                target);
    }

    /** Half of a number that is not negative, rounded to even when it ends in one half. */
    private static long halfEven(long twice) {
        return (twice / 2) + (twice & (twice / 2) & 1);
    }
}
