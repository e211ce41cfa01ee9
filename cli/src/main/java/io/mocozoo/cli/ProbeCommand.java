package io.mocozoo.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mocozoo.evaluate.StoredFeatures;
import io.mocozoo.evaluate.probe.LinearProbe;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Locale;
import org.apache.commons.cli.Options;

/** How well a linear classifier does on stored features. */
final class ProbeCommand implements Command {
    @Override
    public String name() {
        return "probe";
    }

    @Override
    public String arguments() {
        return "--train DIR --val DIR";
    }

    @Override
    public String summary() {
        return "judge stored features by a logistic regression; extract --data writes them";
    }

    @Override
    public String example() {
        return "mocozoo probe --train features/train --val features/val";
    }

    @Override
    public Options options() {
        return new Options()
                .addOption(CommonOptions.value("train", "DIR", "features to learn from, as extract --data leaves them"))
                .addOption(CommonOptions.value("val", "DIR", "features to classify"));
    }

    @Override
    public int run(Invocation call) throws IOException, UsageException {
        call.atMost(0);
        Path train = call.path("train");
        Path val = call.path("val");
        long start = System.nanoTime();
        ObjectNode json;
        try (StoredFeatures learnt = StoredFeatures.open(train);
                StoredFeatures judged = StoredFeatures.open(val)) {
            json = new LinearProbe(LinearProbe.PENALTIES).run(learnt, judged);
        }
        json.put("seconds", (System.nanoTime() - start) / 1e9);
        if (call.json()) {
            call.console().json(json);
            return Main.OK;
        }
        PrintStream text = call.console().out();
        JsonNode top1 = json.path("top1");
        text.printf(
                Locale.ROOT,
                "top-1 %.2f %%   [%.2f, %.2f]   of %,d images, learnt from %,d (top-1 there %.2f %%)%n",
                top1.path("percent").doubleValue(),
                top1.path("low").doubleValue(),
                top1.path("high").doubleValue(),
                json.path("images").longValue(),
                json.path("trainingImages").longValue(),
                json.path("trainingTop1").doubleValue());
        for (JsonNode tried : json.path("penalties")) {
            text.printf(
                    Locale.ROOT,
                    "  penalty %-8s %6.2f %% of the held-out training images%s%n",
                    tried.path("penalty").asText(),
                    tried.path("heldOutTop1").doubleValue(),
                    tried.path("penalty").equals(json.path("penalty")) ? "   <- chosen" : "");
        }
        text.printf(Locale.ROOT, "  %.1f s%n", json.path("seconds").doubleValue());
        return Main.OK;
    }
}
