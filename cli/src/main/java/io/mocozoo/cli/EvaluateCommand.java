package io.mocozoo.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mocozoo.ModelBuilder;
import io.mocozoo.Zoo;
import io.mocozoo.evaluate.Evaluation;
import io.mocozoo.evaluate.Unreadable;
import io.mocozoo.evaluate.VectorFormat;
import io.mocozoo.evaluate.Wanted;
import io.mocozoo.image.Interpolation;
import io.mocozoo.image.Preprocessing;
import io.mocozoo.registry.CardJson;
import io.mocozoo.registry.ModelCard;
import io.mocozoo.runtime.Engine;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.commons.cli.Options;

/** How good a classifier is on a data set. */
final class EvaluateCommand implements Command {
    @Override
    public String name() {
        return "evaluate";
    }

    @Override
    public String arguments() {
        return "NAME --data ROOT --out DIR [--resume]";
    }

    @Override
    public String summary() {
        return "measure a classifier on a data set: predictions, metrics, a report; may be killed and resumed";
    }

    @Override
    public String example() {
        return "mocozoo evaluate vit-base-p16_mocov3-pre_8xb64-coslr-150e_in1k --data /imagenet --out run1";
    }

    @Override
    public Options options() {
        return WantedFigures.in(CommonOptions.sharing())
                .addOption(CommonOptions.value("data", "ROOT", "the data set: ROOT/val, else ROOT itself"))
                .addOption(CommonOptions.value("out", "DIR", "the run's folder"))
                .addOption(CommonOptions.flag("resume", "go on with the run in DIR, if there is one"))
                .addOption(CommonOptions.value(
                        "batch",
                        "N",
                        "images run at once; halved when memory runs out (32; on a CPU 4 to 32, by the model's size)"))
                .addOption(CommonOptions.value(
                        "workers", "N", "threads that read and decode (one a core; with --spark one for each block)"))
                .addOption(
                        CommonOptions.value(
                                "spark",
                                "MASTER",
                                "work over Apache Spark: local[N] or spark://HOST:PORT; ROOT may then be an address of Hadoop's"))
                .addOption(CommonOptions.flag("tta", "average the probabilities of the mirrored and the plain crop"))
                .addOption(CommonOptions.flag("scores", "write every logit to scores.npy"))
                .addOption(CommonOptions.value(
                        "scores-format", "FORMAT", "npy, or parquet with paths and labels: write scores in this one"))
                .addOption(CommonOptions.flag(
                        "no-attention", "draw no attention in the report, which takes a second graph in the cache"))
                .addOption(CommonOptions.value(
                        "unreadable", "POLICY", "wrong: such images count as mistakes; leave-out (wrong)"))
                .addOption(CommonOptions.value("labels", "FILE", "names of the model's classes, one a line"))
                .addOption(CommonOptions.value(
                        "label-map", "FILE", "JSON: which of the model's classes the data set's labels stand for"))
                .addOption(CommonOptions.value("resize", "N", "short edge after resizing, instead of the card's"))
                .addOption(CommonOptions.value("crop", "N", "side of the centre crop, instead of the card's"))
                .addOption(CommonOptions.value("interpolation", "KIND", "bilinear or bicubic, instead of the card's"));
    }

    @Override
    public int run(Invocation call) throws IOException, UsageException {
        call.atMost(1);
        Path out = call.path("out");
        int workers = call.whole(
                "workers",
                1,
                Invocation.MOST_THREADS,
                call.has("spark") ? 1 : Runtime.getRuntime().availableProcessors());
        Unreadable unreadable = unreadable(call);
        Wanted wanted = WantedFigures.of(call);
        Optional<VectorFormat> scores = call.has("scores") || call.has("scores-format")
                ? Optional.of(call.vectorFormat("scores-format"))
                : Optional.empty();
        try (Zoo zoo = call.zoo(call.devices().get(0))) {
            ModelBuilder builder = call.model(zoo, call.name());
            ModelCard card = call.card(zoo, call.name());
            int threads = call.whole("threads", 1, Invocation.MOST_THREADS, 0);
            int batch = call.whole("batch", 1, 1024, BatchSize.of(card, call.devices(), threads));
            Preprocessing preprocessing = preprocessing(call, card.preprocessing());
            builder.preprocessing(preprocessing);
            ObjectNode origin = Origin.of(call, builder);
            if (!preprocessing.equals(card.preprocessing())) {
                origin.set("preprocessingOfCard", CardJson.write(card.preprocessing()));
            }
            try (Workplace place = Workplace.of(call);
                    Sessions sessions = Sessions.open(builder, call.devices(), threads, batch, call.limits());
                    Looks looks = looks(call, zoo);
                    Interrupt interrupt = new Interrupt()) {
                Evaluation.Settings settings = new Evaluation.Settings(
                        place.data(),
                        out,
                        call.has("resume"),
                        batch,
                        workers,
                        call.limits(),
                        call.has("tta"),
                        unreadable,
                        call.text("label-map").map(Path::of),
                        wanted,
                        scores,
                        call.line(),
                        looks.map(),
                        call.console().imageProgress(),
                        interrupt);
                Evaluation here = new Evaluation(sessions.models(), origin, settings);
                if (place.cluster().isEmpty()) {
                    return report(call, out, here.run());
                }
                List<Path> graphs = List.of(Origin.graph(builder.prepare()).path());
                return report(
                        call,
                        out,
                        here.on(place.cluster().get(), graphs, Engine.choose(call.device()), threads)
                                .run());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted; --resume goes on", e);
            }
        }
    }

