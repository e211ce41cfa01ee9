package io.mocozoo.evaluate;

import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * Which classes of an image with many labels count as predicted.
 *
 * @param threshold the least score; wins over {@code topk}; 0.5 if neither is given
 * @param topk how many of the highest scores, at least 1
 */
public record MultiLabelRule(OptionalDouble threshold, OptionalInt topk) {
    /** Scores of at least 0.5, as the reference has it. */
    public static final MultiLabelRule USUAL = new MultiLabelRule(OptionalDouble.empty(), OptionalInt.empty());
}
