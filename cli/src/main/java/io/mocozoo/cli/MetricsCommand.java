package io.mocozoo.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mocozoo.evaluate.MultiLabelRule;
import io.mocozoo.evaluate.OfflineMetrics;
import io.mocozoo.evaluate.OfflineSets;
import io.mocozoo.evaluate.file.JsonFiles;
import io.mocozoo.evaluate.metric.Threshold;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.apache.commons.cli.Options;

/** Figures of predictions that are there already. */
final class MetricsCommand implements Command {
    @Override
    public String name() {
        return "metrics";
    }

    @Override
    public String arguments() {
        return "PREDICTIONS.csv|SCORES.npy|RESULTS.pkl [--labels F] [--as KIND] [--out DIR]";
    }

    @Override
    public String summary() {
        return "compute the metrics of evaluate from anybody's predictions or scores";
    }

    @Override
    public String example() {
        return "mocozoo metrics scores.npy --labels val.txt";
    }

    @Override
    public Options options() {
        return WantedFigures.in(new Options())
                .addOption(CommonOptions.value(
                        "labels",
                        "FILE",
                        "a label a line, 'path label', path,label in a .csv (several with spaces between), or an .npy of"
                                + " integers: [n], or [n, columns] of 1, 0 and -1 (not counted) with --as"))
                .addOption(CommonOptions.value(
                        "as",
                        "KIND",
                        "single-label; of .npy scores also multi-label (many labels an image), or retrieval (a query a"
                                + " row, an item a column) (single-label)"))
                .addOption(CommonOptions.value(
                        "out",
                        "DIR",
                        "write metrics.json there; for one label an image per_class.csv, confusion.csv too"))
                .addOption(CommonOptions.value(
                        "unreadable",
                        "POLICY",
                        "wrong: lines without a prediction count as mistakes; leave-out (wrong)"));
    }

    @Override
    public int run(Invocation call) throws IOException, UsageException {
        call.atMost(1);
        if (call.words().isEmpty()) {
            throw new UsageException("the predictions are missing");
        }
        if (call.has("out") && Files.exists(call.path("out").resolve("provenance.json"))) {
            throw new IOException(
                    call.path("out") + " holds a run, whose files would be replaced; name another folder");
        }
        String kind = call.text("as").orElse("single-label");
        ObjectNode metrics =
                switch (kind) {
                    case "single-label" -> singleLabel(call);
                    case "multi-label" -> write(call, sets(call).multiLabel(rules(call)));
                    case "retrieval" -> write(call, retrieval(call));
                    default ->
                        throw new UsageException(
                                "--as expects single-label, multi-label or retrieval, found '" + kind + "'");
                };
        if (call.json()) {
            call.console().json(metrics);
        } else {
            print(call.console().out(), metrics);
        }
        return Main.OK;
    }

    private static ObjectNode singleLabel(Invocation call) throws IOException, UsageException {
        OfflineMetrics metrics = OfflineMetrics.of(
                Path.of(call.words().get(0)),
                call.text("labels").map(Path::of),
                WantedFigures.of(call),
                EvaluateCommand.unreadable(call));
        if (call.has("out")) {
            metrics.write(call.path("out"));
        }
        return metrics.json();
    }

    private static OfflineSets sets(Invocation call) throws IOException, UsageException {
        for (String option : List.of("metrics", "unreadable")) {
            if (call.has(option)) {
                throw new UsageException("--" + option + " goes with one label an image, not with --as "
                        + call.text("as").orElseThrow());
            }
        }
        Path scores = Path.of(call.words().get(0));
        if (!scores.toString().toLowerCase(Locale.ROOT).endsWith(".npy")) {
            throw new UsageException("--as " + call.text("as").orElseThrow() + " needs all scores as a .npy, found "
                    + scores.getFileName());
        }
        return OfflineSets.read(scores, call.path("labels"));
    }

    private static ObjectNode retrieval(Invocation call) throws IOException, UsageException {
        if (call.has("thresholds")) {
            throw new UsageException(
                    "--thresholds means nothing with --as retrieval; --topk says how many items count");
        }
        List<Integer> firsts = WantedFigures.topk(call);
        return sets(call).retrieval(firsts.isEmpty() ? List.of(1, 5) : firsts);
    }

    /** A rule for each threshold and each number of classes that is asked for. */
    private static List<MultiLabelRule> rules(Invocation call) throws UsageException {
        List<MultiLabelRule> rules = new ArrayList<>();
        for (Threshold threshold : WantedFigures.thresholds(call)) {
            if (Float.isNaN(threshold.value())) {
                throw new UsageException("--thresholds: with --as multi-label every class needs one; leave out none");
            }
            rules.add(new MultiLabelRule(OptionalDouble.of(threshold.value()), OptionalInt.empty()));
        }
        for (int k : WantedFigures.topk(call)) {
            rules.add(new MultiLabelRule(OptionalDouble.empty(), OptionalInt.of(k)));
        }
        return rules.isEmpty() ? List.of(MultiLabelRule.USUAL) : rules;
    }

    private static ObjectNode write(Invocation call, ObjectNode metrics) throws IOException, UsageException {
        if (call.has("out")) {
            JsonFiles.write(Files.createDirectories(call.path("out")).resolve("metrics.json"), metrics);
        }
        return metrics;
    }

    /** Accuracies with their intervals, then the reference's figures, then likelihood and calibration. */
    static void print(PrintStream text, JsonNode metrics) {
        for (var entry : metrics.path("accuracy").properties()) {
            JsonNode value = entry.getValue();
            text.printf(
                    Locale.ROOT,
                    "  %-28s %6.2f %%   [%.2f, %.2f]%n",
                    entry.getKey(),
                    value.path("percent").doubleValue(),
                    value.path("low").doubleValue(),
                    value.path("high").doubleValue());
        }
        for (var entry : metrics.path("reference").properties()) {
            text.printf(
                    Locale.ROOT,
                    "  %-28s %6.2f%n",
                    entry.getKey(),
                    entry.getValue().doubleValue());
        }
        figure(text, "nll", metrics.path("likelihood").path("nll"));
        figure(text, "brier", metrics.path("likelihood").path("brier"));
        figure(text, "ece", metrics.path("calibration").path("ece"));
        figure(
                text,
                "ece with temperature",
                metrics.path("calibration").path("temperature").path("ece"));
    }

    private static void figure(PrintStream text, String name, JsonNode value) {
        if (!value.isMissingNode()) {
            text.printf(Locale.ROOT, "  %-28s %8.4f%n", name, value.doubleValue());
        }
    }
}
