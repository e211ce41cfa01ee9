package io.mocozoo.train.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mocozoo.checkpoint.Checkpoint;
import io.mocozoo.checkpoint.ReadLimits;
import io.mocozoo.store.AtomicFile;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A training on one HTML page that opens without a network: what it reached, its curves, its recipe, the images that could
 * not be read. The log is streamed twice, counted and then thinned, so that millions of steps make a page no larger than
 * hundreds do. The same folder gives the same bytes.
 */
public final class TrainingReport {
    /** The page's name in a work folder. */
    public static final String FILE = "report.html";

    private static final String CHECKPOINT = "last.safetensors";
    private static final String UNREADABLE = "unreadable.txt";
    private static final int MOST_LISTED = 100;
    private static final List<String> FIELDS = List.of(
            "loss",
            "lr",
            "encoder_momentum",
            "grad_norm",
            "first_layer_grad_norm",
            "feature_std",
            "knn_top1",
            "accuracy/top1",
            "accuracy/top5",
            "images_per_second",
            "time",
            "data_time");

    private final Path workDir;
    private final long lines;
    private final Map<String, Curve> curves = new LinkedHashMap<>();
    private Map<String, String> metadata = Map.of();
    private Optional<JsonNode> recipe = Optional.empty();
    private Optional<String> obstacle = Optional.empty();
    private long lastStep;
    private double seconds;

    private TrainingReport(Path workDir, long lines) {
        this.workDir = workDir;
        this.lines = lines;
    }

    /** Whether a folder is one of a training. */
    public static boolean fits(Path folder) {
        return Files.isRegularFile(folder.resolve(Scalars.FILE));
    }

    /**
     * Writes the page of a training's folder, running or done.
     *
     * @param workDir holds {@code scalars.jsonl}, and what else the training wrote
     * @return the page
     * @throws IOException if the log cannot be read or tells of no step
     */
    public static Path write(Path workDir) throws IOException {
        long lines = Scalars.read(workDir, (text, line) -> {});
        if (lines == 0) {
            throw new IOException(workDir.resolve(Scalars.FILE)
                    + " tells of no step yet; expected a line of JSON for each, ask again when the training has begun");
        }
        TrainingReport report = new TrainingReport(workDir, lines);
        report.readScalars();
        report.readCheckpoint();
        Path file = workDir.resolve(FILE);
        AtomicFile.write(file, report.html().getBytes(StandardCharsets.UTF_8));
        return file;
    }

    private void readScalars() throws IOException {
        long[] at = {0};
        Scalars.read(workDir, (text, line) -> {
            if (at[0] == lines) {
                return; // written by a running training since they were counted
            }
            long step = line.path("step").longValue();
            lastStep = Math.max(lastStep, step);
            seconds += line.path("time").asDouble(0);
            for (String field : FIELDS) {
                JsonNode value = line.path(field);
                if (value.isNumber() && Double.isFinite(value.doubleValue())) {
                    curve(field).add(at[0], step, value.doubleValue());
                }
            }
            at[0]++;
        });
    }

    private Curve curve(String field) {
        return curves.computeIfAbsent(field, f -> new Curve(f, lines));
    }

    /** A training that just began has none; one that is damaged is no reason to keep the curves back. */
    private void readCheckpoint() {
        Path last = workDir.resolve(CHECKPOINT);
        if (!Files.exists(last)) {
            obstacle = Optional.of("there is no " + CHECKPOINT + " yet, which holds it");
            return;
        }
        try (Checkpoint checkpoint = Checkpoint.open(last, ReadLimits.DEFAULT)) {
            metadata = checkpoint.metadata();
            String text = metadata.get("recipe");
            if (text == null) {
                obstacle = Optional.of(CHECKPOINT + " holds none");
            } else {
                recipe = Optional.of(new ObjectMapper().readTree(text));
            }
        } catch (IOException e) {
            obstacle = Optional.of(String.valueOf(e.getMessage()));
        }
    }

