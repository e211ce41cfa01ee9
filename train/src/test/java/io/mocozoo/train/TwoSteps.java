package io.mocozoo.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.mocozoo.network.Classifier;
import io.mocozoo.network.Cost;
import io.mocozoo.network.MocoV3;
import io.mocozoo.network.Network;
import io.mocozoo.registry.ArchitectureJson;
import io.mocozoo.train.loss.CrossEntropy;
import io.mocozoo.train.loss.InfoNce;
import io.mocozoo.train.optim.Optimizer;
import io.mocozoo.train.recipe.Recipe;
import io.mocozoo.train.torch.Parameters;
import io.mocozoo.train.torch.Pass;
import io.mocozoo.train.torch.Precision;
import io.mocozoo.train.torch.Replicas;
import io.mocozoo.train.torch.TorchFunctions;
import io.mocozoo.train.torch.TorchOps;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SplittableRandom;

/**
 * What two steps gave, or one, however their batches were split.
 *
 * @param loss of the last step
 * @param featureDeviation of the last step
 * @param gradients of the last step by name
 * @param weights behind it by name, and running statistics
 */
record TwoSteps(double loss, double featureDeviation, Map<String, double[]> gradients, Map<String, double[]> weights) {
    static final int BATCH = 10;
    private static final int SIDE = 16;

    /**
     * How a batch is split.
     *
     * @param microBatch images at once, 0 for all
     * @param replicas on the CPU, each with its own copy of the weights
     * @param part images with a loss of their own, 0 for all
     */
    record Split(int microBatch, int replicas, int part) {
        Split(int microBatch, int replicas) {
            this(microBatch, replicas, 0);
        }

        private Numbers numbers() {
            return new Numbers(Precision.FP32, new LossScale(Precision.FP32), microBatch, part, OptionalDouble.empty());
        }

        private Replicas replicas(TorchFunctions torch, Parameters parameters) {
            return Replicas.of(torch, parameters, Collections.nCopies(replicas - 1, Device.cpu()));
        }
    }

    /** To rounding, whatever the order of sums. */
    void assertSameAs(TwoSteps whole, DataType type) {
        double relative = type == DataType.FLOAT64 ? 1e-10 : 1e-4;
        assertThat(loss).isCloseTo(whole.loss, offset(relative * whole.loss));
        assertThat(featureDeviation).isCloseTo(whole.featureDeviation, offset(relative));
        assertThat(whole.gradients.keySet()).anyMatch(name -> name.startsWith("backbone."));
        compare(whole.gradients, gradients, relative);
        compare(whole.weights, weights, relative);
    }

    private static void compare(Map<String, double[]> whole, Map<String, double[]> pieces, double relative) {
        assertThat(pieces.keySet()).isEqualTo(whole.keySet());
        double longest =
                whole.values().stream().mapToDouble(TwoSteps::length).max().orElseThrow();
        whole.forEach((name, expected) -> {
            double[] difference = Objects.requireNonNull(pieces.get(name)).clone();
            for (int i = 0; i < expected.length; i++) {
                difference[i] -= expected[i];
            }
            // a bias before a batch norm has a gradient of zero, but for rounding
            assertThat(length(difference))
                    .as(name)
                    .isLessThanOrEqualTo(relative * Math.max(length(expected), longest / 100));
        });
    }

    private static double length(double... values) {
        return Math.sqrt(Arrays.stream(values).map(v -> v * v).sum());
    }

    static TwoSteps contrastive(Recipe recipe, Split split, DataType type) throws IOException {
        return contrastive(
                recipe,
                split,
                type,
                (training, torch) -> (step, observer) ->
                        training.step(images(torch, 2 * step, type), images(torch, 2 * step + 1, type), 1e-3, observer),
                2);
    }

