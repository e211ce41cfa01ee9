package io.mocozoo.evaluate.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mocozoo.checkpoint.Npy;
import io.mocozoo.evaluate.StoredFeatures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LinearProbeTest {
    private static final int WIDTH = 6;

    /** Clouds around one corner a class, far enough apart for some of them to overlap. */
    private static StoredFeatures clouds(int n, double spread, long seed, int unreadable) {
        return stored(values(n, spread, seed), unreadable);
    }

    private static StoredFeatures stored(float[] values, int unreadable) {
        int n = values.length / WIDTH;
        int[] labels = IntStream.range(0, n).map(i -> i % 3).toArray();
        return StoredFeatures.of(values, WIDTH, labels, Collections.nCopies(n, "x"), unreadable);
    }

    private static LogisticLoss loss(StoredFeatures features) throws IOException {
        return new LogisticLoss(LabelledRows.held(Standardised.of(features)), 3, 0.01);
    }

    private static float[] values(int n, double spread, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] values = new float[n * WIDTH];
        for (int i = 0; i < n; i++) {
            for (int d = 0; d < WIDTH; d++) {
                values[i * WIDTH + d] = (float) ((d == i % 3 ? 10 : 4) + spread * random.nextGaussian());
            }
        }
        return values;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void theGradientIsThatOfDifferencesAndVanishesAtTheMinimum(long seed) throws IOException {
        StoredFeatures train = clouds(5000, 4, seed, 0);
        LogisticLoss loss = loss(train);
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
        LogisticLoss loss = loss(train);
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
    void cloudsApartAreToldApartAndUnreadableImagesAreWrong() throws IOException {
        ObjectNode json = new LinearProbe(LinearProbe.PENALTIES).run(clouds(300, 0.5, 1, 0), clouds(90, 0.5, 2, 10));
        assertThat(json.get("top1").get("correct").intValue()).isEqualTo(90);
        assertThat(json.get("top1").get("percent").doubleValue()).isEqualTo(90);
        assertThat(json.get("trainingTop1").doubleValue()).isEqualTo(100);
        assertThat(json.get("penalties")).hasSize(6);
    }

    @Test
    void theChosenPenaltyIsTheBestOfTheHeldOutImages() throws IOException {
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
    void featuresReadFromTheirFileAgainAndAgainGiveTheSameAsThoseHeld(@TempDir Path folder) throws IOException {
        float[] numbers = values(7003, 4, 7);
        for (int i = 3; i < numbers.length; i += WIDTH) {
            numbers[i] = 2; // does not vary
        }
        Npy.write(folder.resolve("features.npy"), new int[] {7003, WIDTH}, numbers);
        Files.writeString(
                folder.resolve("images.csv"),
                IntStream.range(0, 7003)
                        .mapToObj(i -> "x," + i % 3 + "," + i + "\n")
                        .collect(Collectors.joining("", "path,label,row\n", "")));
        try (StoredFeatures file = StoredFeatures.open(folder)) {
            ObjectNode streamed = new LinearProbe(LinearProbe.PENALTIES, 0).run(file, file);
            ObjectNode held = new LinearProbe(LinearProbe.PENALTIES, Long.MAX_VALUE).run(stored(numbers, 0), file);
            assertThat(streamed).isEqualTo(held);
        }
    }

    /** Rows of every fold, whatever piece is asked for; the classes take turns here. */
    @Test
    void everyFifthRowOfAClassIsHeldOut() throws IOException {
        float[] numbers = values(23, 4, 7);
        LabelledRows all = Standardised.of(stored(numbers, 0));
        float[] whole = new float[numbers.length];
        all.read(0, 23, whole, 0);
        for (boolean held : new boolean[] {true, false}) {
            int[] rows = IntStream.range(0, 23)
                    .filter(i -> ((i / 3 + 1) % 5 == 0) == held)
                    .toArray();
            LabelledRows fold = Fold.of(all, held);
            assertThat(fold.count()).isEqualTo(rows.length);
            for (int from = 0; from < rows.length; from++) {
                assertThat(fold.label(from)).isEqualTo(rows[from] % 3);
                for (int count = 0; count <= rows.length - from; count++) {
                    float[] some = new float[count * WIDTH];
                    fold.read(from, count, some, 0);
                    for (int i = 0; i < count; i++) {
                        int row = rows[from + i] * WIDTH;
                        assertThat(Arrays.copyOfRange(some, i * WIDTH, (i + 1) * WIDTH))
                                .isEqualTo(Arrays.copyOfRange(whole, row, row + WIDTH));
                    }
                }
            }
        }
    }

    @Test
    void featuresThatDoNotFitTogetherAreRefused() {
        StoredFeatures other = StoredFeatures.of(new float[4], 4, new int[1], List.of("x"), 0);
        assertThatThrownBy(() -> new LinearProbe(LinearProbe.PENALTIES).run(clouds(30, 1, 1, 0), other))
                .hasMessageContaining("6 numbers")
                .hasMessageContaining("4");
        float[] numbers = values(30, 1, 1);
        numbers[8] = Float.NaN;
        StoredFeatures broken = stored(numbers, 0);
        assertThatThrownBy(() -> new LinearProbe(LinearProbe.PENALTIES).run(broken, clouds(30, 1, 1, 0)))
                .hasMessageContaining("not finite in dimensions [2]");
    }
}
