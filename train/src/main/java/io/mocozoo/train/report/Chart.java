package io.mocozoo.train.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * A figure of one or two curves over steps, as SVG: the line is the median of each span of steps, the band behind it
 * reaches from least to greatest.
 *
 * @param title what is shown
 * @param unit what follows the values in the caption
 * @param logarithmic whether the upright axis is; values of 0 and less are then left out
 * @param series the curves; those without values are left out
 */
record Chart(String title, String unit, boolean logarithmic, List<Series> series) {
    private static final int WIDTH = 480;
    private static final int HEIGHT = 250;
    private static final int LEFT = 52;
    private static final int RIGHT = 20;
    private static final int TOP = 12;
    private static final int BOTTOM = 28;

    /** So few values are marked one by one. */
    private static final int FEW = 60;

    /**
     * A curve and what it is called.
     *
     * @param name in the caption
     */
    record Series(String name, Curve curve) {
        private List<Curve.Span> spans(boolean logarithmic) {
            Stream<Curve.Span> spans = curve.spans().stream();
            return (logarithmic ? spans.filter(s -> s.median() > 0) : spans).toList();
        }
    }

    Chart {
        series = series.stream().filter(s -> !s.curve().isEmpty()).toList();
    }

    boolean isEmpty() {
        return series.stream().allMatch(s -> s.spans(logarithmic).isEmpty());
    }

    /** The figure with its caption, as HTML. */
    String html() {
        StringBuilder html = new StringBuilder(1 << 14);
        html.append("<figure>\n<h2>").append(Html.escaped(title)).append("</h2>\n");
        svg(html);
        html.append("<figcaption>");
        for (int i = 0; i < series.size(); i++) {
            Curve.Extremes values = series.get(i).curve().extremes();
            html.append("<span><b class=\"s")
                    .append(i)
                    .append("\">&#9632;</b> ")
                    .append(Html.escaped(series.get(i).name()))
                    .append(": last ")
                    .append(Axis.text(values.last()))
                    .append(Html.escaped(unit))
                    .append(", least ")
                    .append(Axis.text(values.least()))
                    .append(", greatest ")
                    .append(Axis.text(values.greatest()))
                    .append(" (step ")
                    .append(String.format(Locale.ROOT, "%,d", values.greatestStep()))
                    .append(")</span> ");
        }
        return html.append("</figcaption>\n</figure>\n").toString();
    }

    private void svg(StringBuilder html) {
        List<Curve.Span> all =
                series.stream().flatMap(s -> s.spans(logarithmic).stream()).toList();
        Axis across = new Axis(
                all.stream().mapToLong(Curve.Span::from).min().orElse(0),
                Math.max(
                        all.stream().mapToLong(Curve.Span::to).max().orElse(1),
                        1 + all.stream().mapToLong(Curve.Span::from).min().orElse(0)),
                false);
        Axis up = Axis.around(
                all.stream().mapToDouble(this::low).min().orElse(0),
                all.stream().mapToDouble(Curve.Span::greatest).max().orElse(1),
                logarithmic);
        html.append(String.format(
                Locale.ROOT,
                "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s over steps\">%n",
                WIDTH,
                HEIGHT,
                Html.escaped(title)));
        for (double tick : up.ticks(5)) {
            double y = y(up, tick);
            html.append(line("grid", LEFT, y, WIDTH - RIGHT, y));
            html.append(text("end", LEFT - 6, y + 4, Axis.text(tick)));
        }
        for (double tick : across.ticks(4)) {
            double x = x(across, tick);
            html.append(line("grid", x, TOP, x, HEIGHT - BOTTOM));
            html.append(text("middle", x, HEIGHT - BOTTOM + 17, Axis.text(tick)));
        }
        html.append(line("axis", LEFT, HEIGHT - BOTTOM, WIDTH - RIGHT, HEIGHT - BOTTOM));
        html.append(line("axis", LEFT, TOP, LEFT, HEIGHT - BOTTOM));
        for (int i = 0; i < series.size(); i++) {
            draw(html, i, series.get(i).spans(logarithmic), across, up);
        }
        html.append("</svg>\n");
    }

    private void draw(StringBuilder html, int index, List<Curve.Span> spans, Axis across, Axis up) {
        List<String> line = new ArrayList<>();
        List<String> above = new ArrayList<>();
        List<String> below = new ArrayList<>();
        for (Curve.Span span : spans) {
            double x = x(across, span.middle());
            line.add(point(x, y(up, span.median())));
            above.add(point(x, y(up, span.greatest())));
            below.add(0, point(x, y(up, low(span))));
        }
        if (spans.stream().anyMatch(s -> s.greatest() > s.least())) {
            html.append(String.format(
                    "<polygon class=\"band f%d\" points=\"%s %s\"/>%n",
                    index, String.join(" ", above), String.join(" ", below)));
        }
        html.append(String.format("<polyline class=\"line l%d\" points=\"%s\"/>%n", index, String.join(" ", line)));
        if (spans.size() <= FEW) {
            for (Curve.Span span : spans) {
                html.append(String.format(
                        Locale.ROOT,
                        "<circle class=\"f%d\" cx=\"%.1f\" cy=\"%.1f\" r=\"2.5\"/>%n",
                        index,
                        x(across, span.middle()),
                        y(up, span.median())));
            }
        }
    }

    /** On a logarithmic axis there is no place for what is not positive. */
    private double low(Curve.Span span) {
        return logarithmic && span.least() <= 0 ? span.median() : span.least();
    }

    private static double x(Axis across, double step) {
        return LEFT + across.at(step) * (WIDTH - LEFT - RIGHT);
    }

    private static double y(Axis up, double value) {
        return HEIGHT - BOTTOM - up.at(value) * (HEIGHT - TOP - BOTTOM);
    }

    private static String point(double x, double y) {
        return String.format(Locale.ROOT, "%.1f,%.1f", x, y);
    }

    private static String line(String kind, double x1, double y1, double x2, double y2) {
        return String.format(
                Locale.ROOT,
                "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>%n",
                kind,
                x1,
                y1,
                x2,
                y2);
    }

    private static String text(String anchor, double x, double y, String text) {
        return String.format(
                Locale.ROOT, "<text text-anchor=\"%s\" x=\"%.1f\" y=\"%.1f\">%s</text>%n", anchor, x, y, text);
    }
}
