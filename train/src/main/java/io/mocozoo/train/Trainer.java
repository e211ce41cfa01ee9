package io.mocozoo.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mocozoo.checkpoint.Checkpoint;
import io.mocozoo.checkpoint.KeyMap;
import io.mocozoo.checkpoint.ReadLimits;
import io.mocozoo.checkpoint.StoredTensor;
import io.mocozoo.data.Dataset;
import io.mocozoo.network.Classifier;
import io.mocozoo.network.Cost;
import io.mocozoo.network.MocoV3;
import io.mocozoo.network.Network;
import io.mocozoo.network.Positions;
import io.mocozoo.network.VisionTransformer;
import io.mocozoo.registry.ArchitectureJson;
import io.mocozoo.store.AtomicFile;
import io.mocozoo.store.Progress;
import io.mocozoo.train.augment.BatchMix;
import io.mocozoo.train.augment.MixBatch;
import io.mocozoo.train.augment.View;
import io.mocozoo.train.loss.CrossEntropy;
import io.mocozoo.train.loss.InfoNce;
import io.mocozoo.train.optim.AdamW;
import io.mocozoo.train.optim.Lars;
import io.mocozoo.train.optim.LearningRate;
import io.mocozoo.train.optim.LearningRate.Phase;
import io.mocozoo.train.optim.Optimizer;
import io.mocozoo.train.optim.ParameterRules;
import io.mocozoo.train.optim.Sgd;
import io.mocozoo.train.recipe.Recipe;
import io.mocozoo.train.recipe.Recipe.Method;
import io.mocozoo.train.recipe.Recipes;
import io.mocozoo.train.torch.Parameters;
import io.mocozoo.train.torch.TorchFunctions;
import io.mocozoo.train.torch.TorchOps;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A training from its recipe to its last checkpoint. Killed at any moment, {@link Settings#resume} goes on from the last
 * checkpoint, and on a CPU the final weights equal those of a run that was never cut off, bit for bit.
 */
public final class Trainer {
    /** The newest checkpoint's name in the work folder. */
    public static final String LAST = "last.safetensors";

    private static final Logger LOG = LoggerFactory.getLogger(Trainer.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Settings settings;
    private final Recipe recipe;
    private final Network network;

    /**
     * A training to be run.
     *
     * @param recipe every number of it
     * @param data what it learns from
     * @param views augmentations of each image: two for MoCo v3, one else
     * @param workDir where checkpoints and logs go
     * @param resume goes on from the last checkpoint if there is one
     * @param pretrained a checkpoint whose encoder it starts from
     * @param workers threads that decode and augment
     * @param learningRate of the recipe's batch, or scaled to it from the batch the rate is meant for
     * @param progress told of steps
     */
    public record Settings(
            Recipe recipe,
            Dataset data,
            List<View> views,
            Path workDir,
            boolean resume,
            Optional<Path> pretrained,
            int workers,
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
        if (recipe.microBatch() > 0) {
            throw new IllegalArgumentException("microBatch is not supported yet; --set microBatch=0");
        }
        if (!recipe.precision().equals("fp32")) {
            LOG.warn("precision {} is for GPUs; on the CPU everything is computed in fp32", recipe.precision());
        }
        if (recipe.monitorEpochs() > 0) {
            throw new IllegalArgumentException("k-NN monitoring is not supported yet; --set monitorEpochs=0");
        }
    }

    /** Where a training stands. */
    private static final class Position {
        private long done;
    }

    /** Runs to the end; gives the last checkpoint. */
    public Path run() throws IOException, InterruptedException {
        Files.createDirectories(settings.workDir());
        Path last = settings.workDir().resolve(LAST);
        boolean resuming = settings.resume() && Files.exists(last);
        if (!resuming && Files.exists(last)) {
            throw new IOException(last + " is there already; --resume goes on with it, or choose another --work-dir");
        }
        int side = recipe.data().crop();
        Cost cost = Cost.of(network, side, side);
        try (TorchFunctions torch = TorchFunctions.load();
                Parameters parameters =
                        Parameters.of(torch.manager(), cost, firstWeights(cost, resuming), DataType.FLOAT32, learns());
                Loader loader = new Loader(
                        settings.data(), settings.views(), recipe.batch(), settings.workers(), recipe.seed(), 100)) {
            Optimizer optimizer = optimizer(torch, parameters);
            Position position = new Position();
            Map<String, NDArray> arrays = new LinkedHashMap<>();
            parameters.names().forEach(n -> arrays.put(n, parameters.get(n)));
            optimizer.state().forEach((n, a) -> arrays.put("optimizer." + n, a));
            Optional<WeightAverage> average = average(torch, parameters);
            average.ifPresent(a -> a.arrays().forEach((name, array) -> {
                arrays.put("raw." + name, parameters.get(name));
                arrays.put(name, array); // what is shipped is the average
            }));
            if (resuming) {
                resume(last, arrays, optimizer, position);
            }
            loop(torch, parameters, optimizer, average, loader, arrays, position);
            return last;
        }
    }

    private Optional<WeightAverage> average(TorchFunctions torch, Parameters parameters) {
        double weight = recipe.classifier() == null ? 0 : recipe.classifier().averageWeight();
        return weight > 0 ? Optional.of(new WeightAverage(torch, parameters, weight)) : Optional.empty();
    }

    private void resume(Path last, Map<String, NDArray> arrays, Optimizer optimizer, Position position)
            throws IOException {
        Map<String, String> metadata = TrainingState.read(last, arrays);
        String written = metadata.getOrDefault("recipe", "");
        String now = Recipes.json(recipe).toString();
        if (!written.equals(now)) {
            throw new IOException(last + " was written by another recipe; expected the one it holds, found " + now
                    + "\nit holds " + written);
        }
        position.done = Long.parseLong(metadata.getOrDefault("step", "0"));
        optimizer.updates(Long.parseLong(metadata.getOrDefault("updates", "0")));
        LOG.info("going on behind step {}", position.done);
    }

    /** First weights: drawn from the seed, the encoder's from a checkpoint if one is given. */
    private Map<String, StoredTensor> firstWeights(Cost cost, boolean resuming) throws IOException {
        double headStd =
                recipe.classifier() == null ? 0.01 : recipe.classifier().headStd();
        Map<String, StoredTensor> weights =
                TrainingInitialisation.draw(network, recipe.data().crop(), recipe.seed(), headStd);
        if (settings.pretrained().isPresent() && !resuming) {
            Path file = settings.pretrained().get();
            try (Checkpoint checkpoint = Checkpoint.open(file, ReadLimits.DEFAULT)) {
                Map<String, StoredTensor> encoder = new TreeMap<>();
                KeyMap.toMmpretrain(checkpoint.stateDict(), cost.keys().keySet())
                        .forEach((key, tensor) -> {
                            if (key.startsWith("backbone.") && weights.containsKey(key)) {
                                encoder.put(key, tensor);
                            }
                        });
                List<String> needed = cost.needed().stream()
                        .filter(k -> k.startsWith("backbone."))
                        .toList();
                io.mocozoo.checkpoint.StateDictCheck.check(file, encoder, cost.keys(), needed);
                for (Map.Entry<String, StoredTensor> entry : encoder.entrySet()) {
                    StoredTensor tensor = entry.getValue();
                    weights.put(entry.getKey(), StoredTensor.ofBytes(tensor.dtype(), tensor.toBytes(), tensor.shape()));
                }
            }
        }
        return weights;
    }

    /** Fixed positions and MoCo v3's patch projection are frozen; a probe freezes the whole encoder. */
    private Predicate<String> learns() {
        boolean fixed = network.backbone() instanceof VisionTransformer vit && vit.positions() == Positions.SINCOS;
        boolean probe = recipe.method() == Method.LINEAR_PROBE;
        return name -> !(probe && name.startsWith("backbone."))
                && !(fixed && (name.endsWith("pos_embed") || name.contains("patch_embed.")));
    }

    private Optimizer optimizer(TorchFunctions torch, Parameters parameters) {
        Recipe.OptimizerSpec o = recipe.optimizer();
        List<Recipe.RuleSpec> specs = o.rules() == null ? List.of() : o.rules();
        ParameterRules rules = new ParameterRules(
                specs.stream()
                        .map(r -> new ParameterRules.Custom(r.part(), r.decay(), r.excludedFromLars()))
                        .toList(),
                o.normDecay() == null ? 1 : o.normDecay(),
                o.biasDecay() == null ? 1 : o.biasDecay());
        return switch (o.type()) {
            case "lars" -> new Lars(torch, parameters, rules, o.momentum(), o.weightDecay());
            case "sgd" -> new Sgd(torch, parameters, rules, o.momentum(), o.weightDecay());
            case "adamw" -> new AdamW(torch, parameters, rules, o.beta1(), o.beta2(), o.epsilon(), o.weightDecay());
            default -> throw new IllegalStateException("checked by the recipe: " + o.type());
        };
    }

    /** The learning rates of a recipe whose rate has been scaled to its batch. */
    public static LearningRate learningRate(Recipe recipe, double scaled, long stepsPerEpoch) {
        List<Phase> phases = recipe.schedule().stream()
                .map(p -> p.type().equals("linear")
                        ? Phase.linear(p.startFactor(), p.begin(), p.end())
                        : Phase.cosine(p.begin(), p.end(), p.least(), !p.byEpoch()))
                .toList();
        return new LearningRate(scaled, phases, stepsPerEpoch);
    }

    private OptionalDouble clip() {
        double most = recipe.optimizer().clipNorm();
        return most > 0 ? OptionalDouble.of(most) : OptionalDouble.empty();
    }

    /** One step of whatever method. */
    @FunctionalInterface
    private interface Stepper {
        MocoV3Training.Result step(Loader.Batch batch, double rate);
    }

    private Stepper stepper(TorchFunctions torch, Parameters parameters, Optimizer optimizer, long totalSteps) {
        int side = recipe.data().crop();
        if (network instanceof MocoV3 moco) {
            Recipe.MocoSpec spec = Objects.requireNonNull(recipe.moco());
            MocoV3Training training = new MocoV3Training(
                    torch,
                    moco,
                    parameters,
                    optimizer,
                    new InfoNce(spec.temperature()),
                    new EncoderMomentum(spec.encoderMomentum(), totalSteps),
                    clip());
            return (batch, rate) ->
                    training.step(images(torch, batch, 0, side), images(torch, batch, 1, side), rate, gradients -> {});
        }
        Classifier classifier = (Classifier) network;
        Recipe.ClassifierSpec spec = Objects.requireNonNull(recipe.classifier());
        ClassifierTraining training = new ClassifierTraining(
                torch,
                classifier,
                parameters,
                optimizer,
                new CrossEntropy(spec.labelSmoothing()),
                recipe.method() == Method.FINE_TUNE,
                clip());
        BatchMix mix = new BatchMix(spec.mixup(), spec.cutmix());
        return (batch, rate) -> {
            // one stream a step: a run taken up again draws what it would have drawn
            SplittableRandom random = new SplittableRandom(Loader.mix(recipe.seed(), batch.epoch(), batch.step(), -2));
            float[] targets = MixBatch.oneHot(batch.labels(), classifier.classes());
            if (spec.mixup() > 0 || spec.cutmix() > 0) {
                mix.apply(new MixBatch(batch.view(0), targets, batch.size(), side, side), random);
            }
            double[] wide = new double[targets.length];
            for (int i = 0; i < wide.length; i++) {
                wide[i] = targets[i];
            }
            return training.step(
                    images(torch, batch, 0, side),
                    wide,
                    rate,
                    new TorchOps.DropPath(spec.dropPath(), random),
                    gradients -> {});
        };
    }

    private static NDArray images(TorchFunctions torch, Loader.Batch batch, int view, int side) {
        return torch.manager().create(batch.view(view), new Shape(batch.size(), 3, side, side));
    }

    private void loop(
            TorchFunctions torch,
            Parameters parameters,
            Optimizer optimizer,
            Optional<WeightAverage> average,
            Loader loader,
            Map<String, NDArray> arrays,
            Position position)
            throws IOException, InterruptedException {
        long stepsPerEpoch = loader.stepsPerEpoch();
        long total = stepsPerEpoch * recipe.epochs();
        LearningRate rates = learningRate(recipe, settings.learningRate(), stepsPerEpoch);
        Stepper stepper = stepper(torch, parameters, optimizer, total);
        loader.seek(position.done / stepsPerEpoch, position.done % stepsPerEpoch);
        try (ScalarLog log = new ScalarLog(settings.workDir().resolve("scalars.jsonl"), position.done);
                Progress.Work work = settings.progress().start("training " + recipe.name(), total)) {
            while (position.done < total) {
                long start = System.nanoTime();
                Loader.Batch batch = loader.next();
                long loaded = System.nanoTime();
                double rate = rates.at(position.done);
                MocoV3Training.Result result = stepper.step(batch, rate);
                if (!Double.isFinite(result.loss()) || !Double.isFinite(result.gradientNorm())) {
                    throw new IOException("step " + (position.done + 1) + ": loss " + result.loss() + ", gradient norm "
                            + result.gradientNorm() + "; the last checkpoint is healthy: lower optimizer.lr or set"
                            + " optimizer.clipNorm, and --resume into a copy of the work folder");
                }
                position.done++;
                average.ifPresent(a -> a.update(position.done));
                long done = System.nanoTime();
                log.write(line(batch, position.done, stepsPerEpoch, rate, result, loaded - start, done - start));
                work.at(position.done);
                boolean epochEnds = position.done % stepsPerEpoch == 0;
                int every = recipe.checkpointSteps();
                if (epochEnds || (every > 0 && position.done % every == 0)) {
                    checkpoint(arrays, optimizer, position, stepsPerEpoch, epochEnds);
                }
            }
        }
        writeUnreadable(loader);
    }

    private static ObjectNode line(
            Loader.Batch batch,
            long step,
            long stepsPerEpoch,
            double rate,
            MocoV3Training.Result result,
            long dataNanos,
            long nanos) {
        ObjectNode line = ScalarLog.line()
                .put("lr", rate)
                .put("data_time", dataNanos / 1e9)
                .put("grad_norm", result.gradientNorm())
                .put("loss", result.loss())
                .put("time", nanos / 1e9)
                .put("epoch", batch.epoch() + 1)
                .put("iter", (step - 1) % stepsPerEpoch + 1)
                .put("step", step)
                .put("first_layer_grad_norm", result.firstLayerNorm())
                .put("images_per_second", batch.size() * 1e9 / Math.max(1, nanos));
        if (result.featureDeviation() > 0) {
            line.put("feature_std", result.featureDeviation());
        }
        return line;
    }

    private void checkpoint(
            Map<String, NDArray> arrays, Optimizer optimizer, Position position, long stepsPerEpoch, boolean epochEnds)
            throws IOException {
        Map<String, String> metadata = new TreeMap<>();
        metadata.put("recipe", Recipes.json(recipe).toString());
        metadata.put("architecture", recipe.architecture().toString());
        metadata.put("step", String.valueOf(position.done));
        metadata.put("updates", String.valueOf(optimizer.updates()));
        if (network instanceof Classifier) {
            metadata.put("classes", JSON.writeValueAsString(settings.data().classes()));
        }
        Path folder = settings.workDir();
        long epoch = position.done / stepsPerEpoch;
        if (epochEnds && (epoch % recipe.checkpointEpochs() == 0 || epoch == recipe.epochs())) {
            TrainingState.write(folder.resolve("epoch_" + epoch + ".safetensors"), arrays, metadata);
            long dropped = epoch - (long) recipe.keep() * recipe.checkpointEpochs();
            if (dropped > 0) {
                Files.deleteIfExists(folder.resolve("epoch_" + dropped + ".safetensors"));
            }
        }
        TrainingState.write(folder.resolve(LAST), arrays, metadata);
    }

    private void writeUnreadable(Loader loader) throws IOException {
        StringBuilder text = new StringBuilder();
        new TreeMap<>(loader.unreadable())
                .forEach((name, reason) ->
                        text.append(name).append('\t').append(reason).append('\n'));
        if (text.length() > 0) {
            byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
            AtomicFile.write(
                    settings.workDir().resolve("unreadable.txt"), channel -> channel.write(ByteBuffer.wrap(bytes)));
        }
    }
}
