package io.mocozoo.evaluate.report;

import static io.mocozoo.evaluate.report.Html.escape;
import static io.mocozoo.evaluate.report.Html.number;
import static io.mocozoo.evaluate.report.Html.whole;

import com.fasterxml.jackson.databind.JsonNode;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Base64;
import java.util.List;
import java.util.function.UnaryOperator;
import javax.imageio.ImageIO;

/** Drawings that need nothing else; all numbers are shown when pointed at. */
final class Charts {
    private static final int MOST_CELLS_DRAWN = 60;
    private static final String LINE = "stroke=\"var(--line)\"";

    private Charts() {}

    /** A class and one of its figures with the interval around it, in percent. */
    record Bar(String name, double value, double low, double high, String note) {}

    /** Two classes and how many images of the one were taken for the other, by their places in a list of classes. */
    record Cell(int row, int column, long count) {}

    /** Accuracy over confidence; the diagonal is perfection, the bars' darkness the number of images. */
    static String reliability(JsonNode bins) {
        StringBuilder svg = square("confidence", "accuracy");
        long most = 1;
        for (JsonNode bin : bins) {
            most = Math.max(most, bin.path("images").longValue());
        }
        for (JsonNode bin : bins) {
            long images = bin.path("images").longValue();
            if (images == 0) {
                continue;
            }
            double left = 40 + 300 * bin.path("low").doubleValue();
            double width =
                    300 * (bin.path("high").doubleValue() - bin.path("low").doubleValue());
            double height = 300 * bin.path("accuracy").doubleValue();
            svg.append("<rect x=\"")
                    .append(number(left + 1, 1))
                    .append("\" y=\"")
                    .append(number(310 - height, 1))
                    .append("\" width=\"")
                    .append(number(width - 2, 1))
                    .append("\" height=\"")
                    .append(number(height, 1))
                    .append("\" fill=\"var(--a)\" opacity=\"")
                    .append(number(0.25 + 0.75 * images / most, 2))
                    .append("\"><title>")
                    .append(escape(whole(images) + " images, confidence "
                            + number(bin.path("confidence").doubleValue(), 3) + ", accuracy "
                            + number(bin.path("accuracy").doubleValue(), 3)))
                    .append("</title></rect>");
        }
        return svg.append("<line x1=\"40\" y1=\"310\" x2=\"340\" y2=\"10\" stroke=\"var(--b)\" stroke-dasharray=\"5"
                        + " 4\"/></svg>")
                .toString();
    }

    /** Share of wrong answers over share of images answered, the surest first. */
    static String coverageRisk(JsonNode curve) {
        StringBuilder svg = square("coverage", "risk");
        StringBuilder path = new StringBuilder();
        for (JsonNode point : curve) {
            path.append(path.isEmpty() ? "M" : " L")
                    .append(number(40 + 300 * point.path("coverage").doubleValue(), 1))
                    .append(' ')
                    .append(number(310 - 300 * point.path("risk").doubleValue(), 1));
        }
        return svg.append("<path d=\"")
                .append(path)
                .append("\" fill=\"none\" stroke=\"var(--a)\" stroke-width=\"2\"/></svg>")
                .toString();
    }

    private static StringBuilder square(String across, String up) {
        StringBuilder svg = new StringBuilder("<svg viewBox=\"0 0 350 345\" role=\"img\" aria-label=\"" + escape(up)
                + " over " + escape(across) + "\">");
        for (int i = 0; i <= 5; i++) {
            String label = number(i / 5.0, 1);
            svg.append("<line x1=\"40\" x2=\"340\" y1=\"")
                    .append(310 - 60 * i)
                    .append("\" y2=\"")
                    .append(310 - 60 * i)
                    .append("\" ")
                    .append(LINE)
                    .append("/><text x=\"34\" y=\"")
                    .append(314 - 60 * i)
                    .append("\" text-anchor=\"end\">")
                    .append(label)
                    .append("</text><text x=\"")
                    .append(40 + 60 * i)
                    .append("\" y=\"325\" text-anchor=\"middle\">")
                    .append(label)
                    .append("</text>");
        }
        return svg.append("<text x=\"190\" y=\"341\" text-anchor=\"middle\">")
                .append(escape(across))
                .append("</text><text x=\"11\" y=\"160\" text-anchor=\"middle\" transform=\"rotate(-90 11 160)\">")
                .append(escape(up))
                .append("</text>");
    }

