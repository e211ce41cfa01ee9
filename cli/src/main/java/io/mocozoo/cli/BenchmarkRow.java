package io.mocozoo.cli;

import java.util.List;
import java.util.Locale;

/** A measurement: its median, and the values a tenth from the best and from the worst. */
record BenchmarkRow(String what, String unit, double median, double best, double worst) {
    /** Times in milliseconds; seconds come sorted. */
    static BenchmarkRow milliseconds(String what, List<Double> sorted) {
        return new BenchmarkRow(what, "ms", 1e3 * at(sorted, 0.5), 1e3 * at(sorted, 0.1), 1e3 * at(sorted, 0.9));
    }

    /** Images a second, from the seconds of so many images; seconds come sorted. */
    static BenchmarkRow perSecond(String what, int count, List<Double> sorted) {
        return new BenchmarkRow(
                what, "images/s", count / at(sorted, 0.5), count / at(sorted, 0.1), count / at(sorted, 0.9));
    }

    /** Shares in percent, the least the best; they come sorted. */
    static BenchmarkRow percent(String what, List<Double> sorted) {
        return new BenchmarkRow(what, "%", 100 * at(sorted, 0.5), 100 * at(sorted, 0.1), 100 * at(sorted, 0.9));
    }

    /** The value at a share of a sorted list. */
    static double at(List<Double> sorted, double share) {
        return sorted.get((int) Math.round(share * (sorted.size() - 1)));
    }

    /** A figure as it is printed. */
    static String number(double value) {
        return String.format(Locale.ROOT, Math.abs(value) < 100 ? "%.2f" : "%.0f", value);
    }
}
