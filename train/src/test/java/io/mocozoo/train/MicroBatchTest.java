package io.mocozoo.train;

import ai.djl.ndarray.types.DataType;
import io.mocozoo.train.recipe.Recipe;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A batch in pieces against the same batch whole. */
class MicroBatchTest {
    /** AdamW divides by the root of the gradient's square: it would blow rounding up. */
    private static final Map<String, String> PLAIN = Map.of("optimizer.type", "sgd", "optimizer.momentum", "0.9");

    @ParameterizedTest
    @CsvSource({"1, FLOAT64", "3, FLOAT64", "5, FLOAT64", "9, FLOAT64", "3, FLOAT32"})
    void contrastiveGradientIsThatOfTheWholeBatch(int microBatch, DataType type) throws IOException {
        Recipe recipe = TinyRecipes.pretraining(2, PLAIN);
        TwoSteps whole = TwoSteps.contrastive(recipe, new TwoSteps.Split(0, 1), type);
        TwoSteps.contrastive(recipe, new TwoSteps.Split(microBatch, 1), type).assertSameAs(whole, type);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void gradientsOfAClassifierAddUp(int microBatch) throws IOException {
        Recipe recipe = TinyRecipes.fineTuning(2, PLAIN);
        TwoSteps whole = TwoSteps.classifier(recipe, new TwoSteps.Split(0, 1), 0);
        TwoSteps.classifier(recipe, new TwoSteps.Split(microBatch, 1), 0).assertSameAs(whole, DataType.FLOAT64);
    }
}
