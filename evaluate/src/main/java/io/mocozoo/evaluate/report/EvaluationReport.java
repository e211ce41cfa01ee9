package io.mocozoo.evaluate.report;

import static io.mocozoo.evaluate.report.Html.escape;
import static io.mocozoo.evaluate.report.Html.number;
import static io.mocozoo.evaluate.report.Html.whole;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mocozoo.evaluate.file.CsvFile;
import io.mocozoo.evaluate.file.JsonFiles;
import io.mocozoo.evaluate.file.RunException;
import io.mocozoo.store.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** report.html of an evaluation's run: one page, made of the files in the run's folder alone. */
public final class EvaluationReport {
    private static final String METRICS = "metrics.json";
    private static final String RUN = "run.json";
    private static final int MOST_BARS = 60;
    private static final Pattern BASE64 = Pattern.compile("[A-Za-z0-9+/=]+");

    private final Path folder;
    private final ObjectNode metrics;
    private final ObjectNode run;
    private final ObjectNode provenance;
    private final Html page;
    private final List<String> names = new ArrayList<>();
    private final List<Charts.Bar> recalls = new ArrayList<>();
    private final Map<String, Integer> places = new HashMap<>();

    private EvaluationReport(Path folder) throws IOException {
        this.folder = folder;
        this.metrics = JsonFiles.read(folder.resolve(METRICS));
        this.run = JsonFiles.read(folder.resolve(RUN));
        this.provenance = JsonFiles.read(folder.resolve("provenance.json"));
        this.page = new Html(metrics.path("model").asText() + ": evaluation");
    }

    /** Whether a folder holds a finished run of an evaluation. */
    public static boolean isRun(Path folder) {
        return Files.isRegularFile(folder.resolve(METRICS)) && Files.isRegularFile(folder.resolve(RUN));
    }

    /**
     * Writes the page; gives its path.
     *
     * @throws RunException if the folder holds no finished run
     */
    public static Path write(Path run) throws IOException {
        if (!isRun(run)) {
            throw new RunException(run + ": expected a finished evaluation with " + METRICS + " and " + RUN
                    + ", found none; finish it with evaluate --resume");
        }
        Path target = run.resolve("report.html");
        AtomicFile.write(target, new EvaluationReport(run).html().getBytes(StandardCharsets.UTF_8));
        return target;
    }

    private String html() throws IOException {
        readClasses();
        headline();
        likelihood();
        drawings();
        classes();
        confusion();
        examples();
        stages();
        provenance();
        return page.finished();
    }

    private void readClasses() throws IOException {
        CsvFile.read(folder.resolve("per_class.csv"), (line, row) -> {
            if (line == 1) {
                return;
            }
            if (row.length < 11) {
                throw new RunException(folder.resolve("per_class.csv") + ", line " + line
                        + ": expected 11 fields, found " + row.length);
            }
            places.put(row[0], names.size());
            names.add(row[1]);
            recalls.add(new Charts.Bar(
                    row[1],
                    Double.parseDouble(row[7]),
                    Double.parseDouble(row[9]),
                    Double.parseDouble(row[10]),
                    row[5] + " of " + row[2] + " images, precision " + row[6] + " %"));
        });
    }

    private void headline() {
        long unreadable = metrics.path("unreadable").path("count").longValue();
        long leftOut = metrics.path("withoutLabel").longValue();
        page.raw("<h1>" + escape(metrics.path("model").asText()) + "</h1>");
        page.soft(whole(metrics.path("images").longValue()) + " images, "
                + (leftOut == 0 ? "" : whole(leftOut) + " of them left out by the label map, ")
                + whole(metrics.path("classes").longValue()) + " classes, "
                + (unreadable == 0
                        ? "all readable"
                        : whole(unreadable) + " unreadable ("
                                + (metrics.path("unreadable")
                                                .path("policy")
                                                .asText()
                                                .equals("wrong")
                                        ? "counted as wrong"
                                        : "left out")
                                + ")")
                + ", finished " + run.path("finished").asText());
        overridden();
        page.raw("<div class=\"cards\">");
        metrics.path("accuracy")
                .properties()
                .forEach(entry -> page.card(
                        entry.getKey().equals("classMean")
                                ? "mean over classes"
                                : entry.getKey().replace("top", "top-"),
                        number(entry.getValue().path("percent").doubleValue(), 2) + " %",
                        number(entry.getValue().path("low").doubleValue(), 2) + " to "
                                + number(entry.getValue().path("high").doubleValue(), 2) + ", "
                                + entry.getValue().path("interval").asText()));
        for (JsonNode result : metrics.path("published")) {
            double value = result.path("value").doubleValue();
            JsonNode own =
                    metrics.path("accuracy").path(result.path("metric").asText().replace("-", ""));
            page.card(
                    "published " + result.path("metric").asText() + ", "
                            + result.path("dataset").asText(),
                    number(value, 2) + " %",
                    own.isMissingNode()
                            ? ""
                            : "measured here: "
                                    + String.format(
                                            java.util.Locale.ROOT,
                                            "%+.2f",
                                            own.path("percent").doubleValue() - value));
        }
        page.raw("</div>");
        if (metrics.path("published").isEmpty()) {
            page.soft("No figure is published for this model and this preprocessing.");
        }
    }

