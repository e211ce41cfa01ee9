package io.mocozoo.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Offset.offset;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import io.mocozoo.network.Cost;
import io.mocozoo.network.MocoV3;
import io.mocozoo.network.Network;
import io.mocozoo.registry.ArchitectureJson;
import io.mocozoo.train.loss.InfoNce;
import io.mocozoo.train.optim.Optimizer;
import io.mocozoo.train.recipe.Recipe;
import io.mocozoo.train.torch.Parameters;
import io.mocozoo.train.torch.Precision;
import io.mocozoo.train.torch.Replicas;
import io.mocozoo.train.torch.TorchFunctions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrecisionTest {
    private static final int BATCH = 16;
    private static final int SIDE = 16;

    /** Ten bits of a half's fraction, seven of a bfloat16's. */
    @ParameterizedTest
    @CsvSource({"FP16, 1e-3", "BF16, 8e-3"})
    void productsAreRoundedForwardsAndBackwards(Precision precision, double relative) {
        try (TorchFunctions torch = TorchFunctions.load();
                NDManager step = torch.manager().newSubManager()) {
            NDArray x = waves(step, 24, 40);
            NDArray w = waves(step, 16, 40);
            NDArray b = waves(step, 16);
            List<float[]> single = productAndGradients(torch, step, "linearBias", x, w, b);
            List<float[]> low = productAndGradients(torch, step, "linearBias_" + precision.word(), x, w, b);
            for (int i = 0; i < single.size(); i++) {
                assertThat(distance(low.get(i), single.get(i))).as("array " + i).isBetween(relative / 100, relative);
            }
        }
    }

    /** The product, then the gradients of its sum of squares by each argument; all in single precision. */
    private static List<float[]> productAndGradients(
            TorchFunctions torch, NDManager step, String function, NDArray... arguments) {
        List<float[]> results = new ArrayList<>();
        try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
            NDArray[] leaves = new NDArray[arguments.length]; // gradients add up: each run has its own
            for (int i = 0; i < leaves.length; i++) {
                leaves[i] = arguments[i].duplicate();
                leaves[i].setRequiresGradient(true);
            }
            NDArray product = torch.call(step, function, leaves);
            assertThat(product.getDataType()).isEqualTo(DataType.FLOAT32);
            collector.backward(torch.call(step, "dot", product, product));
            results.add(product.toFloatArray());
            for (NDArray leaf : leaves) {
                NDArray gradient = leaf.getGradient();
                assertThat(gradient.getDataType()).isEqualTo(DataType.FLOAT32);
                results.add(gradient.toFloatArray());
            }
        }
        return results;
    }

    private static double distance(float[] found, float[] expected) {
        double square = 0;
        double length = 0;
        for (int i = 0; i < expected.length; i++) {
            square += Math.pow(found[i] - expected[i], 2);
            length += Math.pow(expected[i], 2);
        }
        return Math.sqrt(square / length);
    }

    private static NDArray waves(NDManager manager, long... sizes) {
        Shape shape = new Shape(sizes);
        float[] values = new float[(int) shape.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) Math.sin(0.7 + 1.3 * i);
        }
        return manager.create(values, shape);
    }

    @ParameterizedTest
    @CsvSource({"FP16, 2e-3", "BF16, 1e-2"})
    void lossOfAStepIsRoundedALittle(Precision precision, double relative) throws IOException {
        StepResult single = step(precision(Precision.FP32));
        StepResult low = step(precision(precision));
        assertThat(low.skipped()).isFalse();
        assertThat(low.loss()).isNotEqualTo(single.loss()).isCloseTo(single.loss(), offset(relative * single.loss()));
    }

    @Test
    void overflowSkipsTheStepAndHalvesTheScale() throws IOException {
        LossScale scale = new LossScale(Precision.FP16);
        scale.state(Path.of("test"), "1.0E38 5"); // times a loss of some nats it is infinite
        StepResult skipped = step(new Numbers(Precision.FP16, scale, 0, 0, OptionalDouble.of(1)));
        assertThat(skipped.skipped()).isTrue();
        assertThat(skipped.loss()).isFinite();
        assertThat(scale.state()).isEqualTo("5.0E37 0");
    }

    @Test
    void scaleDoublesBehindTwoThousandGoodSteps() throws IOException {
        LossScale scale = new LossScale(Precision.FP16);
        assertThat(scale.value()).isEqualTo(65_536);
        for (int step = 1; step < 2_000; step++) {
            assertThat(scale.skips(1)).isFalse();
        }
        LossScale goneOn = new LossScale(Precision.FP16);
        goneOn.state(Path.of("test"), scale.state());
        assertThat(goneOn.skips(1)).isFalse();
        assertThat(goneOn.value()).isEqualTo(131_072);
        assertThat(goneOn.skips(Double.NaN)).isTrue();
        assertThat(goneOn.value()).isEqualTo(65_536);
    }

    @Test
    void scaleOfOtherPrecisionsIsOneAndSkipsNothing() {
        LossScale scale = new LossScale(Precision.BF16);
        assertThat(scale.skips(Double.POSITIVE_INFINITY)).isFalse();
        assertThat(scale.value()).isEqualTo(1);
    }

    @Test
    void scaleThatFellToOneLeavesTheErrorToTheTraining() {
        LossScale scale = new LossScale(Precision.FP16);
        int skipped = 0;
        while (scale.skips(Double.NaN)) {
            skipped++;
        }
        assertThat(skipped).isEqualTo(16);
        assertThat(scale.value()).isEqualTo(1);
    }

    @Test
    void wordsAreThoseOfRecipes() {
        assertThat(Precision.of("bf16")).isEqualTo(Precision.BF16);
        assertThatThrownBy(() -> Precision.of("fp8")).hasMessage("precision must be fp32 or bf16 or fp16, found fp8");
    }

    private static Numbers precision(Precision precision) throws IOException {
        LossScale scale = new LossScale(precision);
        if (precision == Precision.FP16) {
            scale.state(Path.of("test"), "128 0"); // the first scale is there to be halved until it fits
        }
        return new Numbers(precision, scale, 0, 0, OptionalDouble.empty());
    }

    private static StepResult step(Numbers numbers) throws IOException {
        Recipe recipe = TinyRecipes.pretraining(2);
        Network network = ArchitectureJson.read(recipe.architecture(), recipe.name());
        Cost cost = Cost.of(network, SIDE, SIDE);
        try (TorchFunctions torch = TorchFunctions.load();
                Parameters parameters = Parameters.of(
                        torch.manager(),
                        cost,
                        FirstWeights.of(network, cost, recipe, Optional.empty()),
                        DataType.FLOAT32,
                        name -> true)) {
            MocoV3Training training = new MocoV3Training(
                    torch,
                    (MocoV3) network,
                    Replicas.one(torch, parameters),
                    Optimizer.of(recipe.optimizer(), torch, parameters),
                    new InfoNce(0.2),
                    new EncoderMomentum(0.01, 10),
                    numbers);
            float[] before = parameters.get("backbone.ln1.weight").toFloatArray();
            StepResult result = training.step(images(torch, 1), images(torch, 2), 1e-3, gradients -> {});
            float[] after = parameters.get("backbone.ln1.weight").toFloatArray();
            if (result.skipped()) {
                assertThat(after).containsExactly(before);
            } else {
                assertThat(after).isNotEqualTo(before);
            }
            return result;
        }
    }

    /** Waves, each image of a direction and length of its own: features of noise alone would hardly differ. */
    private static NDArray images(TorchFunctions torch, int stream) {
        float[] values = new float[BATCH * 3 * SIDE * SIDE];
        for (int i = 0; i < values.length; i++) {
            int x = i % SIDE;
            int y = i / SIDE % SIDE;
            int image = i / (3 * SIDE * SIDE);
            values[i] = (float) (2 * Math.sin(stream + image + 0.1 * image * x + 0.7 * (image % 4) * y));
        }
        return torch.manager().create(values, new Shape(BATCH, 3, SIDE, SIDE));
    }
}
