package io.mocozoo.train;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import io.mocozoo.data.Dataset;
import io.mocozoo.network.Classifier;
import io.mocozoo.network.Cost;
import io.mocozoo.network.MocoV3;
import io.mocozoo.network.Network;
import io.mocozoo.registry.ArchitectureJson;
import io.mocozoo.store.Progress;
import io.mocozoo.train.augment.View;
import io.mocozoo.train.optim.Optimizer;
import io.mocozoo.train.recipe.Recipe;
import io.mocozoo.train.recipe.Recipe.Method;
import io.mocozoo.train.torch.Parameters;
import io.mocozoo.train.torch.Precision;
import io.mocozoo.train.torch.Replicas;
import io.mocozoo.train.torch.TorchDevices;
import io.mocozoo.train.torch.TorchFunctions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A training from its recipe to its last checkpoint. Killed at any moment, {@link Settings#resume} goes on from the last
 * checkpoint, and on a CPU the final weights equal those of a run that was never cut off, bit for bit.
 */
public final class Trainer {
    /** The newest checkpoint's name in the work folder. */
    public static final String LAST = "last.safetensors";

    /** The checkpoint that was measured best. */
    public static final String BEST = "best.safetensors";

    private static final Logger LOG = LoggerFactory.getLogger(Trainer.class);

    private final Settings settings;
    private final Recipe recipe;
    private final Network network;

    /**
     * A training to be run.
     *
     * @param recipe every number of it
     * @param data what it learns from
     * @param heldOut labelled images it is measured on every {@code monitorEpochs}
     * @param views augmentations of each image: two for MoCo v3, one else
     * @param workDir where checkpoints and logs go
     * @param resume goes on from the last checkpoint if there is one
     * @param pretrained a checkpoint whose encoder it starts from
     * @param hardware devices and threads
     * @param rollbacks how often a loss or weights that are not finite may send it back to the last checkpoint, or to an
     *     older one if nothing came of that; the batches between it and the bad one are then left out
     * @param unreadable images that may be left out because they cannot be read; one more ends the run
     * @param learningRate of the recipe's batch, or scaled to it from the batch the rate is meant for
     * @param progress told of steps
     */
    public record Settings(
            Recipe recipe,
            Dataset data,
            Optional<Dataset> heldOut,
            List<View> views,
            Path workDir,
            boolean resume,
            Optional<Path> pretrained,
            Hardware hardware,
            int rollbacks,
            int unreadable,
            double learningRate,
            Progress progress) {}

    /** A training; nothing runs yet. */
    public Trainer(Settings settings) throws IOException {
        this.settings = settings;
        this.recipe = settings.recipe();
        this.network = ArchitectureJson.read(recipe.architecture(), recipe.name());
        boolean moco = recipe.method() == Method.MOCO_V3;
        if (moco != network instanceof MocoV3) {
            throw new IllegalArgumentException(
                    recipe.name() + ": method " + recipe.method() + " does not fit its architecture");
        }
        refuseWhatDoesNotFit();
        if (settings.views().size() != (moco ? 2 : 1)) {
            throw new IllegalArgumentException("expected " + (moco ? 2 : 1) + " views, found "
                    + settings.views().size());
        }
        if (network instanceof Classifier classifier
                && classifier.classes() != settings.data().classes().size()) {
            throw new IllegalArgumentException("the recipe has " + classifier.classes() + " classes, the data "
                    + settings.data().classes().size() + "; --set architecture.head.classes=N changes the recipe");
        }
    }

    /** What the recipe asks for beside itself must be there. */
    private void refuseWhatDoesNotFit() {
        int replicas = settings.hardware().devices().size();
        if (recipe.part() % replicas != 0) {
            throw new IllegalArgumentException("a batch of " + recipe.batch()
                    + (recipe.accumulate() == 1 ? "" : " in " + recipe.accumulate() + " parts")
                    + " cannot be spread evenly over " + replicas + " devices; --set batch=N to a multiple of "
                    + replicas * recipe.accumulate());
        }
        if (!recipe.precision().equals("fp32")) {
            LOG.warn("precision {} is slower than fp32 on most CPUs; --set precision=fp32", recipe.precision());
        }
        if (recipe.monitorEpochs() > 0 && settings.heldOut().isEmpty()) {
            throw new IllegalArgumentException("monitorEpochs is " + recipe.monitorEpochs()
                    + ", but there are no held-out images; add DIR/val, or --set monitorEpochs=0");
        }
    }

    /** Runs to the end; gives the last checkpoint. */
    public Path run() throws IOException, InterruptedException {
        try (WorkFolder folder = WorkFolder.claim(settings.workDir())) {
            return run(folder.file(LAST));
        }
    }

    private Path run(Path last) throws IOException, InterruptedException {
        boolean resuming = settings.resume() && Files.exists(last);
        if (!resuming && Files.exists(last)) {
            throw new IOException(last + " is there already; --resume goes on with it, or choose another --work-dir");
        }
        int odd = settings.data().size() % recipe.part();
        if (recipe.method() == Recipe.Method.MOCO_V3 && (recipe.part() == 1 || odd == 1)) {
            throw new IOException("batch norms and the contrastive loss need two images, and of "
                    + settings.data().size() + " images " + (recipe.accumulate() == 1 ? "a batch" : "a part") + " of "
                    + recipe.part() + " leaves one alone; choose another batch");
        }
        int side = recipe.data().crop();
        Cost cost = Cost.of(network, side, side);
        Optional<Path> pretrained = resuming ? Optional.empty() : settings.pretrained();
        List<Device> devices = TorchDevices.of(settings.hardware().devices());
        TorchDevices.threads(settings.hardware().threads());
        try (TorchFunctions torch = TorchFunctions.load(devices.get(0));
                Parameters parameters = Parameters.of(
                        torch.manager(),
                        cost,
                        FirstWeights.of(network, cost, recipe, pretrained),
                        DataType.FLOAT32,
                        TrainingPlan.learns(recipe, network));
                Replicas replicas = Replicas.of(torch, parameters, devices.subList(1, devices.size()));
                Loader loader = new Loader(
                        settings.data(),
                        settings.views(),
                        recipe.batch(),
                        devices.size(),
                        settings.hardware().workers(),
                        recipe.seed(),
                        recipe.method() == Recipe.Method.MOCO_V3 ? recipe.part() : 0,
                        settings.unreadable())) {
            Optimizer optimizer = Optimizer.of(recipe.optimizer(), torch, parameters);
            Optional<WeightAverage> average = average(torch, parameters);
            LossScale lossScale = new LossScale(Precision.of(recipe.precision()));
            Checkpoints checkpoints = new Checkpoints(
                    settings,
                    torch,
                    replicas,
                    optimizer,
                    lossScale,
                    state(parameters, optimizer, average),
                    loader.stepsPerEpoch());
            long done = resuming ? checkpoints.resume() : 0;
            long steps = loader.stepsPerEpoch() * recipe.epochs();
            Stepper stepper = Stepper.of(recipe, network, torch, replicas, optimizer, lossScale, steps);
            Optional<Monitor> monitor = recipe.monitorEpochs() == 0
                    ? Optional.empty()
                    : settings.heldOut()
                            .map(held -> new Monitor(
                                    recipe,
                                    network,
                                    torch,
                                    average.map(a -> parameters.with(a.arrays()))
                                            .orElse(parameters),
                                    settings.data(),
                                    held,
                                    settings.unreadable()));
            UnreadableList unreadable = new UnreadableList(settings.workDir());
            if (resuming) {
                loader.remember(unreadable.names());
            }
            try (TrainingLoop loop = new TrainingLoop(
                    settings, new TrainingLoop.Parts(stepper, average, loader, unreadable, checkpoints, monitor))) {
                loop.run(done);
            } finally {
                unreadable.write(loader.unreadable());
            }
            return last;
        }
    }

    /** Every array of a training by its name in a checkpoint. */
    private static Map<String, NDArray> state(
            Parameters parameters, Optimizer optimizer, Optional<WeightAverage> average) {
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        parameters.names().forEach(n -> arrays.put(n, parameters.get(n)));
        optimizer.state().forEach((n, a) -> arrays.put("optimizer." + n, a));
        average.ifPresent(a -> a.arrays().forEach((name, array) -> {
            arrays.put("raw." + name, parameters.get(name));
            arrays.put(name, array); // what is shipped is the average
        }));
        return arrays;
    }

    private Optional<WeightAverage> average(TorchFunctions torch, Parameters parameters) {
        return recipe.classifier() != null && TrainingPlan.averages(recipe)
                ? Optional.of(
                        new WeightAverage(torch, parameters, recipe.classifier().averageWeight()))
                : Optional.empty();
    }
}
