package io.mocozoo.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Offset.offset;

import ai.djl.ndarray.types.DataType;
import io.mocozoo.train.recipe.Recipe;
import java.io.IOException;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Gradients of a batch's parts, which know nothing of each other. */
class AccumulationTest {
    private static final Map<String, String> PLAIN = Map.of("optimizer.type", "sgd", "optimizer.momentum", "0.9");

    /** Batch norms of a ResNet would tell at once if a part saw another's images. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void gradientIsTheMeanOfThoseOfThePartsAlone(boolean convolutional) throws IOException {
        Recipe recipe = convolutional ? TinyRecipes.convolutional(2, PLAIN) : TinyRecipes.pretraining(2, PLAIN);
        TwoSteps.Split halves = new TwoSteps.Split(0, 1, TwoSteps.BATCH / 2);
        TwoSteps both = TwoSteps.oneStep(recipe, halves, 0, TwoSteps.BATCH);
        TwoSteps first = TwoSteps.oneStep(recipe, new TwoSteps.Split(0, 1), 0, TwoSteps.BATCH / 2);
        TwoSteps second = TwoSteps.oneStep(recipe, new TwoSteps.Split(0, 1), TwoSteps.BATCH / 2, TwoSteps.BATCH);
        assertThat(both.loss()).isCloseTo((first.loss() + second.loss()) / 2, offset(1e-10));
        assertThat(both.featureDeviation())
                .isCloseTo((first.featureDeviation() + second.featureDeviation()) / 2, offset(1e-10));
        both.gradients().forEach((name, gradient) -> {
            double[] a = Objects.requireNonNull(first.gradients().get(name));
            double[] b = Objects.requireNonNull(second.gradients().get(name));
            for (int i = 0; i < gradient.length; i++) {
                assertThat(gradient[i]).as(name).isCloseTo((a[i] + b[i]) / 2, offset(1e-9));
            }
        });
        TwoSteps whole = TwoSteps.oneStep(recipe, new TwoSteps.Split(0, 1), 0, TwoSteps.BATCH);
        assertThat(both.loss()).isNotCloseTo(whole.loss(), offset(1e-3)); // fewer negatives
    }

    @Test
    void piecesOfAPartChangeNothing() throws IOException {
        Recipe recipe = TinyRecipes.pretraining(2, PLAIN);
        TwoSteps whole = TwoSteps.contrastive(recipe, new TwoSteps.Split(0, 1, 6), DataType.FLOAT64); // 6 and 4
        TwoSteps.contrastive(recipe, new TwoSteps.Split(2, 1, 6), DataType.FLOAT64)
                .assertSameAs(whole, DataType.FLOAT64);
    }

    @Test
    void replicasShareEveryPart() throws IOException {
        Recipe recipe = TinyRecipes.convolutional(2, PLAIN); // whose batch norms see all images of a part
        TwoSteps whole = TwoSteps.contrastive(recipe, new TwoSteps.Split(0, 1, 6), DataType.FLOAT64);
        TwoSteps.contrastive(recipe, new TwoSteps.Split(0, 2, 6), DataType.FLOAT64)
                .assertSameAs(whole, DataType.FLOAT64);
    }

    @Test
    void classifiersNeedNoOtherWay() throws IOException {
        Recipe recipe = TinyRecipes.fineTuning(2, PLAIN);
        TwoSteps whole = TwoSteps.classifier(recipe, new TwoSteps.Split(0, 1), 0);
        TwoSteps.classifier(recipe, new TwoSteps.Split(0, 1, 4), 0).assertSameAs(whole, DataType.FLOAT64);
    }

    @Test
    void partsAreOfTheSameSize() {
        assertThatThrownBy(() -> TinyRecipes.pretraining(2, Map.of("accumulate", "3")))
                .hasMessageContaining("accumulate: expected a number that divides the batch of 16 evenly, found 3");
    }
}
