package io.mocozoo.cli;

import io.mocozoo.data.Dataset;
import io.mocozoo.data.Datasets;
import io.mocozoo.train.Hardware;
import io.mocozoo.train.Trainer;
import io.mocozoo.train.TrainingPlan;
import io.mocozoo.train.augment.Views;
import io.mocozoo.train.recipe.Recipe;
import io.mocozoo.train.recipe.Recipes;
import io.mocozoo.train.report.TrainingReport;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.apache.commons.cli.Options;

/** Learns an encoder, or a classifier on one. */
final class TrainCommand implements Command {
    private static final long IMAGENET_IMAGES = 1_281_167;

    @Override
    public String name() {
        return "train";
    }

    @Override
    public String arguments() {
        return "RECIPE --data DIR --work-dir DIR [--resume] [--pretrained CHECKPOINT] [--set KEY=VALUE]... | --list";
    }

    @Override
    public String summary() {
        return "train by a recipe: MoCo v3 pretraining, a linear probe, or fine-tuning";
    }

    @Override
    public String example() {
        return "mocozoo train mocov3_vit-tiny-p8_shapes --data data/shapes --work-dir work/pretrained";
    }

    @Override
    public Options options() {
        return new Options()
                .addOption(CommonOptions.flag("list", "list the recipes"))
                .addOption(CommonOptions.value("data", "DIR", "images: DIR/train, else DIR itself"))
                .addOption(CommonOptions.value("work-dir", "DIR", "where checkpoints and logs go"))
                .addOption(CommonOptions.flag("resume", "go on from the last checkpoint, if there is one"))
                .addOption(CommonOptions.value("pretrained", "CHECKPOINT", "start from this file's encoder"))
                .addOption(CommonOptions.repeated(
                        "set", "KEY=VALUE", "change a number of the recipe, such as optimizer.lr=0.1; may be repeated"))
                .addOption(CommonOptions.flag(
                        "auto-scale-lr", "scale the learning rate from the recipe's baseBatch to its batch"))
                .addOption(CommonOptions.value(
                        "roll-back",
                        "N",
                        "go back to the last checkpoint up to N times when the loss is not finite, and skip on (0)"))
                .addOption(CommonOptions.value(
                        "device",
                        "A,B,...",
                        "auto, cpu, cuda:N, or several such as cuda:0,1 to spread batches over (auto)"))
                .addOption(CommonOptions.value("threads", "N", "threads of one operator on the CPU (one a core)"))
                .addOption(CommonOptions.value("workers", "N", "threads that decode and augment (one a core)"))
                .addOption(CommonOptions.flag("print-config", "print the recipe with its changes and stop"))
                .addOption(CommonOptions.flag("dry-run", "print steps, cost and learning rates and stop"));
    }

    @Override
    public int run(Invocation call) throws IOException, UsageException {
        if (call.has("list")) {
            list(call);
            return Main.OK;
        }
        call.atMost(1);
        if (call.words().isEmpty()) {
            throw new UsageException("the recipe is missing; --list names them");
        }
        Recipe recipe = recipe(call, call.words().get(0));
        if (call.has("print-config")) {
            if (call.has("auto-scale-lr")) {
                throw new UsageException("--print-config prints the recipe, which --auto-scale-lr leaves as it is;"
                        + " --dry-run shows the rates");
            }
            call.console().json(Recipes.json(recipe));
            return Main.OK;
        }
        double rate = recipe.optimizer().lr()
                * (call.has("auto-scale-lr") ? recipe.batch() / (double) recipe.baseBatch() : 1);
        Optional<Dataset> data = call.text("data").isPresent()
                ? Optional.of(Datasets.open(call.path("data"), "train"))
                : Optional.empty();
        if (call.has("dry-run")) {
            long images = data.map(d -> (long) d.size()).orElse(IMAGENET_IMAGES);
            print(recipe, TrainingPlan.of(recipe, images, rate), call);
            return Main.OK;
        }
        if (data.isEmpty()) {
            throw new UsageException("--data is missing");
        }
        Path workDir = call.path("work-dir");
        warn(call, recipe);
        Trainer.Settings settings = new Trainer.Settings(
                recipe,
                data.get(),
                heldOut(recipe, call.path("data")),
                Views.of(recipe.data()),
                workDir,
                call.has("resume"),
                call.text("pretrained").map(Path::of),
                hardware(call),
                call.whole("roll-back", 0, 1_000_000, 0),
                rate,
                call.console().progress(" steps", 1));
        try {
            Path last = new Trainer(settings).run();
            Path report = TrainingReport.write(workDir);
            if (call.json()) {
                call.console()
                        .json(Console.mapper()
                                .createObjectNode()
                                .put("checkpoint", last.toString())
                                .put("report", report.toString()));
            } else {
                call.console().out().println(last + ": done; " + report + " shows its curves");
            }
            return Main.OK;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted; --resume goes on from the last checkpoint", e);
        }
    }

