package io.mocozoo.train.augment;

import io.mocozoo.image.RgbImage;
import java.nio.FloatBuffer;
import java.util.random.RandomGenerator;

/** One way to augment images. Safe for many threads: all randomness comes in from outside. */
public interface View {
    /** The side of the square result, in pixels. */
    int side();

    /**
     * Augments an image and writes it normalised.
     *
     * @param image decoded, any size
     * @param random decides; the same numbers give the same view
     * @param target takes 3 x side x side values, channel by channel; its position advances
     */
    void apply(RgbImage image, RandomGenerator random, FloatBuffer target);
}
