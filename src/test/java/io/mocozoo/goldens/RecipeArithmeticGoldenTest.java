package io.mocozoo.goldens;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import com.fasterxml.jackson.databind.JsonNode;
import io.mocozoo.train.EncoderMomentum;
import io.mocozoo.train.loss.CrossEntropy;
import io.mocozoo.train.loss.InfoNce;
import io.mocozoo.train.optim.LearningRate;
import io.mocozoo.train.optim.LearningRate.Phase;
import io.mocozoo.train.torch.TorchFunctions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Schedules, the encoder's momentum and losses against the reference. */
class RecipeArithmeticGoldenTest {
    private static Stream<String> names(String part) {
        List<String> names = new ArrayList<>();
        Goldens.index("training").get(part).fieldNames().forEachRemaining(names::add);
        assertThat(names).isNotEmpty();
        return names.stream();
    }

    static Stream<String> schedules() {
        return names("schedules");
    }

    static Stream<String> momenta() {
        return names("ema");
    }

    static Stream<String> contrasts() {
        return names("infonce");
    }

    static Stream<String> losses() {
        return names("losses");
    }

    @ParameterizedTest
    @MethodSource("schedules")
    void learningRatesAreTheReferencesAtEveryStep(String name) {
        JsonNode golden = Goldens.index("training").get("schedules").get(name);
        List<Phase> phases = new ArrayList<>();
        golden.get("param_scheduler").forEach(p -> phases.add(phase(p)));
        LearningRate rate = new LearningRate(
                golden.get("base_lr").doubleValue(),
                phases,
                golden.get("iters_per_epoch").longValue());
        double[] expected = Goldens.npy(golden.get("file").textValue());
        int every = golden.get("stored_every").intValue();
        for (int i = 0; i < expected.length; i++) {
            // recursions of up to 100,000 multiplications: cosines of two libraries differ in the last digit
            assertThat(rate.at((long) i * every))
                    .as("step %d", i * every)
                    .isCloseTo(expected[i], within(1e-11 * golden.get("base_lr").doubleValue()));
        }
    }

    private static Phase phase(JsonNode config) {
        int begin = config.get("begin").intValue();
        int end = config.get("end").intValue();
        return config.get("type").textValue().equals("LinearLR")
                ? Phase.linear(config.get("start_factor").doubleValue(), begin, end, true)
                : Phase.cosine(
                        begin,
                        end,
                        config.path("eta_min").asDouble(0),
                        config.path("convert_to_iter_based").asBoolean(false));
    }

    @ParameterizedTest
    @MethodSource("momenta")
    void encoderMomentumIsTheReferences(String name) {
        JsonNode golden = Goldens.index("training").get("ema").get(name);
        double[] expected = Goldens.npy(golden.get("file").textValue());
        double base = golden.get("base_momentum").doubleValue();
        long most = golden.get("max_iters").longValue();
        EncoderMomentum momentum = new EncoderMomentum(base, most);
        assertThat(expected[0]).isEqualTo(1.0); // the first update copies
        for (int i = 1; i < expected.length; i++) {
            assertThat(momentum.at(i)).as("step %d", i).isCloseTo(expected[i], within(1e-12 * base));
        }
    }

    @ParameterizedTest
    @MethodSource("contrasts")
    void infoNceIsTheReferencesWithItsGradient(String name) {
        JsonNode golden = Goldens.index("training").get("infonce").get(name);
        Map<String, double[]> arrays = Goldens.npz(golden.get("file").textValue());
        double[] q = Objects.requireNonNull(arrays.get("q"));
        double[] k = Objects.requireNonNull(arrays.get("k"));
        double[] expected = Objects.requireNonNull(arrays.get("grad_q"));
        try (TorchFunctions torch = TorchFunctions.load();
                NDManager step = torch.manager().newSubManager()) {
            int rows = golden.has("batch")
                    ? golden.get("batch").intValue()
                    : Goldens.npzRows(golden.get("file").textValue(), "q");
            Shape shape = new Shape(rows, q.length / rows);
            NDArray queries = step.create(q, shape);
            queries.setRequiresGradient(true);
            double loss;
            try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
                NDArray value = new InfoNce(golden.get("temperature").doubleValue())
                        .loss(
                                torch,
                                step,
                                queries,
                                step.create(k, new Shape(k.length / shape.get(1), shape.get(1))),
                                0);
                collector.backward(value);
                loss = value.getDouble();
            }
            assertThat(loss).isCloseTo(golden.get("loss").doubleValue(), within(1e-6));
            double[] found = queries.getGradient().toDoubleArray();
            for (int i = 0; i < expected.length; i++) {
                assertThat(found[i]).isCloseTo(expected[i], within(1e-6));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("losses")
    void classificationLossesAreTheReferencesWithTheirGradients(String name) {
        JsonNode golden = Goldens.index("training").get("losses").get(name);
        double[] logits = Goldens.npy("training/losses.logits.npy");
        JsonNode config = golden.get("config");
        boolean soft = golden.get("targets").isTextual();
        int n = soft
                ? Goldens.npyRows("training/losses.logits.npy")
                : golden.get("targets").size();
        int classes = logits.length / n;
        double[] targets = soft
                ? Goldens.npy("training/losses." + golden.get("targets").textValue() + ".npy")
                : Goldens.oneHot(golden.get("targets"), classes);
        double weight = config.path("loss_weight").asDouble(1);
        double[] expected = Goldens.npy(golden.get("grad").textValue());
        try (TorchFunctions torch = TorchFunctions.load();
                NDManager step = torch.manager().newSubManager()) {
            NDArray x = step.create(logits, new Shape(n, classes));
            x.setRequiresGradient(true);
            double loss;
            try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
                NDArray value =
                        new CrossEntropy(config.path("label_smooth_val").asDouble(0)).loss(torch, step, x, targets);
                collector.backward(value);
                loss = value.getDouble();
            }
            assertThat(weight * loss).isCloseTo(golden.get("loss").doubleValue(), within(1e-6));
            double[] found = x.getGradient().toDoubleArray();
            for (int i = 0; i < expected.length; i++) {
                assertThat(weight * found[i]).isCloseTo(expected[i], within(1e-6));
            }
        }
    }
}
