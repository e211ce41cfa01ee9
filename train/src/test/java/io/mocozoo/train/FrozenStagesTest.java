package io.mocozoo.train;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.types.DataType;
import io.mocozoo.network.Cost;
import io.mocozoo.network.Key;
import io.mocozoo.network.Network;
import io.mocozoo.train.optim.Optimizer;
import io.mocozoo.train.recipe.Recipe;
import io.mocozoo.train.recipe.Recipes;
import io.mocozoo.train.torch.Parameters;
import io.mocozoo.train.torch.Precision;
import io.mocozoo.train.torch.Replicas;
import io.mocozoo.train.torch.TorchFunctions;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Fine-tuning of which some stages stand still. */
class FrozenStagesTest {
    private static final int SIDE = 16;
    private static final int IMAGES = 8;

    /** A tiny training, and the names whose bits have changed behind two steps. */
    private record Outcome(Recipe recipe, Network network, Set<String> changed, double firstLoss) {}

    private static Recipe recipe(String backbone, int frozenStages) throws IOException {
        Map<String, String> own = Map.of("frozenStages", String.valueOf(frozenStages), "classifier.averageWeight", "0");
        return backbone.equals("vit")
                ? TinyRecipes.fineTuning(2, own)
                : Recipes.load(
                        "resnet-tiny_shapes",
                        Map.of(
                                "data.crop",
                                String.valueOf(SIDE),
                                "architecture.backbone.stemChannels",
                                "4",
                                "architecture.backbone.baseChannels",
                                "4",
                                "frozenStages",
                                String.valueOf(frozenStages)));
    }

    /** Two steps; the running mean of the stem begins with a value, where there is one. */
    private static Outcome twoSteps(Recipe recipe, float stemMean) throws IOException {
        Network network = recipe.network();
        Cost cost = Cost.of(network, SIDE, SIDE);
        try (TorchFunctions torch = TorchFunctions.load();
                Parameters parameters = Parameters.of(
                        torch.manager(),
                        cost,
                        FirstWeights.of(network, cost, recipe, Optional.empty()),
                        DataType.FLOAT32,
                        TrainingPlan.learns(recipe, network))) {
            if (parameters.has("backbone.bn1.running_mean")) {
                parameters.get("backbone.bn1.running_mean").addi(stemMean);
            }
            Map<String, byte[]> before = bytes(parameters);
            Stepper stepper = Stepper.of(
                    recipe,
                    network,
                    torch,
                    Replicas.one(torch, parameters),
                    Optimizer.of(recipe.optimizer(), torch, parameters),
                    new LossScale(Precision.FP32),
                    2);
            double first = stepper.step(batch(0), 0.01).loss();
            stepper.step(batch(1), 0.01);
            Set<String> changed = new TreeSet<>();
            bytes(parameters).forEach((name, now) -> {
                if (!Arrays.equals(now, before.get(name))) {
                    changed.add(name);
                }
            });
            return new Outcome(recipe, network, changed, first);
        }
    }

    private static Map<String, byte[]> bytes(Parameters parameters) {
        Map<String, byte[]> all = new TreeMap<>();
        parameters.names().forEach(name -> all.put(name, parameters.get(name).toByteArray()));
        return all;
    }

    private static Loader.Batch batch(int step) {
        float[] pictures = new float[IMAGES * 3 * SIDE * SIDE];
        for (int i = 0; i < pictures.length; i++) {
            pictures[i] = (float) Math.sin(0.37 * i + step);
        }
        return new Loader.Batch(0, step, List.of(pictures), new int[] {0, 1, 2, 3, 4, 5, 6, 7});
    }

    @ParameterizedTest
    @CsvSource({"vit, 0", "vit, 1", "vit, 2", "resnet, 0", "resnet, 1", "resnet, 3", "resnet, 4"})
    void stagesUpToTheNumberKeepEveryBitAndTheRestLearns(String backbone, int frozenStages) throws IOException {
        Outcome outcome = twoSteps(recipe(backbone, frozenStages), 0);
        Set<String> expected = new TreeSet<>();
        for (Key key : Cost.of(outcome.network(), SIDE, SIDE).keys().values()) {
            if (stage(key.name()) > frozenStages || frozenStages == 0) {
                expected.add(key.name());
            }
        }
        assertThat(outcome.changed()).isEqualTo(expected);
    }

    /** By the names alone, as mmpretrain's frozen_stages has them; a ViT of two layers. */
    private static int stage(String name) {
        if (name.startsWith("head.")) {
            return 9;
        } else if (name.startsWith("backbone.layers.")) {
            return 1 + name.charAt("backbone.layers.".length()) - '0';
        } else if (name.startsWith("backbone.layer")) {
            return name.charAt("backbone.layer".length()) - '0';
        }
        return name.startsWith("backbone.ln1.") ? 2 : 0;
    }

    @Test
    void batchNormsOfFrozenStagesUseTheirRunningStatistics() throws IOException {
        double frozen = twoSteps(recipe("resnet", 1), 0).firstLoss();
        assertThat(twoSteps(recipe("resnet", 1), 1).firstLoss()).isNotEqualTo(frozen);
        double learning = twoSteps(recipe("resnet", 0), 0).firstLoss();
        assertThat(twoSteps(recipe("resnet", 0), 1).firstLoss()).isEqualTo(learning);
    }
}
