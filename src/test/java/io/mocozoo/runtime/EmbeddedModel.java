package io.mocozoo.runtime;

import io.mocozoo.Zoo;
import io.mocozoo.image.RgbImage;
import java.nio.file.Path;
import java.util.SplittableRandom;

/** The embedded model, for tests that need one that runs in an instant. */
final class EmbeddedModel {
    static final String NAME = "vit-tiny-p8_shapes";

    private EmbeddedModel() {}

    static Zoo zoo(Path cache) {
        return Zoo.builder().cache(cache).device(Device.CPU).build();
    }

    /** A picture of noise, larger than any crop. */
    static RgbImage noise(int seed) {
        byte[] pixels = new byte[90 * 70 * 3];
        new SplittableRandom(seed).nextBytes(pixels);
        return new RgbImage(90, 70, pixels);
    }
}