    /** Says what is allowed and hardly meant. */
    private static void warn(Invocation call, Recipe recipe) {
        PrintStream err = call.console().err();
        int end =
                recipe.schedule().stream().mapToInt(Recipe.PhaseSpec::end).max().orElse(recipe.epochs());
        if (end != recipe.epochs()) {
            err.println("mocozoo train: the schedule of learning rates ends with epoch " + end + ", the training with "
                    + recipe.epochs() + "; --set schedule." + (recipe.schedule().size() - 1) + ".end="
                    + recipe.epochs() + " lets them end together");
        }
        if (recipe.microBatch() > 0
                && recipe.method() != Recipe.Method.LINEAR_PROBE
                && recipe.architecture().at("/backbone/type").asText().equals("resnet")) {
            err.println("mocozoo train: batch norms take their statistics from pieces of " + recipe.microBatch()
                    + " images, not from the batch: another training than without microBatch");
        }
        if (recipe.method() == Recipe.Method.LINEAR_PROBE && !call.has("pretrained") && !call.has("resume")) {
            err.println("mocozoo train: without --pretrained the probe judges an encoder's first weights");
        }
    }

    /** Devices and threads a training is asked to use. */
    static Hardware hardware(Invocation call) throws UsageException {
        return new Hardware(
                call.devices(),
                call.whole("threads", 1, Invocation.MOST_THREADS, 0),
                call.whole(
                        "workers",
                        1,
                        Invocation.MOST_THREADS,
                        Runtime.getRuntime().availableProcessors()));
    }

    /** What a training is measured on, if it is. */
    private static Optional<Dataset> heldOut(Recipe recipe, Path data) throws IOException {
        if (recipe.monitorEpochs() == 0) {
            return Optional.empty();
        }
        Optional<Dataset> heldOut = Datasets.split(data, "val");
        if (heldOut.isEmpty()) {
            throw new IOException(data + ": expected held-out images as its split val, since monitorEpochs is "
                    + recipe.monitorEpochs() + ", found none; --set monitorEpochs=0 trains without being measured");
        }
        return heldOut;
    }

    private static void list(Invocation call) throws IOException {
        var all = Console.mapper().createArrayNode();
        for (String name : Recipes.names()) {
            Recipe recipe = Recipes.load(name, Map.of());
            all.add(Recipes.json(recipe));
            if (!call.json()) {
                call.console().out().println(name + "\n    " + recipe.about());
            }
        }
        if (call.json()) {
            call.console().json(all);
        }
    }

    /** A recipe by its name, with what {@code --set} changes. */
    static Recipe recipe(Invocation call, String name) throws IOException, UsageException {
        Map<String, String> changes = new LinkedHashMap<>();
        for (String change : call.texts("set")) {
            int equals = change.indexOf('=');
            if (equals < 1) {
                throw new UsageException("--set expects KEY=VALUE, found '" + change + "'");
            }
            changes.put(change.substring(0, equals), change.substring(equals + 1));
        }
        try {
            return Recipes.load(name, changes);
        } catch (IllegalArgumentException e) {
            throw new UsageException(String.valueOf(e.getMessage()));
        }
    }

    private static void print(Recipe recipe, TrainingPlan plan, Invocation call) throws IOException {
        double total = (double) plan.multiplyAdds() * plan.images() * recipe.epochs();
        if (call.json()) {
            var tree = Console.mapper()
                    .createObjectNode()
                    .put("recipe", recipe.name())
                    .put("images", plan.images())
                    .put("steps", plan.steps())
                    .put("stepsPerEpoch", plan.stepsPerEpoch())
                    .put("epochs", recipe.epochs())
                    .put("parameters", plan.parameters())
                    .put("learned", plan.learned())
                    .put("multiplyAdds", total)
                    .put("stateBytes", plan.stateBytes());
            var curve = tree.putArray("learningRates");
            for (long step : milestones(plan)) {
                curve.addObject().put("step", step).put("rate", plan.rates().at(step));
            }
            call.console().json(tree);
            return;
        }
        PrintStream out = call.console().out();
        out.printf(
                Locale.ROOT,
                "%s%n  images        %,d%n  steps         %,d (%,d an epoch, %d epochs)%n",
                recipe.name(),
                plan.images(),
                plan.steps(),
                plan.stepsPerEpoch(),
                recipe.epochs());
        out.printf(Locale.ROOT, "  parameters    %,d, of which %,d learn%n", plan.parameters(), plan.learned());
        out.printf(Locale.ROOT, "  arithmetic    %.3g multiply-adds, %.3g an image%n", total, (double)
                plan.multiplyAdds());
        out.printf(
                Locale.ROOT,
                "  state         %s (weights, gradients, %d arrays beside each that learns), activations beside it%n",
                Console.size(plan.stateBytes()),
                plan.slots());
        for (long step : milestones(plan)) {
            out.printf(
                    Locale.ROOT,
                    "  step %,12d  learning rate %.6g%n",
                    step,
                    plan.rates().at(step));
        }
    }

    /** The first step, the last, and nine between. */
    private static List<Long> milestones(TrainingPlan plan) {
        return LongStream.rangeClosed(0, 10)
                .map(tenth -> Math.min(plan.steps() - 1, plan.steps() * tenth / 10))
                .boxed()
                .toList();
    }
}