    private static Looks looks(Invocation call, Zoo zoo) throws IOException, UsageException {
        return call.has("no-attention")
                ? Looks.none()
                : Looks.of(
                        call,
                        zoo,
                        preprocessing(call, call.card(zoo, call.name()).preprocessing()));
    }

    static Unreadable unreadable(Invocation call) throws UsageException {
        try {
            return Unreadable.of(call.text("unreadable").orElse("wrong"));
        } catch (IllegalArgumentException e) {
            throw new UsageException("--unreadable: " + e.getMessage());
        }
    }

    private static Preprocessing preprocessing(Invocation call, Preprocessing card) throws UsageException {
        String word = call.text("interpolation").orElse(card.interpolation().word());
        Interpolation interpolation = Arrays.stream(Interpolation.values())
                .filter(i -> i.word().equals(word))
                .findFirst()
                .orElseThrow(
                        () -> new UsageException("--interpolation expects bilinear or bicubic, found '" + word + "'"));
        int crop = call.whole("crop", 1, 16_384, card.crop());
        int resize = call.whole("resize", 1, 16_384, card.resizeShortEdge());
        try {
            return new Preprocessing(resize, interpolation, crop, card.mean(), card.std());
        } catch (IllegalArgumentException e) {
            throw new UsageException("--resize and --crop: " + e.getMessage());
        }
    }

    private static int report(Invocation call, Path out, Evaluation.Outcome outcome) {
        Console console = call.console();
        if (!outcome.complete()) {
            console.err()
                    .printf(
                            Locale.ROOT,
                            "mocozoo evaluate: %,d of %,d images are done and kept; the same command with --resume goes"
                                    + " on%n",
                            outcome.done(),
                            outcome.total());
            return Main.FAILED;
        }
        JsonNode failed = outcome.metrics().path("unreadable");
        boolean countsThem = failed.path("policy").asText().equals(Unreadable.WRONG.word());
        if (outcome.metrics().path("counted").longValue()
                <= (countsThem ? failed.path("count").longValue() : 0)) {
            console.err()
                    .println(
                            "mocozoo evaluate: of no image is there a readable picture with a label, so no figure means"
                                    + " anything; failed.csv says why");
            return Main.FAILED;
        }
        if (call.json()) {
            console.json(outcome.metrics());
            return Main.OK;
        }
        PrintStream text = console.out();
        JsonNode metrics = outcome.metrics();
        long leftOut = metrics.path("withoutLabel").longValue();
        long unreadable = metrics.path("unreadable").path("count").longValue();
        text.printf(
                Locale.ROOT,
                "%s: %,d images%s%s%n",
                metrics.path("model").textValue(),
                outcome.total(),
                leftOut == 0 ? "" : String.format(Locale.ROOT, ", %,d left out by the label map", leftOut),
                unreadable == 0
                        ? ""
                        : ", " + unreadable + " unreadable ("
                                + metrics.path("unreadable").path("policy").textValue() + "), see failed.csv");
        for (var entry : metrics.path("accuracy").properties()) {
            JsonNode value = entry.getValue();
            text.printf(
                    Locale.ROOT,
                    "  %-10s %6.2f %%   [%.2f, %.2f]%n",
                    entry.getKey(),
                    value.path("percent").doubleValue(),
                    value.path("low").doubleValue(),
                    value.path("high").doubleValue());
        }
        published(metrics).ifPresent(p -> text.printf(Locale.ROOT, "  %-10s %6.2f %%%n", "published", p));
        if (metrics.has("likelihood")) {
            text.printf(
                    Locale.ROOT,
                    "  nll %.4f   brier %.4f   ece %.4f (with temperature %.4f)%n",
                    metrics.path("likelihood").path("nll").doubleValue(),
                    metrics.path("likelihood").path("brier").doubleValue(),
                    metrics.path("calibration").path("ece").doubleValue(),
                    metrics.path("calibration").path("temperature").path("ece").doubleValue());
        }
        text.printf(
                Locale.ROOT,
                "  %.1f images/s, %.1f s; %s%n",
                outcome.imagesPerSecond(),
                outcome.seconds(),
                outcome.advice());
        text.println("  " + out.resolve("report.html"));
        return Main.OK;
    }

    private static Optional<Double> published(JsonNode metrics) {
        for (JsonNode result : metrics.path("published")) {
            if (result.path("metric").asText().equals("top-1")) {
                return Optional.of(result.path("value").doubleValue());
            }
        }
        return Optional.empty();
    }
}
