package io.mocozoo.cli;

import io.mocozoo.data.Dataset;
import io.mocozoo.data.DatasetException;
import io.mocozoo.data.Datasets;
import io.mocozoo.network.Cost;
import io.mocozoo.network.Network;
import io.mocozoo.registry.ArchitectureJson;
import io.mocozoo.train.Trainer;
import io.mocozoo.train.augment.Views;
import io.mocozoo.train.optim.LearningRate;
import io.mocozoo.train.recipe.Recipe;
import io.mocozoo.train.recipe.Recipe.Method;
import io.mocozoo.train.recipe.Recipes;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
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
        Recipe recipe = recipe(call);
        if (call.has("print-config")) {
            call.console().json(Recipes.json(recipe));
            return Main.OK;
        }
        double rate = recipe.optimizer().lr()
                * (call.has("auto-scale-lr") ? recipe.batch() / (double) recipe.baseBatch() : 1);
        Optional<Dataset> data = call.text("data").isPresent()
                ? Optional.of(Datasets.open(call.path("data"), "train"))
                : Optional.empty();
        if (call.has("dry-run")) {
            plan(recipe, rate, data.map(d -> (long) d.size()).orElse(IMAGENET_IMAGES), call);
            return Main.OK;
        }
        if (data.isEmpty()) {
            throw new UsageException("--data is missing");
        }
        Path workDir = call.path("work-dir");
        Trainer.Settings settings = new Trainer.Settings(
                recipe,
                data.get(),
                heldOut(recipe, call.path("data")),
                Views.of(recipe.data()),
                workDir,
                call.has("resume"),
                call.text("pretrained").map(Path::of),
                call.whole(
                        "workers",
                        1,
                        Invocation.MOST_THREADS,
                        Runtime.getRuntime().availableProcessors()),
                call.whole("roll-back", 0, 1_000_000, 0),
                rate,
                call.console().progress(" steps", 1));
        try {
            Path last = new Trainer(settings).run();
            if (call.json()) {
                call.console().json(Console.mapper().createObjectNode().put("checkpoint", last.toString()));
            } else {
                call.console()
                        .out()
                        .println(last + ": done; losses and rates of every step are in "
                                + workDir.resolve("scalars.jsonl"));
            }
            return Main.OK;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted; --resume goes on from the last checkpoint", e);
        }
    }

    /** What a training is measured on, if it is. */
    private static Optional<Dataset> heldOut(Recipe recipe, Path data) throws IOException {
        if (recipe.monitorEpochs() == 0) {
            return Optional.empty();
        }
        try {
            return Optional.of(Datasets.open(data, "val"));
        } catch (DatasetException e) {
            throw new IOException(e.getMessage() + " Or --set monitorEpochs=0 trains without being measured.", e);
        }
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

    private static Recipe recipe(Invocation call) throws IOException, UsageException {
        Map<String, String> changes = new LinkedHashMap<>();
        for (String change : call.texts("set")) {
            int equals = change.indexOf('=');
            if (equals < 1) {
                throw new UsageException("--set expects KEY=VALUE, found '" + change + "'");
            }
            changes.put(change.substring(0, equals), change.substring(equals + 1));
        }
        try {
            return Recipes.load(call.words().get(0), changes);
        } catch (IllegalArgumentException e) {
            throw new UsageException(String.valueOf(e.getMessage()));
        }
    }

    /** What a training will take: steps, arithmetic, state, learning rates. */
    private static void plan(Recipe recipe, double rate, long images, Invocation call) throws IOException {
        Network network = ArchitectureJson.read(recipe.architecture(), recipe.name());
        int side = recipe.data().crop();
        Cost cost = Cost.of(network, side, side);
        long stepsPerEpoch = (images + recipe.batch() - 1) / recipe.batch();
        long steps = stepsPerEpoch * recipe.epochs();
        long forward = Objects.requireNonNull(cost.flops().get(network.costAt()));
        // backward costs twice the forward pass; MoCo runs two views with gradients and two without
        long passes = recipe.method() == Method.MOCO_V3 ? 2 * 3 + 2 : recipe.method() == Method.LINEAR_PROBE ? 1 : 3;
        double total = (double) passes * forward * images * recipe.epochs();
        long slots = recipe.optimizer().type().equals("adamw") ? 2 : 1;
        long stateBytes = cost.parameters() * 4 * (2 + slots);
        LearningRate rates = LearningRate.of(recipe.schedule(), rate, stepsPerEpoch);
        if (call.json()) {
            var plan = Console.mapper()
                    .createObjectNode()
                    .put("recipe", recipe.name())
                    .put("images", images)
                    .put("steps", steps)
                    .put("stepsPerEpoch", stepsPerEpoch)
                    .put("epochs", recipe.epochs())
                    .put("parameters", cost.parameters())
                    .put("multiplyAdds", total)
                    .put("stateBytes", stateBytes);
            var curve = plan.putArray("learningRates");
            for (int i = 0; i <= 10; i++) {
                long step = Math.min(steps - 1, steps * i / 10);
                curve.addObject().put("step", step).put("rate", rates.at(step));
            }
            call.console().json(plan);
            return;
        }
        PrintStream out = call.console().out();
        out.printf(
                Locale.ROOT,
                "%s%n  images        %,d%n  steps         %,d (%,d an epoch, %d epochs)%n",
                recipe.name(),
                images,
                steps,
                stepsPerEpoch,
                recipe.epochs());
        out.printf(Locale.ROOT, "  parameters    %,d%n", cost.parameters());
        out.printf(
                Locale.ROOT, "  arithmetic    %.3g multiply-adds, %.3g an image%n", total, (double) passes * forward);
        out.printf(
                Locale.ROOT,
                "  state         %s (weights, gradients, %d optimiser arrays), activations beside it%n",
                Console.size(stateBytes),
                slots);
        for (int i = 0; i <= 10; i++) {
            long step = Math.min(steps - 1, steps * i / 10);
            out.printf(Locale.ROOT, "  step %,12d  learning rate %.6g%n", step, rates.at(step));
        }
    }
}