    /** One step with some of a batch's images, in double precision. */
    static TwoSteps oneStep(Recipe recipe, Split split, int from, int to) throws IOException {
        NDIndex rows = new NDIndex("{}:{}", from, to);
        return contrastive(
                recipe,
                split,
                DataType.FLOAT64,
                (training, torch) -> (step, observer) -> training.step(
                        images(torch, 0, DataType.FLOAT64).get(rows),
                        images(torch, 1, DataType.FLOAT64).get(rows),
                        1e-3,
                        observer),
                1);
    }

    /** Steps of a training that is there only then. */
    private interface Steps {
        Step of(MocoV3Training training, TorchFunctions torch);
    }

    private static TwoSteps contrastive(Recipe recipe, Split split, DataType type, Steps steps, int count)
            throws IOException {
        MocoV3 network = (MocoV3) ArchitectureJson.read(recipe.architecture(), recipe.name());
        try (TorchFunctions torch = TorchFunctions.load();
                Parameters parameters = parameters(recipe, network, torch, type);
                Replicas replicas = split.replicas(torch, parameters)) {
            MocoV3Training training = new MocoV3Training(
                    torch,
                    network,
                    replicas,
                    Optimizer.of(recipe.optimizer(), torch, parameters),
                    new InfoNce(0.2),
                    new EncoderMomentum(0.01, 10),
                    split.numbers());
            return last(parameters, steps.of(training, torch), count);
        }
    }

    static TwoSteps classifier(Recipe recipe, Split split, double dropPath) throws IOException {
        Classifier network = (Classifier) ArchitectureJson.read(recipe.architecture(), recipe.name());
        try (TorchFunctions torch = TorchFunctions.load();
                Parameters parameters = parameters(recipe, network, torch, DataType.FLOAT64);
                Replicas replicas = split.replicas(torch, parameters)) {
            ClassifierTraining training = new ClassifierTraining(
                    torch,
                    network,
                    replicas,
                    Optimizer.of(recipe.optimizer(), torch, parameters),
                    new CrossEntropy(0.1),
                    Pass.LEARN,
                    name -> false,
                    split.numbers());
            double[] targets = new double[BATCH * network.classes()];
            for (int i = 0; i < BATCH; i++) {
                targets[i * network.classes() + i % network.classes()] = 1;
            }
            return last(
                    parameters,
                    (step, observer) -> training.step(
                            images(torch, step, DataType.FLOAT64),
                            targets,
                            1e-3,
                            new TorchOps.DropPath(dropPath, new SplittableRandom(step)),
                            observer),
                    2);
        }
    }

    /** One step of a training. */
    private interface Step {
        StepResult run(int step, GradientObserver observer);
    }

    private static TwoSteps last(Parameters parameters, Step step, int count) {
        for (int before = 0; before < count - 1; before++) {
            step.run(before, gradients -> {});
        }
        Map<String, double[]> gradients = new LinkedHashMap<>();
        StepResult last = step.run(count - 1, all -> all.forEach((name, array) -> gradients.put(name, numbers(array))));
        Map<String, double[]> weights = new LinkedHashMap<>();
        parameters.names().forEach(name -> weights.put(name, numbers(parameters.get(name))));
        return new TwoSteps(last.loss(), last.featureDeviation(), gradients, weights);
    }

    private static Parameters parameters(Recipe recipe, Network network, TorchFunctions torch, DataType type)
            throws IOException {
        Cost cost = Cost.of(network, SIDE, SIDE);
        return Parameters.of(
                torch.manager(), cost, FirstWeights.of(network, cost, recipe, Optional.empty()), type, name -> true);
    }

    private static double[] numbers(NDArray array) {
        return array.toType(DataType.FLOAT64, true).toDoubleArray();
    }

    private static NDArray images(TorchFunctions torch, int stream, DataType type) {
        SplittableRandom random = new SplittableRandom(stream);
        double[] values = new double[BATCH * 3 * SIDE * SIDE];
        Arrays.setAll(values, i -> random.nextDouble(-2, 2));
        return torch.manager().create(values, new Shape(BATCH, 3, SIDE, SIDE)).toType(type, false);
    }
}
