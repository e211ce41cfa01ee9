package io.mocozoo.train.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.mocozoo.train.recipe.Recipe;
import java.util.List;
import org.junit.jupiter.api.Test;

class LearningRateTest {
    private static final double BASE = 0.8;
    private static final int STEPS = 5;

    @Test
    void warmUpByEpochStandsStillWithinAnEpochAndReachesTheRateInItsLast() {
        var phase = new Recipe.PhaseSpec("linear", 0, 3, 0.2, 0, true);
        LearningRate rate = LearningRate.of(List.of(phase), BASE, STEPS);
        double[] ofEpochs = {0.2 * BASE, 0.6 * BASE, BASE, BASE}; // the closed form of a line over three points
        for (int step = 0; step < 4 * STEPS; step++) {
            assertThat(rate.at(step)).as("step %d", step).isCloseTo(ofEpochs[step / STEPS], within(1e-12));
        }
    }

    @Test
    void warmUpByStepRisesWithinAnEpoch() {
        var phase = new Recipe.PhaseSpec("linear", 0, 3, 0.2, 0, false);
        LearningRate rate = LearningRate.of(List.of(phase), BASE, STEPS);
        assertThat(rate.at(1)).isGreaterThan(rate.at(0));
        assertThat(rate.at(3 * STEPS - 1)).isCloseTo(BASE, within(1e-12));
    }
}