    /** What of the preprocessing is not the card's. */
    private void overridden() {
        List<String> others = new ArrayList<>();
        for (Map.Entry<String, JsonNode> of :
                provenance.path("preprocessingOfCard").properties()) {
            JsonNode here = provenance.path("preprocessing").path(of.getKey());
            if (!here.equals(of.getValue())) {
                others.add(of.getKey() + " " + here.asText() + " instead of the card's "
                        + of.getValue().asText());
            }
        }
        if (!others.isEmpty()) {
            page.paragraph("Other preprocessing than the card's: " + String.join(", ", others) + ".");
        }
    }

    private void likelihood() {
        if (!metrics.has("likelihood")) {
            return;
        }
        JsonNode calibration = metrics.path("calibration");
        JsonNode scaled = calibration.path("temperature");
        page.heading("Likelihood and calibration");
        page.raw("<table>")
                .row(true, "", "as it is", "with temperature")
                .row(
                        false,
                        "negative log-likelihood (nats)",
                        number(metrics.path("likelihood").path("nll").doubleValue(), 4),
                        number(scaled.path("nll").doubleValue(), 4))
                .row(
                        false,
                        "Brier score",
                        number(metrics.path("likelihood").path("brier").doubleValue(), 4),
                        "")
                .row(
                        false,
                        "calibration error, " + calibration.path("bins").intValue() + " bins",
                        number(calibration.path("ece").doubleValue(), 4),
                        number(scaled.path("ece").doubleValue(), 4))
                .row(
                        false,
                        "calibration error, bins of equal size",
                        number(calibration.path("adaptiveEce").doubleValue(), 4),
                        number(scaled.path("adaptiveEce").doubleValue(), 4))
                .row(
                        false,
                        "temperature of even and odd images",
                        "1",
                        number(scaled.path("ofEvenImages").doubleValue(), 3) + ", "
                                + number(scaled.path("ofOddImages").doubleValue(), 3))
                .raw("</table>");
        page.soft("Each half of the images is scaled by the temperature that fits the other half.");
    }

    private void drawings() {
        if (!metrics.has("calibration")) {
            return;
        }
        page.raw("<div class=\"pair\"><div id=\"reliability\"><h2>Reliability</h2>")
                .raw(Charts.reliability(metrics.path("calibration").path("reliability")))
                .soft("The nearer to the line, the better; the darker, the more images.")
                .raw("</div><div id=\"coverage\"><h2>Coverage and risk</h2>")
                .raw(Charts.coverageRisk(metrics.path("coverageRisk").path("curve")))
                .soft("Mistakes among the surest answers; area "
                        + number(metrics.path("coverageRisk").path("area").doubleValue(), 4) + ".")
                .raw("</div></div>");
    }

    private void classes() {
        page.heading("Recall by class");
        List<Charts.Bar> sorted = new ArrayList<>(recalls);
        sorted.sort(Comparator.comparingDouble(Charts.Bar::value).thenComparing(Charts.Bar::name));
        if (sorted.size() > MOST_BARS) {
            page.soft("The " + MOST_BARS + " lowest of " + sorted.size() + "; per_class.csv has all.");
        }
        page.raw("<div id=\"classes\">")
                .raw(Charts.bars(sorted.subList(0, Math.min(MOST_BARS, sorted.size())), Charts::shortened))
                .raw("</div>");
    }

