package io.mocozoo.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.mocozoo.network.Classifier;
import io.mocozoo.network.MocoV3;
import io.mocozoo.network.Network;
import io.mocozoo.train.augment.BatchMix;
import io.mocozoo.train.augment.MixBatch;
import io.mocozoo.train.loss.CrossEntropy;
import io.mocozoo.train.loss.InfoNce;
import io.mocozoo.train.optim.Optimizer;
import io.mocozoo.train.recipe.Recipe;
import io.mocozoo.train.torch.Pass;
import io.mocozoo.train.torch.Precision;
import io.mocozoo.train.torch.Replicas;
import io.mocozoo.train.torch.TorchFunctions;
import io.mocozoo.train.torch.TorchOps;
import java.util.Arrays;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.SplittableRandom;

/** One step of whatever method a recipe names. */
@FunctionalInterface
interface Stepper {
    /** Floats of an array that is handed to the engine. */
    int MOST_AT_ONCE = 1 << 28;

    /** Learns from a batch at a learning rate. */
    StepResult step(Loader.Batch batch, double rate);

    /** The steps of a recipe; its network fits its method. */
    static Stepper of(
            Recipe recipe,
            Network network,
            TorchFunctions torch,
            Replicas replicas,
            Optimizer optimizer,
            LossScale lossScale,
            long totalSteps) {
        double most = recipe.optimizer().clipNorm();
        OptionalDouble clip = most > 0 ? OptionalDouble.of(most) : OptionalDouble.empty();
        int part = recipe.accumulate() == 1 ? 0 : recipe.part();
        Numbers numbers = new Numbers(Precision.of(recipe.precision()), lossScale, recipe.microBatch(), part, clip);
        int side = recipe.data().crop();
        if (network instanceof MocoV3 moco) {
            Recipe.MocoSpec spec = Objects.requireNonNull(recipe.moco());
            MocoV3Training training = new MocoV3Training(
                    torch,
                    moco,
                    replicas,
                    optimizer,
                    new InfoNce(spec.temperature()),
                    new EncoderMomentum(spec.encoderMomentum(), totalSteps),
                    numbers);
            return (batch, rate) ->
                    training.step(images(torch, batch, 0, side), images(torch, batch, 1, side), rate, gradients -> {});
        }
        Classifier classifier = (Classifier) network;
        Recipe.ClassifierSpec spec = Objects.requireNonNull(recipe.classifier());
        ClassifierTraining training = new ClassifierTraining(
                torch,
                classifier,
                replicas,
                optimizer,
                new CrossEntropy(spec.labelSmoothing()),
                recipe.method() == Recipe.Method.FINE_TUNE ? Pass.LEARN : Pass.FROZEN,
                TrainingPlan.frozen(recipe, network),
                numbers);
        BatchMix mix = new BatchMix(spec.mixup(), spec.cutmix());
        return (batch, rate) -> {
            // one stream a step: a run taken up again draws what it would have drawn
            SplittableRandom random = new SplittableRandom(Loader.mix(recipe.seed(), batch.epoch(), batch.step(), -2));
            float[] targets = MixBatch.oneHot(batch.labels(), classifier.classes());
            mix.apply(new MixBatch(batch.view(0), targets, batch.size(), side, side), random);
            return training.step(
                    images(torch, batch, 0, side),
                    wide(targets),
                    rate,
                    new TorchOps.DropPath(spec.dropPath(), random),
                    gradients -> {});
        };
    }

    private static double[] wide(float... values) {
        double[] wide = new double[values.length];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = values[i];
        }
        return wide;
    }

    /** One view of a batch; the engine takes arrays of less than 2 GiB, of which a large batch needs several. */
    private static NDArray images(TorchFunctions torch, Loader.Batch batch, int view, int side) {
        float[] all = batch.view(view);
        int each = 3 * side * side;
        NDManager manager = torch.manager();
        if (all.length <= MOST_AT_ONCE) {
            return manager.create(all, new Shape(batch.size(), 3, side, side));
        }
        try (NDManager pieces = manager.newSubManager()) {
            NDList rows = new NDList();
            for (Pieces.Range range : Pieces.of(batch.size(), Math.max(1, MOST_AT_ONCE / each))) {
                float[] piece = Arrays.copyOfRange(
                        all, Math.toIntExact(range.from() * each), Math.toIntExact(range.to() * each));
                rows.add(pieces.create(piece, new Shape(range.size(), 3, side, side)));
            }
            NDArray images = NDArrays.concat(rows, 0);
            images.attach(manager);
            return images;
        }
    }
}
