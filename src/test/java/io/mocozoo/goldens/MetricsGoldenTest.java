package io.mocozoo.goldens;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.mocozoo.evaluate.metric.Accuracy;
import io.mocozoo.evaluate.metric.Average;
import io.mocozoo.evaluate.metric.AveragePrecision;
import io.mocozoo.evaluate.metric.ConfusionMatrix;
import io.mocozoo.evaluate.metric.MultiLabelMetric;
import io.mocozoo.evaluate.metric.PrecisionRecall;
import io.mocozoo.evaluate.metric.Scores;
import io.mocozoo.evaluate.metric.SingleLabelMetric;
import io.mocozoo.evaluate.metric.Threshold;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Metrics against the reference's. */
class MetricsGoldenTest {
    /** Percent, in single precision, as the set's README has it. */
    private static final double TOLERANCE = 1e-4;

    /** Of all images: which of equal scores counts as the higher one no library says. */
    private static final double TIES = 0.5;

    private static final JsonNode INDEX = Goldens.index("metrics");
    private static final JsonNode RESULTS = INDEX.get("results");
    private static final int N = INDEX.get("n").intValue();
    private static final int CLASSES = INDEX.get("num_classes").intValue();

    private static float[][] rows(String name) {
        double[] all = Goldens.npy("metrics/" + name + ".npy");
        float[][] rows = new float[N][CLASSES];
        for (int i = 0; i < all.length; i++) {
            rows[i / CLASSES][i % CLASSES] = (float) all[i];
        }
        return rows;
    }

    private static int[] labels() {
        return Arrays.stream(Goldens.npy("metrics/labels.npy"))
                .mapToInt(x -> (int) x)
                .toArray();
    }

    private static List<Threshold> thresholds(JsonNode node) {
        List<Threshold> thresholds = new ArrayList<>();
        node.forEach(t -> thresholds.add(t.isNull() ? Threshold.NONE : new Threshold(t.floatValue())));
        return thresholds;
    }

    private static double tolerance(String scores) {
        return scores.endsWith("ties") ? TIES : TOLERANCE;
    }

