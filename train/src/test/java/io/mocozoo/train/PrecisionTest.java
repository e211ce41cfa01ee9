package io.mocozoo.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Offset.offset;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.mocozoo.network.Cost;
import io.mocozoo.network.MocoV3;
import io.mocozoo.network.Network;
import io.mocozoo.registry.ArchitectureJson;
import io.mocozoo.train.loss.InfoNce;
import io.mocozoo.train.optim.Optimizer;
import io.mocozoo.train.recipe.Recipe;
import io.mocozoo.train.torch.Parameters;
import io.mocozoo.train.torch.Precision;
import io.mocozoo.train.torch.TorchFunctions;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrecisionTest {
    private static final int BATCH = 16;
    private static final int SIDE = 16;

    /** What a step gave: everything in single precision. */
    private record Outcome(StepResult result, Map<String, float[]> gradients) {}

    /**
     * Ten bits of a half's fraction, seven of a bfloat16's: rounding is visible in the loss, and small. Gradients lie further
     * apart: three batch norms over sixteen rows divide by small deviations.
     */
    @ParameterizedTest
    @CsvSource({"FP16, 2e-3", "BF16, 1e-2"})
    void lowPrecisionRoundsALittle(Precision precision, double lossApart) throws IOException {
        Outcome single = step(precision(Precision.FP32));
        Outcome low = step(precision(precision));
        assertThat(low.result.skipped()).isFalse();
        assertThat(low.result.loss())
                .isNotEqualTo(single.result.loss())
                .isCloseTo(single.result.loss(), offset(lossApart * single.result.loss()));
        assertThat(low.gradients.keySet()).isEqualTo(single.gradients.keySet());
        double distance = 0;
        double length = 0;
        for (Map.Entry<String, float[]> entry : single.gradients.entrySet()) {
            float[] found = low.gradients.getOrDefault(entry.getKey(), new float[0]);
            for (int i = 0; i < found.length; i++) {
                distance += Math.pow(found[i] - entry.getValue()[i], 2);
                length += Math.pow(entry.getValue()[i], 2);
            }
        }
        assertThat(Math.sqrt(distance / length)).isBetween(1e-6, 0.2);
    }

    @Test
    void overflowSkipsTheStepAndHalvesTheScale() throws IOException {
        LossScale scale = new LossScale(Precision.FP16);
        scale.state("1.0E38 5"); // times a loss of some nats it is infinite
        Outcome skipped = step(new Numbers(Precision.FP16, scale, 0, OptionalDouble.of(1)));
        assertThat(skipped.result.skipped()).isTrue();
        assertThat(skipped.result.loss()).isFinite();
        assertThat(scale.state()).isEqualTo("5.0E37 0");
    }

    @Test
    void scaleDoublesBehindTwoThousandGoodSteps() {
        LossScale scale = new LossScale(Precision.FP16);
        assertThat(scale.value()).isEqualTo(65_536);
        for (int step = 1; step < 2_000; step++) {
            assertThat(scale.skips(1)).isFalse();
        }
        LossScale goneOn = new LossScale(Precision.FP16);
        goneOn.state(scale.state());
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

    private static Numbers precision(Precision precision) {
        LossScale scale = new LossScale(precision);
        if (precision == Precision.FP16) {
            scale.state("128 0"); // the first scale is there to be halved until it fits
        }
        return new Numbers(precision, scale, 0, OptionalDouble.empty());
    }

    private static Outcome step(Numbers numbers) throws IOException {
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
                    parameters,
                    Optimizer.of(recipe.optimizer(), torch, parameters),
                    new InfoNce(0.2),
                    new EncoderMomentum(0.01, 10),
                    numbers);
            Map<String, float[]> gradients = new LinkedHashMap<>();
            float[] before = parameters.get("backbone.ln1.weight").toFloatArray();
            StepResult result = training.step(
                    images(torch, 1),
                    images(torch, 2),
                    1e-3,
                    all -> all.forEach((name, gradient) -> gradients.put(name, gradient.toFloatArray())));
            float[] after = parameters.get("backbone.ln1.weight").toFloatArray();
            if (result.skipped()) {
                assertThat(after).containsExactly(before);
            } else {
                assertThat(after).isNotEqualTo(before);
            }
            return new Outcome(result, gradients);
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
