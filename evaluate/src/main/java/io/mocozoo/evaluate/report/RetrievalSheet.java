package io.mocozoo.evaluate.report;

import static io.mocozoo.evaluate.report.Html.escape;
import static io.mocozoo.evaluate.report.Html.number;

import io.mocozoo.store.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** A page of queries with the images nearest to each. */
public final class RetrievalSheet {
    private RetrievalSheet() {}

    /**
     * A picture with what stands below it.
     *
     * @param jpeg in Base64; empty for none
     * @param name of the image
     * @param similarity to the query, in -1..1
     */
    public record Shot(String jpeg, String name, double similarity) {}

    /**
     * A query and what was found, the nearest first.
     *
     * @param query itself; its similarity is 1
     * @param found images
     */
    public record Row(Shot query, List<Shot> found) {
        public Row {
            found = List.copyOf(found);
        }
    }

    /** Writes the page. */
    public static void write(Path target, String title, List<Row> rows) throws IOException {
        Html page = new Html(title);
        page.raw("<h1>" + escape(title) + "</h1>");
        for (Row row : rows) {
            page.heading(row.query.name).raw("<div class=\"shots\">");
            shot(page, row.query, "query");
            row.found.forEach(one -> shot(page, one, number(one.similarity, 4)));
            page.raw("</div>");
        }
        AtomicFile.write(target, page.finished().getBytes(StandardCharsets.UTF_8));
    }

    private static void shot(Html page, Shot shot, String below) {
        String picture = shot.jpeg.isEmpty()
                ? "<p class=\"soft\">no picture</p>"
                : "<img alt=\"\" loading=\"lazy\" src=\"data:image/jpeg;base64," + escape(shot.jpeg) + "\">";
        page.raw("<figure>" + picture + "<figcaption><b>" + escape(below) + "</b><br><span class=\"soft\">"
                + escape(shot.name) + "</span></figcaption></figure>");
    }
}
