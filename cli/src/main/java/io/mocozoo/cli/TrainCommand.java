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
import java.util.Map;
import java.util.Optional;
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
                        "unreadable-limit", "N", "images that may be left out because they cannot be read (100)"))
                .addOption(CommonOptions.value(
                        "device",
                        "A,B,...",
                        "auto, cpu, cuda:N, or several such as cuda:0,1 to spread batches over (auto)"))
                .addOption(CommonOptions.value("threads", "N", "threads of one operator on the CPU (one a core)"))
                .addOption(CommonOptions.value("workers", "N", "threads that decode and augment (one a core)"))
                .addOption(CommonOptions.flag("print-config", "print the recipe with its changes and stop"))
                .addOption(CommonOptions.flag("dry-run", "print steps, cost, memory and learning rates and stop"));
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
        double rate = call.has("auto-scale-lr")
                ? Recipes.scaledRate(recipe)
                : recipe.optimizer().lr();
        warn(call, recipe);
        if (call.has("print-config")) {
            call.console().json(Recipes.json(call.has("auto-scale-lr") ? Recipes.scaled(recipe) : recipe));
            return Main.OK;
        }
        Optional<Dataset> data = call.text("data").isPresent()
                ? Optional.of(Datasets.open(call.path("data"), "train"))
                : Optional.empty();
        if (call.has("dry-run")) {
            long images = data.map(d -> (long) d.size()).orElse(IMAGENET_IMAGES);
            PlannedTraining.print(recipe, TrainingPlan.of(recipe, images, rate), call);
            return Main.OK;
        }
        if (data.isEmpty()) {
            throw new UsageException("--data is missing");
        }
        Path workDir = call.path("work-dir");
        warnOfFirstWeights(call, recipe);
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
                call.whole("unreadable-limit", 0, Integer.MAX_VALUE, 100),
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
    }

    private static void warnOfFirstWeights(Invocation call, Recipe recipe) {
        if (call.has("pretrained") || call.has("resume")) {
            return;
        }
        PrintStream err = call.console().err();
        if (recipe.method() == Recipe.Method.LINEAR_PROBE) {
            err.println("mocozoo train: without --pretrained the probe judges an encoder's first weights");
        } else if (recipe.frozenStages() > 0) {
            err.println("mocozoo train: without --pretrained the frozen stages keep their first weights");
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
            return Recipes.load(name, changes, line -> call.console().err().println("mocozoo: " + line));
        } catch (IllegalArgumentException e) {
            throw new UsageException(String.valueOf(e.getMessage()));
        }
    }
}
