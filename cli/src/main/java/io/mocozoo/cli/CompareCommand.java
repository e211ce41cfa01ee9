package io.mocozoo.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mocozoo.evaluate.Comparison;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Locale;
import org.apache.commons.cli.Options;

/** Two runs over the same images, one against the other. */
final class CompareCommand implements Command {
    @Override
    public String name() {
        return "compare";
    }

    @Override
    public String arguments() {
        return "RUN_A RUN_B [--out DIR]";
    }

    @Override
    public String summary() {
        return "compare two evaluations image by image: difference with interval, McNemar's test, what was gained and"
                + " lost";
    }

    @Override
    public String example() {
        return "mocozoo compare run1 run2";
    }

    @Override
    public Options options() {
        return new Options()
                .addOption(CommonOptions.value(
                        "out", "DIR", "where compare.html, compare.json and compare.csv go (RUN_B)"));
    }

    @Override
    public int run(Invocation call) throws IOException, UsageException {
        call.atMost(2);
        if (call.words().size() < 2) {
            throw new UsageException("two runs are needed");
        }
        Path first = Path.of(call.words().get(0));
        Path second = Path.of(call.words().get(1));
        Path out = call.text("out").map(Path::of).orElse(second);
        ObjectNode json = new Comparison(first, second).write(out);
        if (call.json()) {
            call.console().json(json);
            return Main.OK;
        }
        PrintStream text = call.console().out();
        for (String which : new String[] {"before", "after"}) {
            JsonNode top1 = json.path("top1").path(which);
            text.printf(
                    Locale.ROOT,
                    "  %6.2f %%  [%.2f, %.2f]  %s%n",
                    top1.path("percent").doubleValue(),
                    top1.path("low").doubleValue(),
                    top1.path("high").doubleValue(),
                    json.path(which).asText());
        }
        text.printf(
                Locale.ROOT,
                "  %+6.2f %%  [%+.2f, %+.2f]  difference over %,d images: %,d gained, %,d lost; McNemar's p %.3g%n",
                json.path("difference").path("percent").doubleValue(),
                json.path("difference").path("low").doubleValue(),
                json.path("difference").path("high").doubleValue(),
                json.path("images").longValue(),
                json.path("gained").longValue(),
                json.path("lost").longValue(),
                json.path("mcNemar").path("p").doubleValue());
        text.println("  " + out.resolve("compare.html"));
        return Main.OK;
    }
}
