package io.mocozoo.cli;

import io.mocozoo.data.Shapes;
import java.io.IOException;
import java.nio.file.Path;
import org.apache.commons.cli.Options;

/** The drawn data set. */
final class ShapesCommand implements Command {
    @Override
    public String name() {
        return "shapes";
    }

    @Override
    public String arguments() {
        return "DIR [--train N] [--val N] [--seed S]";
    }

    @Override
    public String summary() {
        return "draw a data set of ten figures in ImageNet's layout, the same for the same seed";
    }

    @Override
    public String example() {
        return "mocozoo shapes data/shapes --train 20000 --val 2000";
    }

    @Override
    public Options options() {
        return new Options()
                .addOption(CommonOptions.value("train", "N", "pictures to learn from (20000)"))
                .addOption(CommonOptions.value("val", "N", "pictures to measure with (2000)"))
                .addOption(CommonOptions.value("seed", "S", "what they are drawn from (0)"));
    }

    @Override
    public int run(Invocation call) throws IOException, UsageException {
        call.atMost(1);
        if (call.words().isEmpty()) {
            throw new UsageException("the folder is missing");
        }
        Path folder = Path.of(call.words().get(0));
        int train = call.whole("train", 0, 100_000_000, 20_000);
        int val = call.whole("val", 0, 100_000_000, 2_000);
        long seed = call.whole("seed", Long.MIN_VALUE, 0);
        Shapes.write(folder, "train", train, seed);
        Shapes.write(folder, "val", val, seed);
        if (call.json()) {
            call.console()
                    .json(Console.mapper()
                            .createObjectNode()
                            .put("folder", folder.toString())
                            .put("train", train)
                            .put("val", val)
                            .put("seed", seed));
        } else {
            call.console()
                    .out()
                    .println(folder + ": " + train + " pictures to learn from, " + val + " to measure with");
        }
        return Main.OK;
    }
}