    /** Bars of 0 to 100 percent, one a line, with their intervals; in HTML, so that texts keep their size on a phone. */
    static String bars(List<Bar> bars, UnaryOperator<String> shown) {
        StringBuilder html = new StringBuilder("<div class=\"bars\">");
        for (Bar bar : bars) {
            String all = bar.name + ": " + number(bar.value, 2) + " % [" + number(bar.low, 2) + ", "
                    + number(bar.high, 2) + "], " + bar.note;
            html.append("<span>")
                    .append(escape(shown.apply(bar.name)))
                    .append("</span><span class=\"track\" title=\"")
                    .append(escape(all))
                    .append("\"><i style=\"width:")
                    .append(number(bar.value, 1))
                    .append("%\"></i><b style=\"left:")
                    .append(number(bar.low, 1))
                    .append("%;width:")
                    .append(number(bar.high - bar.low, 1))
                    .append("%\"></b></span><span class=\"n\">")
                    .append(number(bar.value, 1))
                    .append("</span>");
        }
        html.append("<span></span><span class=\"axis soft\">");
        for (int percent = 0; percent <= 100; percent += 25) {
            html.append("<span>").append(percent).append(" %</span>");
        }
        return html.append("</span><span></span></div>").toString();
    }

    /** True classes down, predicted classes across; each row is scaled by its own images. */
    static String heatMap(List<String> names, List<Cell> cells) throws IOException {
        long[] rows = new long[names.size()];
        cells.forEach(cell -> rows[cell.row] += cell.count);
        if (names.size() > MOST_CELLS_DRAWN) {
            return heatImage(names.size(), cells, rows);
        }
        int left = 90;
        int side = 14;
        int size = left + side * names.size() + 4;
        StringBuilder svg =
                new StringBuilder("<svg viewBox=\"0 0 " + size + " " + (size - left + 60) + "\" style=\"min-width:"
                        + Math.min(2 * size, 330) + "px\" role=\"img\" aria-label=\"confusion matrix\">");
        for (int i = 0; i < names.size(); i++) {
            int at = side * i;
            svg.append("<text x=\"")
                    .append(left - 4)
                    .append("\" y=\"")
                    .append(at + 11)
                    .append("\" text-anchor=\"end\" style=\"font-size:9px\">")
                    .append(escape(shortened(names.get(i))))
                    .append("</text><text style=\"font-size:9px\" text-anchor=\"end\" transform=\"translate(")
                    .append(left + at + 10)
                    .append(' ')
                    .append(side * names.size() + 6)
                    .append(") rotate(-60)\">")
                    .append(escape(shortened(names.get(i))))
                    .append("</text>");
        }
        for (Cell cell : cells) {
            svg.append("<rect x=\"")
                    .append(left + side * cell.column)
                    .append("\" y=\"")
                    .append(side * cell.row)
                    .append("\" width=\"13\" height=\"13\" fill=\"var(")
                    .append(cell.row == cell.column ? "--a" : "--b")
                    .append(")\" opacity=\"")
                    .append(number(0.1 + 0.9 * cell.count / Math.max(1, rows[cell.row]), 2))
                    .append("\"><title>")
                    .append(escape(names.get(cell.row) + " taken for " + names.get(cell.column) + ": "
                            + whole(cell.count) + " of " + whole(rows[cell.row])))
                    .append("</title></rect>");
        }
        return svg.append("</svg>").toString();
    }

    /** A pixel a cell, where there are too many to draw. */
    private static String heatImage(int classes, List<Cell> cells, long[] rows) throws IOException {
        BufferedImage image = new BufferedImage(classes, classes, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < classes; y++) {
            for (int x = 0; x < classes; x++) {
                image.setRGB(x, y, 0xffffff);
            }
        }
        for (Cell cell : cells) {
            double share = Math.sqrt(cell.count / (double) Math.max(1, rows[cell.row]));
            int pale = (int) Math.round(225 * (1 - share));
            image.setRGB(
                    cell.column,
                    cell.row,
                    cell.row == cell.column ? pale << 16 | pale << 8 | 255 : 255 << 16 | pale << 8 | pale);
        }
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        ImageIO.write(image, "png", png);
        return "<img alt=\"confusion matrix\" src=\"data:image/png;base64,"
                + Base64.getEncoder().encodeToString(png.toByteArray()) + "\">";
    }

    /** A name that fits beside a drawing. */
    static String shortened(String name) {
        return name.codePointCount(0, name.length()) <= 16
                ? name
                : name.substring(0, name.offsetByCodePoints(0, 15)) + "\u2026";
    }
}
