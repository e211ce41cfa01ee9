package io.mocozoo.train.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The values a chart shows, and where its ticks stand.
 *
 * @param least where it begins; positive if logarithmic
 * @param greatest where it ends, beyond least
 * @param logarithmic whether equal ratios are equal lengths
 */
record Axis(double least, double greatest, boolean logarithmic) {
    /** An axis with room for values from one to another, and a little more. */
    static Axis around(double least, double greatest, boolean logarithmic) {
        if (logarithmic) {
            double ratio = Math.max(1.2, Math.pow(greatest / least, 0.05));
            return new Axis(least / ratio, greatest * ratio, true);
        }
        double margin = greatest > least ? 0.05 * (greatest - least) : Math.max(1e-9, Math.abs(greatest) * 0.1);
        double from = least - margin;
        return new Axis(least >= 0 && from < 0 ? 0 : from, greatest + margin, false); // none of ours is below 0
    }

    /** Where a value lies, from 0 to 1. */
    double at(double value) {
        return logarithmic
                ? Math.log(value / least) / Math.log(greatest / least)
                : (value - least) / (greatest - least);
    }

    /** Round values along the axis, about as many as asked for. */
    List<Double> ticks(int about) {
        return logarithmic && greatest / least >= 10 ? powers(about) : even(about);
    }

    private List<Double> even(int about) {
        double raw = (greatest - least) / about;
        double power = Math.pow(10, Math.floor(Math.log10(raw)));
        double step = power;
        for (double factor : new double[] {2, 5, 10}) {
            if (step < 0.75 * raw) {
                step = factor * power;
            }
        }
        List<Double> ticks = new ArrayList<>();
        long last = (long) Math.floor(greatest / step + 1e-9);
        for (long i = (long) Math.ceil(least / step - 1e-9); i <= last; i++) {
            ticks.add(i * step);
        }
        return ticks;
    }

    private List<Double> powers(int about) {
        int first = (int) Math.ceil(Math.log10(least));
        int last = (int) Math.floor(Math.log10(greatest));
        int every = Math.max(1, (last - first + about) / about);
        List<Double> ticks = new ArrayList<>();
        for (int exponent = first; exponent <= last; exponent += every) {
            ticks.add(Math.pow(10, exponent));
            if (last - first < 2) { // one decade needs more than its ends
                ticks.add(2 * Math.pow(10, exponent));
                ticks.add(5 * Math.pow(10, exponent));
            }
        }
        if (last - first < 2) {
            ticks.add(5 * Math.pow(10, first - 1));
            ticks.add(2 * Math.pow(10, first - 1));
        }
        ticks.removeIf(t -> t < least || t > greatest);
        return ticks;
    }

    /** A number in few letters: 0.0125, 3.2, 1,200, 45k, 1.2M, 3e-6. */
    static String text(double value) {
        double size = Math.abs(value);
        if (size == 0) {
            return "0";
        }
        if (size < 9.995e-4 || size >= 1e12) {
            return trimmed(String.format(Locale.ROOT, "%.2e", value))
                    .replace("e-0", "e-")
                    .replace("e+", "e");
        }
        if (size >= 1e6) {
            return trimmed(String.format(Locale.ROOT, "%.3g", size >= 1e9 ? value / 1e9 : value / 1e6))
                    + (size >= 1e9 ? "G" : "M");
        }
        if (size >= 1e4) {
            return trimmed(String.format(Locale.ROOT, size >= 1e5 ? "%.0f" : "%.1f", value / 1e3)) + "k";
        }
        if (size >= 1000) {
            return String.format(Locale.ROOT, "%,.0f", value);
        }
        int decimals = Math.max(0, 2 - (int) Math.floor(Math.log10(size)));
        return trimmed(String.format(Locale.ROOT, "%." + decimals + "f", value));
    }

    /** Without zeros that say nothing. */
    private static String trimmed(String number) {
        int exponent = number.indexOf('e');
        String digits = exponent < 0 ? number : number.substring(0, exponent);
        String tail = exponent < 0 ? "" : number.substring(exponent);
        return (digits.contains(".") ? digits.replaceFirst("\\.?0+$", "") : digits) + tail;
    }
}
