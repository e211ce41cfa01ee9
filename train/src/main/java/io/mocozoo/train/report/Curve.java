package io.mocozoo.train.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A number over the steps of a training, thinned to at most {@value #MOST_SPANS} spans of lines while it is read in their
 * order. Least and greatest of a span are those of all its values; its median too, up to {@value #MOST_KEPT} lines a span
 * and of an even choice among them beyond.
 */
final class Curve {
    static final int MOST_SPANS = 360;
    private static final int MOST_KEPT = 16_384;

    private final String field;
    private final long linesPerSpan;
    private final long stride;
    private final List<Span> spans = new ArrayList<>();

    private double[] kept = new double[16];
    private int keptCount;
    private long span;
    private long from;
    private long to;
    private double spanLeast = Double.POSITIVE_INFINITY;
    private double spanGreatest = Double.NEGATIVE_INFINITY;
    private Extremes extremes = new Extremes(0, 0, 0, 0, 0);

    /**
     * The values of some lines that follow each other.
     *
     * @param from the first value's step
     * @param to the last value's
     */
    record Span(long from, long to, double least, double median, double greatest) {
        double middle() {
            return (from + to) / 2.0;
        }
    }

    /**
     * All values in brief.
     *
     * @param count how many
     * @param greatestStep the first step that reached the greatest
     */
    record Extremes(long count, double last, double least, double greatest, long greatestStep) {
        Extremes with(long step, double value) {
            if (count == 0) {
                return new Extremes(1, value, value, value, step);
            }
            boolean greater = value > greatest;
            return new Extremes(
                    count + 1,
                    value,
                    Math.min(least, value),
                    greater ? value : greatest,
                    greater ? step : greatestStep);
        }
    }

    /**
     * A curve without values.
     *
     * @param field whose values it takes
     * @param lines how many lines will be read, at most
     */
    Curve(String field, long lines) {
        this.field = field;
        this.linesPerSpan = Math.max(1, (lines + MOST_SPANS - 1) / MOST_SPANS);
        this.stride = (linesPerSpan + MOST_KEPT - 1) / MOST_KEPT;
    }

    String field() {
        return field;
    }

    /** Takes a value; lines are counted from 0 and only grow. */
    void add(long line, long step, double value) {
        if (keptCount > 0 && line / linesPerSpan != span) {
            finishSpan();
        }
        if (keptCount == 0) {
            span = line / linesPerSpan;
            from = step;
        }
        to = step;
        spanLeast = Math.min(spanLeast, value);
        spanGreatest = Math.max(spanGreatest, value);
        extremes = extremes.with(step, value);
        if (keptCount == 0 || line % stride == 0) {
            if (keptCount == kept.length) {
                kept = Arrays.copyOf(kept, 2 * keptCount);
            }
            kept[keptCount++] = value;
        }
    }

    private void finishSpan() {
        Arrays.sort(kept, 0, keptCount);
        double median = (kept[(keptCount - 1) / 2] + kept[keptCount / 2]) / 2;
        spans.add(new Span(from, to, spanLeast, median, spanGreatest));
        keptCount = 0;
        spanLeast = Double.POSITIVE_INFINITY;
        spanGreatest = Double.NEGATIVE_INFINITY;
    }

    /** What was read so far. */
    List<Span> spans() {
        if (keptCount > 0) {
            finishSpan();
        }
        return List.copyOf(spans);
    }

    boolean isEmpty() {
        return extremes.count() == 0;
    }

    Extremes extremes() {
        return extremes;
    }
}