    private void confusion() throws IOException {
        Path file = folder.resolve("confusion.csv");
        if (!Files.exists(file)) {
            return;
        }
        List<Charts.Cell> cells = new ArrayList<>();
        CsvFile.read(file, (line, row) -> {
            if (line > 1 && row.length == 3) {
                cells.add(new Charts.Cell(
                        places.getOrDefault(row[0], 0), places.getOrDefault(row[1], 0), Long.parseLong(row[2])));
            }
        });
        page.heading("Confusion");
        page.soft("True classes down, predicted classes across; each row is scaled by its own images.");
        page.raw("<input type=\"checkbox\" id=\"zoom\"><label for=\"zoom\"> zoom</label>")
                .raw("<div class=\"scroll\" id=\"confusion\""
                        + (names.size() < 30 ? " style=\"max-width:40rem\">" : ">"))
                .raw(Charts.heatMap(names, cells))
                .raw("</div>");
        page.raw("<table>").row(true, "most confused", "images");
        for (JsonNode pair : metrics.path("mostConfused")) {
            page.row(
                    false,
                    pair.path("name").asText() + " taken for "
                            + pair.path("takenForName").asText(),
                    whole(pair.path("images").longValue()));
        }
        page.raw("</table>");
    }

    private void examples() throws IOException {
        Path file = folder.resolve("examples.json");
        if (!Files.exists(file)) {
            return;
        }
        ObjectNode examples = JsonFiles.read(file);
        page.heading("Most confident mistakes");
        shots("mistakes", examples.path("confidentMistakes"));
        page.heading("Least confident hits");
        shots("hits", examples.path("unsureHits"));
    }

    private void shots(String id, JsonNode examples) {
        page.raw("<div class=\"shots\" id=\"" + id + "\">");
        for (JsonNode example : examples) {
            String jpeg = example.path("jpeg").asText();
            String picture = BASE64.matcher(jpeg).matches()
                    ? "<img alt=\"\" loading=\"lazy\" src=\"data:image/jpeg;base64," + jpeg + "\">"
                    : "<p class=\"soft\">no picture</p>";
            String attention = example.path("attention").asText();
            if (BASE64.matcher(attention).matches()) {
                picture += "<img alt=\"attention\" loading=\"lazy\" src=\"data:image/jpeg;base64," + attention + "\">";
            }
            boolean hit = example.path("label").equals(example.path("predicted"));
            page.raw("<figure>" + picture + "<figcaption><b>"
                    + escape(example.path("predictedName").asText()) + "</b> "
                    + number(example.path("score").doubleValue(), 3)
                    + (hit ? "" : "<br>is " + escape(example.path("name").asText()))
                    + "<br><span class=\"soft\">" + escape(example.path("path").asText())
                    + "</span></figcaption></figure>");
        }
        page.raw("</div>");
        if (examples.isEmpty()) {
            page.soft("None.");
        }
    }

    private void stages() {
        page.heading("Where the time went");
        page.paragraph(run.path("advice").asText());
        page.soft(number(run.path("imagesPerSecond").doubleValue(), 1) + " images/s, "
                + number(run.path("seconds").doubleValue(), 1) + " s for "
                + whole(run.path("imagesDone").longValue()
                        - run.path("imagesBefore").longValue())
                + " images of the last run, batch " + run.path("batch").intValue() + ", "
                + run.path("processors").intValue() + " processors.");
        if (run.has("occupancy")) { // other machines keep no such books
            stages(run.path("occupancy"));
        }
        page.raw("<p><code>" + escape(run.path("command").asText()) + "</code></p>");
    }

    private void stages(JsonNode occupancy) {
        List<Charts.Bar> bars = new ArrayList<>();
        Map<String, String> words = new java.util.LinkedHashMap<>();
        words.put("read", "reading");
        words.put("decode", "decode, resize, crop");
        words.put("inference", "inference");
        words.put("account", "writing results");
        words.forEach((field, word) -> {
            double share = Math.min(100, 100 * occupancy.path(field).doubleValue());
            bars.add(new Charts.Bar(word, share, share, share, "share of the stage's time"));
        });
        page.raw("<div id=\"stages\">").raw(Charts.bars(bars, name -> name)).raw("</div>");
        page.soft("Share of its time each stage was busy; reading and decoding over "
                + occupancy.path("workers").intValue() + " workers.");
    }

    private void provenance() {
        page.heading("What was measured");
        page.raw("<table>");
        rows("", provenance);
        page.raw("</table>");
    }

    private void rows(String path, JsonNode node) {
        if (node.isObject()) {
            node.properties().forEach(e -> rows(path.isEmpty() ? e.getKey() : path + "." + e.getKey(), e.getValue()));
            return;
        }
        page.raw("<tr><td>" + escape(path) + "</td><td>" + escape(node.isTextual() ? node.textValue() : node.toString())
                + "</td></tr>");
    }
}
