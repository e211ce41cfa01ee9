package io.mocozoo.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mocozoo.data.Dataset;
import io.mocozoo.network.Classifier;
import io.mocozoo.network.Cost;
import io.mocozoo.network.MocoV3;
import io.mocozoo.network.Network;
import io.mocozoo.registry.ArchitectureJson;
import io.mocozoo.store.AtomicFile;
import io.mocozoo.store.Progress;
import io.mocozoo.train.augment.View;
import io.mocozoo.train.optim.LearningRate;
import io.mocozoo.train.optim.Optimizer;
import io.mocozoo.train.recipe.Recipe;
import io.mocozoo.train.recipe.Recipe.Method;
import io.mocozoo.train.torch.Parameters;
import io.mocozoo.train.torch.Precision;
import io.mocozoo.train.torch.TorchFunctions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
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
     * @param workers threads that decode and augment
     * @param rollbacks how often a loss that is not finite may send it back to the last checkpoint; the batches between
     *     that and the bad one are then left out
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
            int workers,
            int rollbacks,
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
        refuseWhatIsMissing();
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

    /** Numbers of a recipe that this trainer does not act on are an error, never left aside in silence. */
    private void refuseWhatIsMissing() {
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
        int side = recipe.data().crop();
        Cost cost = Cost.of(network, side, side);
        Optional<Path> pretrained = resuming ? Optional.empty() : settings.pretrained();
        try (TorchFunctions torch = TorchFunctions.load();
                Parameters parameters = Parameters.of(
                        torch.manager(),
                        cost,
                        FirstWeights.of(network, cost, recipe, pretrained),
                        DataType.FLOAT32,
                        TrainingPlan.learns(recipe, network));
                Loader loader = new Loader(
                        settings.data(), settings.views(), recipe.batch(), settings.workers(), recipe.seed(), 100)) {
            Optimizer optimizer = Optimizer.of(recipe.optimizer(), torch, parameters);
            Optional<WeightAverage> average = average(torch, parameters);
            LossScale lossScale = new LossScale(Precision.of(recipe.precision()));
            Checkpoints checkpoints = new Checkpoints(
                    settings, optimizer, lossScale, state(parameters, optimizer, average), loader.stepsPerEpoch());
            long done = resuming ? checkpoints.resume() : 0;
            long steps = loader.stepsPerEpoch() * recipe.epochs();
            Stepper stepper = Stepper.of(recipe, network, torch, parameters, optimizer, lossScale, steps);
            Optional<Monitor> monitor = recipe.monitorEpochs() == 0
                    ? Optional.empty()
                    : settings.heldOut()
                            .map(held -> new Monitor(recipe, network, torch, parameters, settings.data(), held));
            loop(new Parts(stepper, average, loader, checkpoints, monitor), done);
            return last;
        }
    }

    /** What a loop works with. */
    private record Parts(
            Stepper stepper,
            Optional<WeightAverage> average,
            Loader loader,
            Checkpoints checkpoints,
            Optional<Monitor> monitor) {}

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
        double weight = recipe.classifier() == null ? 0 : recipe.classifier().averageWeight();
        return weight > 0 ? Optional.of(new WeightAverage(torch, parameters, weight)) : Optional.empty();
    }

    private void loop(Parts parts, long behind) throws IOException, InterruptedException {
        Loader loader = parts.loader();
        long stepsPerEpoch = loader.stepsPerEpoch();
        long total = stepsPerEpoch * recipe.epochs();
        LearningRate rates = LearningRate.of(recipe.schedule(), settings.learningRate(), stepsPerEpoch);
        loader.seek(behind / stepsPerEpoch, behind % stepsPerEpoch);
        int rollbacks = 0;
        try (ScalarLog log = new ScalarLog(settings.workDir().resolve("scalars.jsonl"), behind);
                Progress.Work work = settings.progress().start("training " + recipe.name(), total)) {
            for (long step = behind + 1; step <= total; step++) {
                long start = System.nanoTime();
                Loader.Batch batch = loader.next();
                long loaded = System.nanoTime();
                double rate = rates.at(step - 1);
                StepResult result = parts.stepper().step(batch, rate);
                boolean finite = Double.isFinite(result.loss()) && Double.isFinite(result.gradientNorm());
                if (!finite && !result.skipped()) {
                    rollBack(parts.checkpoints(), step, result, ++rollbacks);
                    continue;
                }
                if (parts.average().isPresent()) {
                    parts.average().get().update(step);
                }
                long done = System.nanoTime();
                ObjectNode line = line(batch, step, stepsPerEpoch, rate, result, loaded - start, done - start);
                boolean epochEnds = step % stepsPerEpoch == 0;
                if (epochEnds && parts.monitor().isPresent()) {
                    measure(parts, step / stepsPerEpoch, line);
                }
                log.write(line);
                work.at(step);
                parts.checkpoints().writeIfDue(step);
            }
        }
        writeUnreadable(loader);
    }

    /** Measures behind an epoch that is due, and behind the last; the best is kept. */
    private void measure(Parts parts, long epoch, ObjectNode line) throws IOException {
        if (epoch % recipe.monitorEpochs() != 0 && epoch != recipe.epochs()) {
            return;
        }
        Monitor monitor = parts.monitor().orElseThrow();
        double share = monitor.top1();
        line.put(monitor.name(), share);
        parts.checkpoints().measured(share);
        LOG.info("epoch {}: {} {} %", epoch, monitor.name(), String.format(Locale.ROOT, "%.2f", share));
    }

    /** The weights of the last checkpoint again; the batches up to the bad one are not seen a second time. */
    private void rollBack(Checkpoints checkpoints, long step, StepResult result, int count) throws IOException {
        String what = "step " + step + ": loss " + result.loss() + ", gradient norm " + result.gradientNorm();
        if (count > settings.rollbacks() || !checkpoints.exist()) {
            throw new IOException(what + "; the last checkpoint is healthy: lower optimizer.lr or set"
                    + " optimizer.clipNorm in a new work folder, or go on behind the bad step with --resume"
                    + " --roll-back N");
        }
        long healthy = checkpoints.rollBack(step);
        LOG.warn(
                "{}; back to the weights behind step {}, steps {} to {} are left out",
                what,
                healthy,
                healthy + 1,
                step);
    }

    private ObjectNode line(
            Loader.Batch batch,
            long step,
            long stepsPerEpoch,
            double rate,
            StepResult result,
            long dataNanos,
            long nanos) {
        ObjectNode line = ScalarLog.line().put("lr", rate).put("data_time", dataNanos / 1e9);
        if (result.skipped()) {
            line.put("skipped", true); // JSON has no number for what was not finite
        } else {
            line.put("grad_norm", result.gradientNorm()).put("loss", result.loss());
        }
        line.put("time", nanos / 1e9)
                .put("epoch", batch.epoch() + 1)
                .put("iter", (step - 1) % stepsPerEpoch + 1)
                .put("step", step)
                .put("first_layer_grad_norm", result.firstLayerNorm())
                .put("images_per_second", batch.size() * 1e9 / Math.max(1, nanos));
        if (recipe.moco() != null) {
            line.put("feature_std", result.featureDeviation());
            line.put(
                    "encoder_momentum",
                    new EncoderMomentum(recipe.moco().encoderMomentum(), stepsPerEpoch * recipe.epochs()).at(step - 1));
        }
        return line;
    }

    private void writeUnreadable(Loader loader) throws IOException {
        StringBuilder text = new StringBuilder();
        new TreeMap<>(loader.unreadable())
                .forEach((name, reason) ->
                        text.append(name).append('\t').append(reason).append('\n'));
        if (text.length() > 0) {
            AtomicFile.write(
                    settings.workDir().resolve("unreadable.txt"),
                    text.toString().getBytes(StandardCharsets.UTF_8));
        }
    }
}
