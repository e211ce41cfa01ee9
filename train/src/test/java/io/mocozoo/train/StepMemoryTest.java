package io.mocozoo.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.mocozoo.network.Backbone;
import io.mocozoo.network.Cost;
import io.mocozoo.network.Network;
import io.mocozoo.train.recipe.Recipe;
import io.mocozoo.train.recipe.Recipes;
import io.mocozoo.train.torch.Parameters;
import io.mocozoo.train.torch.Pass;
import io.mocozoo.train.torch.Precision;
import io.mocozoo.train.torch.Replicas;
import io.mocozoo.train.torch.ReplicatedOps;
import io.mocozoo.train.torch.TorchFunctions;
import io.mocozoo.train.torch.TorchOps;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a training is said to need in memory. */
class StepMemoryTest {
    private static final int IMAGES = 4;
    private static final String PRETRAINING = "mocov3_vit-tiny-p8_shapes";
    private static final String PROBE = "vit-tiny-p8_linear_shapes";

    @ParameterizedTest
    @ValueSource(strings = {"mocov3_vit-tiny-p8_shapes", "mocov3_resnet-tiny_shapes"})
    void resultsAreThoseThatThePassHolds(String name) throws IOException {
        Recipe recipe = Recipes.load(name, Map.of());
        Network network = recipe.network();
        Backbone backbone = network.backbone();
        int side = recipe.data().crop();
        Cost cost = Cost.of(network, side, side);
        Activations counted = Activations.in(Precision.FP32);
        backbone.pool(counted, backbone.forward(counted, List.of(3, side, side)));
        try (TorchFunctions torch = TorchFunctions.load();
                Parameters parameters = Parameters.of(
                        torch.manager(),
                        cost,
                        FirstWeights.of(network, cost, recipe, Optional.empty()),
                        DataType.FLOAT32,
                        TrainingPlan.learns(recipe, network));
                NDManager step = torch.manager().newSubManager()) {
            ReplicatedOps ops =
                    Replicas.one(torch, parameters).ops(step, Pass.LEARN, Precision.FP32, TorchOps.DropPath.NONE);
            NDArray images = torch.manager().zeros(new Shape(IMAGES, 3, side, side));
            backbone.pool(ops.at("backbone"), backbone.forward(ops.at("backbone"), List.of(images)));
            long held = step.getManagedArrays().stream()
                    .mapToLong(a -> 4 * a.getShape().size())
                    .sum();
            assertThat(IMAGES * counted.results()).isCloseTo(held, withinPercentage(2)); // names of functions, views
        }
    }

    @Test
    void activationsGrowWithTheImagesAndShrinkWithThePieces() throws IOException {
        long one = activations(PRETRAINING, "batch", "128");
        long two = activations(PRETRAINING, "batch", "256");
        assertThat((double) two / one).isBetween(1.9, 2.1);
        long pieces = activations(PRETRAINING, "batch", "256", "microBatch", "32");
        assertThat(pieces).isLessThan(two / 3);
        assertThat(activations(PRETRAINING, "batch", "256", "microBatch", "256"))
                .isEqualTo(two);
    }

    @Test
    void halfPrecisionKeepsRoundedCopiesBesideWhatSinglePrecisionKeeps() throws IOException {
        assertThat(activations(PRETRAINING, "precision", "bf16")).isGreaterThan(activations(PRETRAINING));
    }

    @Test
    void probeHoldsAPieceOfItsBatchAlone() throws IOException {
        long few = activations(PROBE, "batch", "64");
        long many = activations(PROBE, "batch", "640");
        int side = Recipes.load(PROBE, Map.of()).data().crop();
        assertThat(many - few).isEqualTo(3L * 4 * side * side * (640 - 64)); // pictures
    }

    private static long activations(String name, String... changes) throws IOException {
        Map<String, String> all = new HashMap<>();
        for (int i = 0; i < changes.length; i += 2) {
            all.put(changes[i], changes[i + 1]);
        }
        Recipe recipe = Recipes.load(name, all);
        TrainingPlan plan = TrainingPlan.of(recipe, 1000, 1);
        assertThat(plan.peakBytes()).isEqualTo(plan.stateBytes() + plan.memory().activations());
        return plan.memory().activations();
    }
}