    @ParameterizedTest
    @ValueSource(strings = {"scores", "scores_ties"})
    void accuracyIsTheReferences(String scores) {
        JsonNode golden = RESULTS.get("accuracy_" + scores);
        List<Integer> topk =
                IntStream.of(Goldens.ints(golden.get("topk"))).boxed().toList();
        List<Threshold> thresholds = thresholds(golden.get("thrs"));
        Accuracy accuracy = new Accuracy(topk, thresholds);
        float[][] rows = rows(scores);
        int[] labels = labels();
        for (int i = 0; i < N; i++) {
            accuracy.add(rows[i], labels[i]);
        }
        List<Double> found = List.copyOf(accuracy.results().values());
        for (int k = 0; k < topk.size(); k++) {
            for (int t = 0; t < thresholds.size(); t++) {
                double expected =
                        golden.get("values_percent").get(k).get(t).get(0).doubleValue();
                assertThat(found.get(k * thresholds.size() + t))
                        .as("top-%d, %s", topk.get(k), thresholds.get(t))
                        .isCloseTo(expected, within(tolerance(scores)));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Average.class)
    void precisionAndRecallAreTheReferences(Average average) {
        for (String scores : List.of("scores", "scores_ties")) {
            JsonNode golden = RESULTS.get("single_label_" + scores + "_" + word(average));
            List<Threshold> thresholds =
                    thresholds(RESULTS.get("accuracy_" + scores).get("thrs"));
            SingleLabelMetric metric = new SingleLabelMetric(CLASSES, thresholds);
            float[][] rows = rows(scores);
            int[] labels = labels();
            for (int i = 0; i < N; i++) {
                metric.add(rows[i], labels[i]);
            }
            JsonNode values = golden.has("values") ? golden.get("values") : golden;
            for (int t = 0; t < thresholds.size(); t++) {
                // a class of a dozen images moves by percents when one of them does
                check(metric.result(t, average), values.get(t), scores.endsWith("ties") ? 15 : TOLERANCE);
            }
        }
    }

    private static String word(Average average) {
        return switch (average) {
            case MACRO -> "macro";
            case MICRO -> "micro";
            case NONE -> "None";
        };
    }

    private static void check(PrecisionRecall found, JsonNode golden, double tolerance) {
        float[][] parts = {found.precision(), found.recall(), found.f1()};
        for (int part = 0; part < parts.length; part++) {
            for (int c = 0; c < parts[part].length; c++) {
                JsonNode value = golden.get(part).isArray() ? golden.get(part).get(c) : golden.get(part);
                assertThat((double) parts[part][c])
                        .as("figure %d of class %d", part, c)
                        .isCloseTo(value.doubleValue(), within(tolerance));
            }
        }
        for (int c = 0; c < found.support().length; c++) {
            JsonNode value = golden.get(3).isArray() ? golden.get(3).get(c) : golden.get(3);
            assertThat(found.support()[c]).isEqualTo(value.longValue());
        }
    }

    @Test
    void figuresFromLabelsAloneAreTheReferences() {
        Accuracy accuracy = new Accuracy(List.of(1), Threshold.DEFAULT);
        SingleLabelMetric metric = new SingleLabelMetric(CLASSES, Threshold.DEFAULT);
        float[][] rows = rows("scores");
        int[] labels = labels();
        for (int i = 0; i < N; i++) {
            accuracy.addLabel(Scores.argmax(rows[i]), labels[i]);
            metric.addLabel(Scores.argmax(rows[i]), labels[i]);
        }
        assertThat(accuracy.results())
                .containsExactly(Map.entry(
                        "accuracy/top1",
                        RESULTS.get("accuracy_from_predicted_labels").get(0).doubleValue()));
        for (Average average : Average.values()) {
            check(
                    metric.result(0, average),
                    RESULTS.get("single_label_from_predicted_labels_" + word(average)),
                    TOLERANCE);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"scores", "scores_ties"})
    void theConfusionMatrixIsTheReferences(String scores) {
        ConfusionMatrix matrix = new ConfusionMatrix(CLASSES);
        float[][] rows = rows(scores);
        int[] labels = labels();
        for (int i = 0; i < N; i++) {
            matrix.add(labels[i], Scores.argmax(rows[i]));
        }
        JsonNode golden = RESULTS.get("confusion_matrix_" + scores);
        int apart = 0;
        for (int label = 0; label < CLASSES; label++) {
            for (int predicted = 0; predicted < CLASSES; predicted++) {
                apart += Math.abs(matrix.count(label, predicted)
                        - golden.get(label).get(predicted).intValue());
            }
        }
        assertThat(apart).isLessThanOrEqualTo(scores.endsWith("ties") ? N / 20 : 0);
    }

    @Test
    void namesAndValuesAreThoseOfTheReferencesEvaluator() {
        JsonNode evaluator = RESULTS.get("evaluator");
        float[][] rows = rows("scores");
        int[] labels = labels();
        int seen = 0;
        for (Map.Entry<String, JsonNode> entry : evaluator.properties()) {
            Map<String, Double> found = new java.util.LinkedHashMap<>();
            List<Threshold> thresholds = thresholdsIn(entry.getKey());
            if (entry.getKey().startsWith("Accuracy")) {
                Accuracy accuracy = new Accuracy(List.of(1, 5), thresholds);
                for (int i = 0; i < N; i++) {
                    accuracy.add(rows[i], labels[i]);
                }
                found.putAll(accuracy.results());
            } else if (!entry.getKey().contains("None)")) {
                Average average = entry.getKey().contains("micro") ? Average.MICRO : Average.MACRO;
                SingleLabelMetric metric = new SingleLabelMetric(CLASSES, thresholds);
                for (int i = 0; i < N; i++) {
                    metric.add(rows[i], labels[i]);
                }
                for (int t = 0; t < thresholds.size(); t++) {
                    PrecisionRecall all = metric.result(t, average);
                    found.put(metric.name("precision", t, average), (double) all.precision()[0]);
                    found.put(metric.name("recall", t, average), (double) all.recall()[0]);
                    found.put(metric.name("f1-score", t, average), (double) all.f1()[0]);
                    if (entry.getKey().contains("all items")) {
                        found.put(metric.name("support", t, average), (double) all.support()[0]);
                    }
                }
            } else {
                assertThat(entry.getValue()
                                .has(new SingleLabelMetric(CLASSES, thresholds).name("f1-score", 0, Average.NONE)))
                        .isTrue();
                continue;
            }
            List<String> names = new ArrayList<>();
            entry.getValue().fieldNames().forEachRemaining(names::add);
            assertThat(found.keySet()).as(entry.getKey()).containsExactlyInAnyOrderElementsOf(names);
            found.forEach((name, value) -> assertThat(value)
                    .as(name)
                    .isCloseTo(entry.getValue().get(name).doubleValue(), within(TOLERANCE)));
            seen++;
        }
        assertThat(seen).isPositive();
    }

    private static List<Threshold> thresholdsIn(String config) {
        Matcher thrs = Pattern.compile("thrs=\\(([^)]*)\\)").matcher(config);
        if (!thrs.find()) {
            return Threshold.DEFAULT;
        }
        return Arrays.stream(thrs.group(1).split(","))
                .map(String::strip)
                .map(t -> t.equals("None") ? Threshold.NONE : new Threshold(Float.parseFloat(t)))
                .toList();
    }

    private static int[][] targets() {
        double[] all = Goldens.npy("metrics/multilabel_targets.npy");
        int[][] rows = new int[N][CLASSES];
        for (int i = 0; i < all.length; i++) {
            rows[i / CLASSES][i % CLASSES] = (int) all[i];
        }
        return rows;
    }

    @Test
    void averagePrecisionIsTheReferences() {
        double[] each = averagePrecisions(rows("multilabel_scores"), targets());
        JsonNode golden = RESULTS.get("average_precision_None");
        for (int c = 0; c < CLASSES; c++) {
            assertThat(each[c]).as("class %d", c).isCloseTo(golden.get(c).doubleValue(), within(TOLERANCE));
        }
        assertThat(AveragePrecision.mean(each))
                .isCloseTo(RESULTS.get("average_precision_macro").doubleValue(), within(TOLERANCE));
        int[] labels = labels();
        int[][] oneHot = new int[N][CLASSES];
        for (int i = 0; i < N; i++) {
            oneHot[i][labels[i]] = 1;
        }
        assertThat(AveragePrecision.mean(averagePrecisions(rows("scores"), oneHot)))
                .isCloseTo(
                        RESULTS.get("average_precision_onehot_single_label_macro")
                                .doubleValue(),
                        within(TOLERANCE));
    }

    private static double[] averagePrecisions(float[][] rows, int[][] targets) {
        double[] each = new double[CLASSES];
        for (int c = 0; c < CLASSES; c++) {
            float[] scores = new float[N];
            int[] own = new int[N];
            for (int i = 0; i < N; i++) {
                scores[i] = rows[i][c];
                own[i] = targets[i][c];
            }
            each[c] = AveragePrecision.ofClass(scores, own);
        }
        return each;
    }

    @ParameterizedTest
    @EnumSource(Average.class)
    void multiLabelFiguresAreTheReferences(Average average) {
        int seen = 0;
        for (Map.Entry<String, JsonNode> entry : RESULTS.properties()) {
            Matcher how = Pattern.compile("multi_label_(thr([0-9.]+)|top(\\d+))_" + word(average))
                    .matcher(entry.getKey());
            if (!how.matches()) {
                continue;
            }
            MultiLabelMetric metric = new MultiLabelMetric(
                    CLASSES,
                    how.group(2) == null ? OptionalDouble.empty() : OptionalDouble.of(Double.parseDouble(how.group(2))),
                    how.group(3) == null ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(how.group(3))));
            float[][] rows = rows("multilabel_scores");
            int[][] targets = targets();
            for (int i = 0; i < N; i++) {
                metric.add(rows[i], targets[i]);
            }
            check(metric.result(average), entry.getValue(), TOLERANCE);
            seen++;
        }
        assertThat(seen).isPositive();
    }
}