    private String html() throws IOException {
        String name = recipe.map(r -> r.path("name").asText("training")).orElse("training");
        StringBuilder html = new StringBuilder(1 << 16);
        html.append(
                """
                <!DOCTYPE html>
                <html lang="en">
                <head>
                <meta charset="utf-8">
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <title>%s</title>
                <style>
                %s</style>
                </head>
                <body>
                <h1>%s</h1>
                """
                        .formatted(Html.escaped(name), style(), Html.escaped(name)));
        recipe.map(r -> r.path("about").asText(""))
                .filter(a -> !a.isEmpty())
                .ifPresent(a -> html.append("<p>").append(Html.escaped(a)).append("</p>\n"));
        html.append("<dl>\n");
        headline().forEach((what, text) -> html.append("<div><dt>")
                .append(Html.escaped(what))
                .append("</dt><dd>")
                .append(Html.escaped(text))
                .append("</dd></div>\n"));
        html.append("</dl>\n<main>\n");
        charts().stream().filter(c -> !c.isEmpty()).forEach(c -> html.append(c.html()));
        html.append("</main>\n");
        long together = (lines + Curve.MOST_SPANS - 1) / Curve.MOST_SPANS;
        if (together > 1) {
            html.append("<p class=\"note\">Lines are medians of up to ")
                    .append(together)
                    .append(" steps, bands reach from least to greatest.</p>\n");
        }
        html.append("<h2>Recipe</h2>\n");
        recipe.ifPresent(r ->
                html.append("<pre>").append(Html.escaped(r.toPrettyString())).append("</pre>\n"));
        obstacle.ifPresent(
                o -> html.append("<p>Not shown: ").append(Html.escaped(o)).append(".</p>\n"));
        appendUnreadable(html);
        return html.append("</body>\n</html>\n").toString();
    }

    private Map<String, String> headline() {
        Map<String, String> facts = new LinkedHashMap<>();
        long total = totalSteps();
        facts.put("steps", whole(lastStep) + (total > 0 ? " of " + whole(total) : ""));
        facts.put("time in steps", duration(seconds));
        put(facts, "last loss", "loss", c -> Axis.text(c.extremes().last()));
        put(facts, "best k-NN top-1", "knn_top1", TrainingReport::best);
        put(facts, "best top-1", "accuracy/top1", TrainingReport::best);
        put(facts, "best top-5", "accuracy/top5", TrainingReport::best);
        put(facts, "images per second", "images_per_second", c -> Axis.text(median(c)));
        return facts;
    }

