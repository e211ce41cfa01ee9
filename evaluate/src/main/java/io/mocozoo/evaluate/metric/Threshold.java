package io.mocozoo.evaluate.metric;

import java.util.List;
import java.util.Locale;

/**
 * What a score must exceed to count as a prediction.
 *
 * @param value the bound; NaN for none
 */
public record Threshold(float value) {
    /** Every score counts, even 0. */
    public static final Threshold NONE = new Threshold(Float.NaN);

    /** The reference's default: a score that underflowed to 0 does not count. */
    public static final List<Threshold> DEFAULT = List.of(new Threshold(0));

    /** Whether a score counts. */
    public boolean passes(float score) {
        return Float.isNaN(value) || score > value;
    }

    /** What the reference appends to a metric's name where there are several thresholds. */
    String suffix(boolean several) {
        if (!several) {
            return "";
        }
        return Float.isNaN(value) ? "_no-thr" : String.format(Locale.ROOT, "_thr-%.2f", value);
    }
}
