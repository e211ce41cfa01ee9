package io.mocozoo.train;

import ai.djl.ndarray.types.DataType;
import io.mocozoo.train.recipe.Recipe;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Replicas of b images each against one of all images. */
class ReplicasTest {
    private static final Map<String, String> PLAIN = Map.of("optimizer.type", "sgd", "optimizer.momentum", "0.9");

    @ParameterizedTest
    @CsvSource({"2, 0, FLOAT64", "5, 0, FLOAT64", "2, 2, FLOAT64", "2, 0, FLOAT32"})
    void keysAreGatheredAndGradientsAveraged(int replicas, int microBatch, DataType type) throws IOException {
        Recipe recipe = TinyRecipes.pretraining(2, PLAIN);
        TwoSteps whole = TwoSteps.contrastive(recipe, new TwoSteps.Split(0, 1), type);
        TwoSteps.contrastive(recipe, new TwoSteps.Split(microBatch, replicas), type)
                .assertSameAs(whole, type);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 5})
    void batchNormsSeeTheImagesOfAll(int replicas) throws IOException {
        Recipe recipe = TinyRecipes.convolutional(2, PLAIN);
        TwoSteps whole = TwoSteps.contrastive(recipe, new TwoSteps.Split(0, 1), DataType.FLOAT64);
        TwoSteps.contrastive(recipe, new TwoSteps.Split(0, replicas), DataType.FLOAT64)
                .assertSameAs(whole, DataType.FLOAT64);
    }

    @ParameterizedTest
    @CsvSource({"2, 0, 0.3", "5, 0, 0.3", "2, 1, 0"})
    void classifiersLearnFromAll(int replicas, int microBatch, double dropPath) throws IOException {
        Recipe recipe = TinyRecipes.fineTuning(2, PLAIN);
        TwoSteps whole = TwoSteps.classifier(recipe, new TwoSteps.Split(microBatch, 1), dropPath);
        TwoSteps.classifier(recipe, new TwoSteps.Split(microBatch, replicas), dropPath)
                .assertSameAs(whole, DataType.FLOAT64);
    }
}
