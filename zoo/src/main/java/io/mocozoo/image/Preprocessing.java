package io.mocozoo.image;

import java.util.List;
import java.util.Objects;

/**
 * What a model eats: resize the short edge, crop the centre, normalise.
 *
 * @param resizeShortEdge length of the short edge after resizing, in pixels, at least {@code crop}
 * @param interpolation how the resize weighs its source pixels
 * @param crop side of the centre square that the model is fed, in pixels, at least 1
 * @param mean per channel in R, G, B order, on the scale 0 to 255
 * @param std per channel in R, G, B order, on the scale 0 to 255, above 0
 */
public record Preprocessing(
        int resizeShortEdge, Interpolation interpolation, int crop, List<Double> mean, List<Double> std) {
    private static final int MAX_EDGE = 16_384; // a crop of this size still fits one array: 3 * 16384^2 < 2^31

    /**
     * Checks every number.
     *
     * @throws IllegalArgumentException if an edge, a mean or a standard deviation is out of its range
     */
    public Preprocessing {
        Objects.requireNonNull(interpolation, "interpolation");
        if (crop < 1 || crop > MAX_EDGE) {
            throw new IllegalArgumentException("crop must be 1 to " + MAX_EDGE + " pixels, found " + crop);
        }
        if (resizeShortEdge < crop || resizeShortEdge > MAX_EDGE) {
            throw new IllegalArgumentException("resizeShortEdge must be at least the crop of " + crop + " and at most "
                    + MAX_EDGE + " pixels, found " + resizeShortEdge);
        }
        mean = List.copyOf(mean);
        std = List.copyOf(std);
        if (mean.size() != 3 || !mean.stream().allMatch(Double::isFinite)) {
            throw new IllegalArgumentException("mean must be three finite numbers (R, G, B), found " + mean);
        }
        if (std.size() != 3 || !std.stream().allMatch(s -> Double.isFinite(s) && s.floatValue() > 0)) {
            throw new IllegalArgumentException("std must be three positive numbers (R, G, B), found " + std);
        }
    }

    /**
     * One sample as the network sees it: {@code (value - mean) / std} in float32, by a true division (multiplying by
     * a reciprocal rounds differently).
     *
     * @param channel 0, 1, 2 for R, G, B
     * @param value 0 to 255
     * @return the normalised sample
     */
    public float normalise(int channel, int value) {
        return (value - mean.get(channel).floatValue()) / std.get(channel).floatValue();
    }
}
