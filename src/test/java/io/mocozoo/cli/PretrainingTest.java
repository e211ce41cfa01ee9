package io.mocozoo.cli;

import static io.mocozoo.cli.Shell.mocozoo;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** MoCo v3 learns something, in a minute. */
class PretrainingTest {
    private static final double CHANCE = 10; // per cent of ten forms, each as frequent

    @TempDir
    Path folder;

    @Test
    @EnabledIfSystemProperty(
            named = "mocozoo.full",
            matches = "true",
            disabledReason = "trains for a minute; the profile full runs it")
    void lossFallsAndNeighboursAgreeMoreOftenThanChance() throws IOException {
        assertThat(mocozoo("shapes", folder.resolve("shapes"), "--train", 10_000, "--val", 1_000)
                        .code())
                .isZero();
        Shell.Result trained = mocozoo(
                "train",
                "mocov3_vit-tiny-p8_shapes",
                "--data",
                folder.resolve("shapes"),
                "--work-dir",
                folder.resolve("work"),
                "--set",
                "epochs=6",
                "--set",
                "schedule.1.end=6",
                "--set",
                "monitorEpochs=1");
        assertThat(trained.code()).as(trained.err()).isZero();
        List<Double> losses = new ArrayList<>();
        List<Double> shares = new ArrayList<>();
        for (String line : Files.readAllLines(folder.resolve("work/scalars.jsonl"))) {
            JsonNode step = new ObjectMapper().readTree(line);
            losses.add(step.get("loss").doubleValue());
            if (step.has("knn_top1")) {
                shares.add(step.get("knn_top1").doubleValue());
            }
        }
        assertThat(mean(losses.subList(losses.size() - 10, losses.size())))
                .isLessThan(0.9 * mean(losses.subList(0, 10)));
        assertThat(shares).hasSize(6);
        assertThat(shares.get(5)).isGreaterThan(1.5 * CHANCE); // the deviation of 1,000 guesses is one per cent
        // first weights are far above chance already; two measurements of 1,000 differ by two per cent
        assertThat(shares.get(5)).isGreaterThan(shares.get(0) + 10);
    }

    private static double mean(List<Double> values) {
        return values.stream().mapToDouble(v -> v).average().orElseThrow();
    }
}
