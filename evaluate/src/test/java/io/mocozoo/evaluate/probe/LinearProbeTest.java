package io.mocozoo.evaluate.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mocozoo.evaluate.StoredFeatures;
import io.mocozoo.evaluate.file.RunException;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ForkJoinPool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LinearProbeTest {
    private static final int WIDTH = 6;

    /** Clouds around one corner a class, far enough apart for some of them to overlap. */
    private static StoredFeatures clouds(int n, double spread, long seed, int unreadable) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] values = new float[n * WIDTH];
        int[] labels = new int[n];
        for (int i = 0; i < n; i++) {
            labels[i] = i % 3;
            for (int d = 0; d < WIDTH; d++) {
                values[i * WIDTH + d] = (float) ((d == labels[i] ? 10 : 4) + spread * random.nextGaussian());
            }
        }
        return new StoredFeatures(values, WIDTH, labels, Collections.nCopies(n, "x"), unreadable);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void theGradientIsThatOfDifferencesAndVanishesAtTheMinimum(long seed) {
        StoredFeatures train = clouds(5000, 4, seed, 0);
        LogisticLoss loss = new LogisticLoss(train.values(), WIDTH, train.labels(), 3, 0.01);
        SplittableRandom random = new SplittableRandom(seed);
        double[] weights = new double[loss.parameters()];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = random.nextDouble(-0.3, 0.3);
        }
        double[] gradient = new double[weights.length];
        loss.at(weights, gradient);
        double[] unused = new double[weights.length];
        for (int i = 0; i < weights.length; i++) {
            double[] more = weights.clone();
            double[] less = weights.clone();
            more[i] += 1e-5;
            less[i] -= 1e-5;
            assertThat((loss.at(more, unused) - loss.at(less, unused)) / 2e-5)
                    .as("seed %d, weight %d", seed, i)
                    .isCloseTo(gradient[i], within(1e-6));
        }
        new Lbfgs(1000, 1e-8).minimise(loss::at, weights);
        double least = loss.at(weights, gradient);
        for (double slope : gradient) {
            assertThat(Math.abs(slope)).isLessThan(1e-7);
        }
        for (int i = 0; i < weights.length; i++) { // convex: nothing around is lower
            double[] other = weights.clone();
            other[i] += 0.01;
            assertThat(loss.at(other, unused)).isGreaterThan(least);
        }
    }

    @Test
    void threadsChangeNoBit() throws Exception {
        StoredFeatures train = clouds(50_000, 4, 1, 0);
        LogisticLoss loss = new LogisticLoss(train.values(), WIDTH, train.labels(), 3, 0.01);
        double[] weights = new double[loss.parameters()];
        double[] one = new double[weights.length];
        double[] many = new double[weights.length];
        ForkJoinPool single = new ForkJoinPool(1);
        ForkJoinPool seven = new ForkJoinPool(7);
        double first = single.submit(() -> loss.at(weights, one)).get();
        double second = seven.submit(() -> loss.at(weights, many)).get();
        single.shutdown();
        seven.shutdown();
        assertThat(second).isEqualTo(first);
        assertThat(many).isEqualTo(one);
    }

    @Test
    void cloudsApartAreToldApartAndUnreadableImagesAreWrong() throws RunException {
        ObjectNode json = new LinearProbe(LinearProbe.PENALTIES).run(clouds(300, 0.5, 1, 0), clouds(90, 0.5, 2, 10));
        assertThat(json.get("top1").get("correct").intValue()).isEqualTo(90);
        assertThat(json.get("top1").get("percent").doubleValue()).isEqualTo(90);
        assertThat(json.get("trainingTop1").doubleValue()).isEqualTo(100);
        assertThat(json.get("penalties")).hasSize(6);
    }

    @Test
    void theChosenPenaltyIsTheBestOfTheHeldOutImages() throws RunException {
        ObjectNode json = new LinearProbe(LinearProbe.PENALTIES).run(clouds(200, 8, 3, 0), clouds(300, 8, 4, 0));
        double best = 0;
        double chosen = -1;
        for (var tried : json.get("penalties")) {
            best = Math.max(best, tried.get("heldOutTop1").doubleValue());
            if (tried.get("penalty").equals(json.get("penalty"))) {
                chosen = tried.get("heldOutTop1").doubleValue();
            }
        }
        assertThat(chosen).isEqualTo(best);
        assertThat(json.get("top1").get("percent").doubleValue()).isBetween(40.0, 80.0);
    }

    @Test
    void featuresThatDoNotFitTogetherAreRefused() {
        StoredFeatures other = new StoredFeatures(new float[4], 4, new int[1], List.of("x"), 0);
        assertThatThrownBy(() -> new LinearProbe(LinearProbe.PENALTIES).run(clouds(30, 1, 1, 0), other))
                .hasMessageContaining("6 numbers")
                .hasMessageContaining("4");
        StoredFeatures broken = clouds(30, 1, 1, 0);
        broken.values()[8] = Float.NaN;
        assertThatThrownBy(() -> new LinearProbe(LinearProbe.PENALTIES).run(broken, clouds(30, 1, 1, 0)))
                .hasMessageContaining("not finite in dimensions [2]");
    }
}
