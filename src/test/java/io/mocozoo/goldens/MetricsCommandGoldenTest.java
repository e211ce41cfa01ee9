package io.mocozoo.goldens;

import static io.mocozoo.cli.Shell.mocozoo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.mocozoo.checkpoint.Npy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command metrics against the reference's figures, by their names. */
class MetricsCommandGoldenTest {
    private static final double TOLERANCE = 1e-4;
    private static final JsonNode RESULTS = Goldens.index("metrics").get("results");
    private static final Path SCORES = Goldens.file("metrics/scores.npy");
    private static final Path LABELS = Goldens.file("metrics/labels.npy");
    private static final Path MANY_SCORES = Goldens.file("metrics/multilabel_scores.npy");
    private static final Path MANY_TARGETS = Goldens.file("metrics/multilabel_targets.npy");

    @TempDir
    Path folder;

    @Test
    void everyThresholdOfTheEvaluatorCanBeAskedFor() {
        int seen = 0;
        for (Map.Entry<String, JsonNode> evaluator : RESULTS.get("evaluator").properties()) {
            Matcher thresholds = Pattern.compile("thrs=\\(([^)]*)\\)").matcher(evaluator.getKey());
            if (evaluator.getKey().contains("None)") && !evaluator.getKey().startsWith("Accuracy")) {
                continue; // by class, which is a table
            }
            List<Object> words = new ArrayList<>(List.of("metrics", SCORES, "--labels", LABELS, "--json"));
            if (thresholds.find()) {
                words.addAll(List.of("--thresholds", thresholds.group(1).replace("None", "none")));
            }
            JsonNode found = mocozoo(words.toArray()).json().get("reference");
            for (Map.Entry<String, JsonNode> figure : evaluator.getValue().properties()) {
                assertThat(found.path(figure.getKey()).doubleValue())
                        .as(figure.getKey())
                        .isCloseTo(figure.getValue().doubleValue(), within(TOLERANCE));
                seen++;
            }
        }
        assertThat(seen).isPositive();
    }

    @Test
    void everyNumberOfBestClassesCanBeAskedFor() {
        JsonNode golden = RESULTS.get("accuracy_scores");
        int[] topk = Goldens.ints(golden.get("topk"));
        String asked =
                String.join(",", Arrays.stream(topk).mapToObj(Integer::toString).toList());
        JsonNode found = mocozoo("metrics", SCORES, "--labels", LABELS, "--json", "--topk", asked)
                .json();
        int atZero = indexOf(golden.get("thrs"), 0);
        for (int k = 0; k < topk.length; k++) {
            double expected =
                    golden.get("values_percent").get(k).get(atZero).get(0).doubleValue();
            assertThat(found.get("reference").get("accuracy/top" + topk[k]).doubleValue())
                    .isCloseTo(expected, within(TOLERANCE));
            assertThat(found.get("accuracy").get("top" + topk[k]).get("percent").doubleValue())
                    .isCloseTo(expected, within(TOLERANCE));
        }
    }

    private static int indexOf(JsonNode thresholds, double value) {
        for (int i = 0; i < thresholds.size(); i++) {
            if (!thresholds.get(i).isNull() && thresholds.get(i).doubleValue() == value) {
                return i;
            }
        }
        throw new AssertionError("the set has no threshold " + value);
    }

    @Test
    void manyLabelsAnImage() {
        int seen = 0;
        for (Map.Entry<String, JsonNode> entry : RESULTS.properties()) {
            Matcher how = Pattern.compile("multi_label_(thr|top)([0-9.]+)_(macro|micro)")
                    .matcher(entry.getKey());
            if (!how.matches()) {
                continue;
            }
            JsonNode found = mocozoo(
                            "metrics",
                            MANY_SCORES,
                            "--labels",
                            MANY_TARGETS,
                            "--as",
                            "multi-label",
                            how.group(1).equals("thr") ? "--thresholds" : "--topk",
                            how.group(2),
                            "--json")
                    .json()
                    .get("reference");
            String suffix = (how.group(1).equals("top") ? "_top" + how.group(2) : "")
                    + (how.group(3).equals("micro") ? "_micro" : "");
            List<String> figures = List.of("precision", "recall", "f1-score", "support");
            for (int i = 0; i < figures.size(); i++) {
                String name = "multi-label/" + figures.get(i) + suffix;
                if (how.group(1).equals("thr") && Double.parseDouble(how.group(2)) != 0.5) {
                    continue; // the name has the threshold in it
                }
                assertThat(found.path(name).doubleValue())
                        .as(name)
                        .isCloseTo(entry.getValue().get(i).doubleValue(), within(TOLERANCE));
                seen++;
            }
            assertThat(found.get("multi-label/mAP").doubleValue())
                    .isCloseTo(RESULTS.get("average_precision_macro").doubleValue(), within(TOLERANCE));
        }
        assertThat(seen).isPositive();
    }

    @Test
    void averagePrecisionOfOneLabelAnImageIsThatOfOneHotTargets() throws IOException {
        double[] labels = Goldens.npy("metrics/labels.npy");
        List<String> lines = new ArrayList<>(List.of("path,label"));
        for (int i = 0; i < labels.length; i++) {
            lines.add("image " + i + ".jpg," + (int) labels[i]);
        }
        Path table = Files.write(folder.resolve("labels.csv"), lines);
        double found = mocozoo("metrics", SCORES, "--labels", table, "--as", "multi-label", "--json")
                .json()
                .get("reference")
                .get("multi-label/mAP")
                .doubleValue();
        assertThat(found)
                .isCloseTo(
                        RESULTS.get("average_precision_onehot_single_label_macro")
                                .doubleValue(),
                        within(TOLERANCE));
    }

    @Test
    void queriesFindWhatBelongsToThem() throws IOException {
        Path similarities = folder.resolve("similarities.npy");
        Npy.write(
                similarities, new int[] {3, 4}, new float[] {.9f, .1f, .5f, .2f, .3f, .8f, .4f, .6f, .1f, .2f, .3f, .4f
                });
        Path items = Files.writeString(folder.resolve("items.csv"), "label\n2\n0 2\n0\n");
        JsonNode found = mocozoo(
                        "metrics", similarities, "--labels", items, "--as", "retrieval", "--topk", "1,2,3,4", "--json")
                .json();
        assertThat(found.get("queries").intValue()).isEqualTo(3);
        JsonNode named = found.get("reference");
        assertThat(named.get("retrieval/Recall@1").doubleValue()).isZero();
        assertThat(named.get("retrieval/Recall@2").doubleValue()).isCloseTo(100 / 3.0, within(1e-9));
        assertThat(named.get("retrieval/Recall@3").doubleValue()).isCloseTo(200 / 3.0, within(1e-9));
        assertThat(named.get("retrieval/Recall@4").doubleValue()).isEqualTo(100);
    }
}