    private static String whole(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    private interface Said {
        String of(Curve curve);
    }

    private void put(Map<String, String> facts, String what, String field, Said said) {
        if (curves.containsKey(field)) {
            facts.put(what, said.of(curve(field)));
        }
    }

    private static String best(Curve curve) {
        return String.format(
                Locale.ROOT,
                "%.1f %% (step %,d)",
                curve.extremes().greatest(),
                curve.extremes().greatestStep());
    }

    private static double median(Curve curve) {
        double[] medians =
                curve.spans().stream().mapToDouble(Curve.Span::median).sorted().toArray();
        return medians[medians.length / 2];
    }

    /** Steps of the whole training, as far as its checkpoint says; 0 if it does not. */
    private long totalSteps() {
        long images;
        try {
            images = Long.parseLong(Objects.requireNonNullElse(metadata.get("images"), "0"));
        } catch (NumberFormatException e) {
            return 0;
        }
        long batch = recipe.map(r -> r.path("batch").asLong(0)).orElse(0L);
        long epochs = recipe.map(r -> r.path("epochs").asLong(0)).orElse(0L);
        return batch > 0 ? (images + batch - 1) / batch * epochs : 0;
    }

    private static String duration(double seconds) {
        long minutes = Math.round(seconds / 60);
        if (minutes < 2) {
            return String.format(Locale.ROOT, "%.1f s", seconds);
        }
        return minutes < 120
                ? minutes + " min"
                : String.format(Locale.ROOT, "%,d h %02d min", minutes / 60, minutes % 60);
    }

    private List<Chart> charts() {
        return List.of(
                new Chart("Loss", "", false, List.of(series("loss", "loss"))),
                new Chart("k-NN top-1", " %", false, List.of(series("top-1", "knn_top1"))),
                new Chart(
                        "Accuracy on held-out images",
                        " %",
                        false,
                        List.of(series("top-1", "accuracy/top1"), series("top-5", "accuracy/top5"))),
                new Chart("Learning rate", "", false, List.of(series("learning rate", "lr"))),
                new Chart("Encoder momentum", "", false, List.of(series("encoder momentum", "encoder_momentum"))),
                new Chart(
                        "Gradient norm",
                        "",
                        true,
                        List.of(series("whole network", "grad_norm"), series("first layer", "first_layer_grad_norm"))),
                new Chart("Standard deviation of features", "", false, List.of(series("deviation", "feature_std"))),
                new Chart("Images per second", "", false, List.of(series("images per second", "images_per_second"))),
                new Chart(
                        "Seconds a step",
                        " s",
                        false,
                        List.of(series("whole step", "time"), series("waiting for data", "data_time"))));
    }

    private Chart.Series series(String name, String field) {
        return new Chart.Series(name, curve(field));
    }

    private void appendUnreadable(StringBuilder html) throws IOException {
        Path file = workDir.resolve(UNREADABLE);
        if (!Files.exists(file)) {
            return;
        }
        List<String> first = new ArrayList<>();
        long count = 0;
        try (BufferedReader in =
                new BufferedReader(new InputStreamReader(Files.newInputStream(file), StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (count++ < MOST_LISTED) {
                    first.add(line);
                }
            }
        }
        html.append("<h2>Unreadable images: ").append(count).append("</h2>\n<ul>\n");
        first.forEach(line -> html.append("<li>")
                .append(Html.escaped(line.replace("\t", ": ")))
                .append("</li>\n"));
        html.append("</ul>\n");
        if (count > first.size()) {
            html.append("<p>and ")
                    .append(count - first.size())
                    .append(" more in ")
                    .append(UNREADABLE)
                    .append("</p>\n");
        }
    }

    private static String style() {
        return """
                :root { color-scheme: light dark; --ink: #1c1e21; --faint: #6b7077; --paper: #fff; --grid: #e4e6ea;
                  --s0: #1f6fd0; --s1: #c4560a; }
                @media (prefers-color-scheme: dark) { :root { --ink: #e6e7e9; --faint: #9aa0a8; --paper: #16181b;
                  --grid: #2d3137; --s0: #6aa9f5; --s1: #f0954f; } }
                body { margin: 0 auto; max-width: 1100px; padding: 12px; font: 16px/1.45 system-ui, sans-serif;
                  color: var(--ink); background: var(--paper); }
                h1 { font-size: 1.3rem; overflow-wrap: anywhere; margin: .3em 0; }
                h2 { font-size: 1rem; margin: 0 0 .3em; }
                dl { display: flex; flex-wrap: wrap; gap: 8px 28px; margin: 12px 0; }
                dt { color: var(--faint); font-size: .8rem; }
                dd { margin: 0; font-size: 1.15rem; }
                main { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 440px), 1fr)); gap: 20px; }
                figure { margin: 0; min-width: 0; }
                svg { display: block; width: 100%; height: auto; }
                svg text { font: 12px system-ui, sans-serif; fill: var(--faint); }
                figcaption { color: var(--faint); font-size: .8rem; }
                figcaption span { display: block; }
                .grid { stroke: var(--grid); stroke-width: 1; }
                .axis { stroke: var(--faint); stroke-width: 1; }
                .line { fill: none; stroke-width: 1.6; stroke-linejoin: round; }
                .band { opacity: .22; }
                .l0 { stroke: var(--s0); } .f0 { fill: var(--s0); } .s0 { color: var(--s0); }
                .l1 { stroke: var(--s1); } .f1 { fill: var(--s1); } .s1 { color: var(--s1); }
                .note { color: var(--faint); font-size: .8rem; }
                pre { overflow-x: auto; padding: 10px; border: 1px solid var(--grid); font-size: .8rem; }
                li { overflow-wrap: anywhere; }
                """;
    }
}
