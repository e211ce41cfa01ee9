package io.mocozoo.evaluate.report;

import static io.mocozoo.evaluate.report.Html.escape;
import static io.mocozoo.evaluate.report.Html.number;
import static io.mocozoo.evaluate.report.Html.whole;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mocozoo.evaluate.file.CsvFile;
import io.mocozoo.evaluate.file.JsonFiles;
import io.mocozoo.store.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** compare.html beside a comparison's compare.json and compare.csv. */
public final class ComparisonReport {
    private static final int MOST_IMAGES = 200;

    private ComparisonReport() {}

    /** Writes the page; gives its path. */
    public static Path write(Path folder) throws IOException {
        ObjectNode json = JsonFiles.read(folder.resolve("compare.json"));
        String before = json.path("before").asText();
        String after = json.path("after").asText();
        Html page = new Html(before + " and " + after);
        page.raw("<h1>" + escape(after) + "</h1>")
                .soft("against " + before + ", " + whole(json.path("images").longValue()) + " images");
        JsonNode difference = json.path("difference");
        page.raw("<div class=\"cards\">")
                .card(
                        "difference of top-1",
                        String.format(
                                Locale.ROOT,
                                "%+.2f %%",
                                difference.path("percent").doubleValue()),
                        number(difference.path("low").doubleValue(), 2) + " to "
                                + number(difference.path("high").doubleValue(), 2) + ", "
                                + difference.path("interval").asText())
                .card(
                        "McNemar's p",
                        String.format(
                                Locale.ROOT,
                                "%.3g",
                                json.path("mcNemar").path("p").doubleValue()),
                        "of a split at least as uneven, were both equally good")
                .card("gained", whole(json.path("gained").longValue()), "images that only the second has right")
                .card("lost", whole(json.path("lost").longValue()), "images that only the first has right")
                .raw("</div>");
        page.raw("<table>").row(true, "", "top-1", "95 %");
        for (String which : List.of("before", "after")) {
            JsonNode top1 = json.path("top1").path(which);
            page.row(
                    false,
                    json.path(which).asText(),
                    number(top1.path("percent").doubleValue(), 2) + " %",
                    number(top1.path("low").doubleValue(), 2) + " to "
                            + number(top1.path("high").doubleValue(), 2));
        }
        page.raw("</table>").heading("By class").raw("<div class=\"wide\"><table>");
        page.row(true, "class", "images", "right before", "right after", "gained", "lost");
        for (JsonNode one : json.path("classes")) {
            page.row(
                    false,
                    one.path("name").asText(),
                    whole(one.path("images").longValue()),
                    whole(one.path("before").longValue()),
                    whole(one.path("after").longValue()),
                    whole(one.path("gained").longValue()),
                    whole(one.path("lost").longValue()));
        }
        page.raw("</table></div>");
        Map<String, String> names = new HashMap<>();
        json.path("classes")
                .forEach(one ->
                        names.put(one.path("label").asText(), one.path("name").asText()));
        images(folder, page, names, "gained");
        images(folder, page, names, "lost");
        Path target = folder.resolve("compare.html");
        AtomicFile.write(target, page.finished().getBytes(StandardCharsets.UTF_8));
        return target;
    }

    private static void images(Path folder, Html page, Map<String, String> names, String change) throws IOException {
        List<String[]> rows = new ArrayList<>();
        CsvFile.read(folder.resolve("compare.csv"), (line, row) -> {
            if (line > 1 && row.length == 5 && row[2].equals(change) && rows.size() < MOST_IMAGES) {
                rows.add(row);
            }
        });
        page.heading("Images " + change).raw("<div class=\"wide\"><table id=\"" + change + "\">");
        page.row(true, "image", "label", "before", "after");
        rows.forEach(row -> page.row(false, row[0], named(names, row[1]), named(names, row[3]), named(names, row[4])));
        page.raw("</table></div>");
        page.soft(rows.size() < MOST_IMAGES ? "" : "The first " + MOST_IMAGES + "; compare.csv has all.");
    }

    /** A class by its name and number; by its number where no image is of it, and nothing for an unreadable image. */
    private static String named(Map<String, String> names, String label) {
        String name = names.getOrDefault(label, label);
        return name.equals(label) ? label : name + " (" + label + ")";
    }
}
