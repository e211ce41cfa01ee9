package io.mocozoo.evaluate.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.mocozoo.runtime.Prediction;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Figures that the reference lacks, against values worked out by hand or published, and against plain versions. */
class MetricArithmeticTest {
    @Test
    void wilsonsIntervalIsThePublishedOne() {
        Interval interval = Interval.wilson(81, 263); // Newcombe 1998, table I: 0.2553 to 0.3662
        assertThat(interval.low()).isCloseTo(0.2553, within(5e-5));
        assertThat(interval.high()).isCloseTo(0.3662, within(5e-5));
        assertThat(Interval.wilson(0, 20).low()).isZero(); // 0.0000 to 0.1611
        assertThat(Interval.wilson(0, 20).high()).isCloseTo(0.1611, within(5e-5));
        assertThat(Interval.wilson(20, 20).high()).isEqualTo(1);
        assertThat(Interval.wilson(0, 0)).isEqualTo(new Interval(0, 1));
        assertThatThrownBy(() -> Interval.wilson(3, 2)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theBootstrapAgreesWithTheNormalApproximationAndRepeatsItself() {
        Interval difference = Interval.bootstrapOfDifference(300, 200, 2000, 2000, 1);
        double p = 0.05;
        double deviation = Math.sqrt((500 / 2000.0 - p * p) / 2000);
        assertThat(difference.low()).isCloseTo(p - 1.96 * deviation, within(0.003));
        assertThat(difference.high()).isCloseTo(p + 1.96 * deviation, within(0.003));
        assertThat(Interval.bootstrapOfDifference(300, 200, 2000, 2000, 1)).isEqualTo(difference);
        Interval mean = Interval.bootstrapOfClassMean(new long[] {30, 0, 90}, new long[] {100, 0, 100}, 2000, 1);
        double spread = Math.sqrt((0.3 * 0.7 + 0.9 * 0.1) / 100) / 2;
        assertThat(mean.low()).isCloseTo(0.6 - 1.96 * spread, within(0.006));
        assertThat(mean.high()).isCloseTo(0.6 + 1.96 * spread, within(0.006));
    }

    @Test
    void mcNemarsTestIsTheBinomialOne() {
        assertThat(McNemar.pValue(10, 2)).isCloseTo(2 * (1 + 12 + 66) / 4096.0, within(1e-12));
        assertThat(McNemar.pValue(2, 10)).isEqualTo(McNemar.pValue(10, 2));
        assertThat(McNemar.pValue(7, 7)).isEqualTo(1);
        assertThat(McNemar.pValue(0, 0)).isEqualTo(1);
        assertThat(McNemar.pValue(0, 2000)).isCloseTo(0, within(1e-300)).isNotNegative();
        double z = 1.95996398; // of the normal distribution: the exact value nears 5 %
        long n = 1_000_000;
        long gained = Math.round((n + z * 1000) / 2);
        assertThat(McNemar.pValue(gained, n - gained)).isCloseTo(0.05, within(2e-4));
    }

    @Test
    void calibrationErrorsAreThoseWorkedOutByHand() {
        float[] confidences = {0.95f, 0.55f, 0.9f, 0.5f, 0.1f};
        boolean[] hits = {true, false, true, true, false};
        Calibration calibration = new Calibration(confidences, hits);
        // bins of ten: 0.1 wrong; 0.5 right; 0.55 wrong; 0.9 right; 0.95 right
        assertThat(Calibration.error(calibration.bins(10)))
                .isCloseTo((0.1 + 0.5 + 0.55 + 0.1 + 0.05) / 5, within(1e-7));
        // two bins of equal number: {0.1 wrong, 0.5 right}, {0.55 wrong, 0.9 right, 0.95 right}
        assertThat(Calibration.error(calibration.adaptiveBins(2)))
                .isCloseTo((2 * Math.abs(0.5 - 0.3) + 3 * Math.abs(2 / 3.0 - 0.8)) / 5, within(1e-7));
        assertThat(calibration.bins(10).stream()
                        .mapToLong(Calibration.Bin::images)
                        .sum())
                .isEqualTo(5);
    }

    @Test
    void confidencesOfOneLandInTheLastBinAndNoImageIsAnError() {
        Calibration sure = new Calibration(new float[] {1, 1.0000001f, 0}, new boolean[] {true, true, false});
        assertThat(sure.bins(15).get(14).images()).isEqualTo(2);
        assertThat(sure.bins(15).get(0).images()).isEqualTo(1);
        assertThat(Calibration.error(new Calibration(new float[0], new boolean[0]).bins(15)))
                .isZero();
    }

    @Test
    void theRiskRisesAsLessSureImagesAreAnswered() {
        Calibration calibration =
                new Calibration(new float[] {0.9f, 0.8f, 0.7f, 0.6f}, new boolean[] {true, false, true, false});
        List<Calibration.Coverage> curve = calibration.coverageRisk(4);
        assertThat(curve.stream().map(Calibration.Coverage::coverage)).containsExactly(0.25, 0.5, 0.75, 1.0);
        assertThat(curve.stream().map(Calibration.Coverage::risk)).containsExactly(0.0, 0.5, 1 / 3.0, 0.5);
        assertThat(calibration.areaUnderRisk()).isCloseTo((0 + 0.5 + 1 / 3.0 + 0.5) / 4, within(1e-12));
        assertThat(calibration
                        .coverageRisk(50)
                        .get(calibration.coverageRisk(50).size() - 1)
                        .risk())
                .isEqualTo(0.5);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void theTemperatureMakesTheLabelsMostLikely(long seed) throws IOException {
        int n = 400;
        float[][] logits = new float[n][5];
        int[] labels = new int[n];
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < n; i++) {
            for (int c = 0; c < 5; c++) {
                logits[i][c] = (float) random.nextDouble(-6, 6);
            }
            labels[i] = random.nextInt(3) > 0 ? Scores.argmax(logits[i]) : random.nextInt(5);
        }
        TemperatureFit.Source source = receiver -> {
            for (int i = 0; i < n; i++) {
                receiver.accept(i, logits[i], labels[i]);
            }
        };
        double[] halves = TemperatureFit.halves(source);
        for (int half = 0; half < 2; half++) {
            double best = loss(logits, labels, half, halves[half]);
            for (double other : new double[] {0.99, 1.01, 0.5, 2}) {
                assertThat(best).as("seed %d", seed).isLessThan(loss(logits, labels, half, halves[half] * other));
            }
        }
        double[] doubled = TemperatureFit.halves(receiver -> {
            for (int i = 0; i < n; i++) {
                float[] twice = logits[i].clone();
                for (int c = 0; c < 5; c++) {
                    twice[c] *= 2;
                }
                receiver.accept(i, twice, labels[i]);
            }
        });
        assertThat(doubled[0]).isCloseTo(2 * halves[0], within(1e-6));
        assertThat(doubled[1]).isCloseTo(2 * halves[1], within(1e-6));
    }

    private static double loss(float[][] logits, int[] labels, int half, double temperature) {
        double sum = 0;
        for (int i = half; i < labels.length; i += 2) {
            sum += Scores.loss(logits[i], labels[i], 1 / temperature);
        }
        return sum;
    }

    @Test
    void givenLogitsThatAreAlwaysRight_whenScaled_thenTheTemperatureStaysFinite() throws IOException {
        double[] halves = TemperatureFit.halves(receiver -> {
            for (int i = 0; i < 10; i++) {
                receiver.accept(i, new float[] {3, 0}, 0);
            }
        });
        assertThat(halves[0]).isPositive().isFinite();
        assertThat(TemperatureFit.halves(receiver -> {})).containsOnly(1);
    }

    @Test
    void lossesAndBrierScoresAreThoseWorkedOutByHand() {
        float[] logits = {(float) Math.log(0.7), (float) Math.log(0.2), (float) Math.log(0.1)};
        assertThat(Scores.loss(logits, 1, 1)).isCloseTo(-Math.log(0.2), within(1e-6));
        assertThat(Scores.brier(Prediction.softmax(logits), 1)).isCloseTo(0.49 + 0.64 + 0.01, within(1e-6));
        assertThat(Scores.loss(new float[] {500, -500}, 1, 1)).isEqualTo(1000);
        assertThat(Prediction.softmax(new float[] {500, -500})).containsExactly(1, 0);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void topAndRankAgreeWithASort(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] scores = new float[30];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = random.nextInt(8) / 8f; // many ties
        }
        int[] sorted = IntStream.range(0, scores.length)
                .boxed()
                .sorted((a, b) -> Float.compare(scores[b], scores[a]))
                .mapToInt(i -> i)
                .toArray();
        for (int k : new int[] {1, 5, 30, 40}) {
            assertThat(Scores.top(scores, k))
                    .as("seed %d", seed)
                    .isEqualTo(Arrays.copyOf(sorted, Math.min(k, sorted.length)));
        }
        for (int i = 0; i < sorted.length; i++) {
            assertThat(Scores.rank(scores, sorted[i])).isEqualTo(i);
        }
        assertThat(Scores.argmax(scores)).isEqualTo(sorted[0]);
    }

    @Test
    void aProbabilityThatUnderflowedToZeroIsNoHit() {
        Accuracy accuracy = new Accuracy(List.of(1, 2), Threshold.DEFAULT);
        accuracy.add(new float[] {1, 0, 0}, 1); // second by its index, but without any probability
        assertThat(accuracy.results().get("accuracy/top2")).isEqualTo(0.0);
        assertThatThrownBy(() -> new Accuracy(List.of(4), Threshold.DEFAULT).add(new float[] {1, 0, 0}, 1))
                .hasMessageContaining("there are 3 classes");
    }

    @Test
    void recallOfRetrievalCountsQueriesThatFindAnything() {
        RetrievalRecall recall = new RetrievalRecall(2);
        recall.add(new int[] {4, 7, 1}, Set.of(1)); // third: too late
        recall.add(new int[] {4, 7, 1}, Set.of(7, 9));
        recall.add(new int[] {4}, Set.of(4));
        recall.add(new int[0], Set.of(4));
        assertThat(recall.result()).isEqualTo(50);
    }

    @Test
    void theMostConfusedPairsComeFirst() {
        ConfusionMatrix matrix = new ConfusionMatrix(3);
        matrix.add(0, 1);
        matrix.add(2, 1);
        matrix.add(2, 1);
        matrix.add(1, 1);
        assertThat(matrix.mostConfused(5))
                .containsExactly(new ConfusionMatrix.Confusion(2, 1, 2), new ConfusionMatrix.Confusion(0, 1, 1));
        assertThat(matrix.mostConfused(1)).hasSize(1);
    }
}
