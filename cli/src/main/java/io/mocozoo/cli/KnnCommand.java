package io.mocozoo.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mocozoo.ModelBuilder;
import io.mocozoo.Zoo;
import io.mocozoo.data.Dataset;
import io.mocozoo.data.Datasets;
import io.mocozoo.evaluate.FeatureStream;
import io.mocozoo.evaluate.probe.KnnProbe;
import io.mocozoo.network.Output;
import io.mocozoo.runtime.Model;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.commons.cli.Options;

/** How good an encoder's features are, judged by the nearest training images. */
final class KnnCommand implements Command {
    @Override
    public String name() {
        return "knn";
    }

    @Override
    public String arguments() {
        return "NAME --data ROOT [--train DIR]";
    }

    @Override
    public String summary() {
        return "judge an encoder by a weighted vote of the nearest training images";
    }

    @Override
    public String example() {
        return "mocozoo knn mocov3_vit-small-p16_16xb256-amp-coslr-300e_in1k --data /imagenet";
    }

    @Override
    public Options options() {
        return CommonOptions.running()
                .addOption(
                        CommonOptions.value("data", "ROOT", "images to classify: ROOT/val; to learn from: ROOT/train"))
                .addOption(CommonOptions.value("train", "DIR", "images to learn from: DIR/train, else DIR itself"))
                .addOption(CommonOptions.value("k", "A,B,...", "neighbours that vote (10,20,100,200)"))
                .addOption(CommonOptions.value("temperature", "T", "of the vote (0.07)"))
                .addOption(CommonOptions.value("stage", "OUTPUT", "which result is compared (features)"))
                .addOption(CommonOptions.value("workers", "N", "threads that read and decode (one a core)"));
    }

    @Override
    public int run(Invocation call) throws IOException, UsageException {
        call.atMost(1);
        Path root = call.path("data");
        List<Integer> neighbours = neighbours(call.text("k").orElse("10,20,100,200"));
        double temperature = temperature(call.text("temperature").orElse("0.07"));
        Output stage;
        try {
            stage = Output.of(call.text("stage").orElse("features"));
        } catch (IllegalArgumentException e) {
            throw new UsageException("--stage: " + e.getMessage());
        }
        FeatureStream.Settings settings = new FeatureStream.Settings(
                call.batch(),
                call.whole(
                        "workers",
                        1,
                        Invocation.MOST_THREADS,
                        Runtime.getRuntime().availableProcessors()),
                call.limits(),
                call.console().imageProgress());
        try (Zoo zoo = call.zoo()) {
            ModelBuilder builder = call.model(zoo, call.name());
            Dataset val = Datasets.open(root, "val");
            Dataset train = Datasets.open(call.text("train").map(Path::of).orElse(root), "train");
            long start = System.nanoTime();
            try (Model model = builder.open()) {
                FeatureStream features = new FeatureStream(model, stage, settings);
                ObjectNode found = new KnnProbe(features, neighbours, temperature).run(train, val);
                double seconds = (System.nanoTime() - start) / 1e9;
                ObjectNode json = Console.mapper()
                        .createObjectNode()
                        .put("model", model.card().name())
                        .put("stage", stage.word());
                json.setAll(found);
                json.put("seconds", seconds);
                print(call, json);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            }
        }
        return Main.OK;
    }

    private static List<Integer> neighbours(String text) throws UsageException {
        List<Integer> neighbours = new ArrayList<>();
        for (String one : text.split(",")) {
            try {
                int k = Integer.parseInt(one.strip());
                if (k > 0 && k <= 10_000) {
                    neighbours.add(k);
                    continue;
                }
            } catch (NumberFormatException e) {
                // said below, as for one out of range
            }
            throw new UsageException(
                    "--k expects numbers from 1 to 10000 with commas between them, found '" + text + "'");
        }
        return neighbours;
    }

    private static double temperature(String text) throws UsageException {
        try {
            double temperature = Double.parseDouble(text);
            if (temperature > 0 && Double.isFinite(temperature)) {
                return temperature;
            }
        } catch (NumberFormatException e) {
            // said below, as for one that is not positive
        }
        throw new UsageException("--temperature expects a positive number, found '" + text + "'");
    }

    private static void print(Invocation call, ObjectNode json) {
        if (call.json()) {
            call.console().json(json);
            return;
        }
        PrintStream text = call.console().out();
        text.printf(
                Locale.ROOT,
                "%s: %s of %,d images among %,d training images, %.1f s%n",
                json.path("model").asText(),
                json.path("stage").asText(),
                json.path("images").longValue(),
                json.path("trainingImages").longValue(),
                json.path("seconds").doubleValue());
        for (JsonNode one : json.path("knn")) {
            text.printf(
                    Locale.ROOT,
                    "  k %-5d %6.2f %%   [%.2f, %.2f]%n",
                    one.path("k").intValue(),
                    one.path("percent").doubleValue(),
                    one.path("low").doubleValue(),
                    one.path("high").doubleValue());
        }
        long bad = json.path("unreadable").longValue()
                + json.path("unreadableTrainingImages").longValue();
        if (bad > 0) {
            text.printf(
                    Locale.ROOT,
                    "  unreadable: %d to classify (counted as wrong), %d to learn from (left out)%n",
                    json.path("unreadable").longValue(),
                    json.path("unreadableTrainingImages").longValue());
        }
    }
}
