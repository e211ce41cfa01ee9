package io.mocozoo.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mocozoo.evaluate.OfflineMetrics;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Locale;
import org.apache.commons.cli.Options;

/** Figures of predictions that are there already. */
final class MetricsCommand implements Command {
    @Override
    public String name() {
        return "metrics";
    }

    @Override
    public String arguments() {
        return "PREDICTIONS.csv|SCORES.npy|RESULTS.pkl [--labels F]";
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
        return new Options()
                .addOption(CommonOptions.value(
                        "labels", "FILE", "a label a line, 'path label', path,label in a .csv, or an .npy of integers"))
                .addOption(CommonOptions.value(
                        "unreadable",
                        "POLICY",
                        "wrong: lines without a prediction count as mistakes; leave-out (wrong)"))
                .addOption(CommonOptions.value(
                        "metrics",
                        "A,B,...",
                        "accuracy, single-label, confusion, calibration, average-precision (all but the last)"));
    }

    @Override
    public int run(Invocation call) throws IOException, UsageException {
        call.atMost(1);
        if (call.words().isEmpty()) {
            throw new UsageException("the predictions are missing");
        }
        ObjectNode metrics = OfflineMetrics.of(
                Path.of(call.words().get(0)),
                call.text("labels").map(Path::of),
                EvaluateCommand.metrics(call),
                EvaluateCommand.unreadable(call));
        if (call.json()) {
            call.console().json(metrics);
        } else {
            print(call.console().out(), metrics);
        }
        return Main.OK;
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
