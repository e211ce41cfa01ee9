package io.mocozoo.train;

import static io.mocozoo.train.TinyTrainings.measuredOn;
import static io.mocozoo.train.TinyTrainings.one;
import static io.mocozoo.train.TinyTrainings.settings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mocozoo.checkpoint.Checkpoint;
import io.mocozoo.checkpoint.ReadLimits;
import io.mocozoo.checkpoint.StoredTensor;
import io.mocozoo.store.Progress;
import io.mocozoo.train.TinyTrainings.Drawn;
import io.mocozoo.train.recipe.Recipe;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is measured on held-out images while a network learns. */
class MonitorTest {
    @TempDir
    Path folder;

    @Test
    void monitorMeasuresAndTheBestIsKept() throws Exception {
        Recipe recipe = TinyRecipes.pretraining(3, Map.of("monitorEpochs", "1"));
        Path work = folder.resolve("work");
        Trainer.Settings settings = settings(recipe, work, false, 2, Progress.NONE);
        assertThatThrownBy(() -> new Trainer(settings)).hasMessageContaining("there are no held-out images");
        new Trainer(measuredOn(settings, new Drawn(40))).run();
        List<Double> shares = new ArrayList<>();
        for (String line : Files.readAllLines(work.resolve("scalars.jsonl"))) {
            JsonNode share = new ObjectMapper().readTree(line).get("knn_top1");
            if (share != null) {
                shares.add(share.doubleValue());
            }
        }
        assertThat(shares).hasSize(3).allMatch(s -> s >= 0 && s <= 100 && s % 2.5 == 0); // of 40 images
        try (Checkpoint best = Checkpoint.open(work.resolve(Trainer.BEST), ReadLimits.DEFAULT)) {
            double highest = shares.stream().mapToDouble(s -> s).max().orElseThrow();
            assertThat(best.metadata().get("best")).isEqualTo(String.valueOf(highest));
            assertThat(best.metadata().get("step"))
                    .isEqualTo(String.valueOf(5 * (shares.indexOf(highest) + 1))); // 72 images make 5 batches
        }
    }

    @Test
    void beingMeasuredChangesNothingThatIsLearned() throws Exception {
        Path without =
                new Trainer(settings(TinyRecipes.pretraining(2), folder.resolve("a"), false, 2, Progress.NONE)).run();
        Recipe measured = TinyRecipes.pretraining(2, Map.of("monitorEpochs", "1"));
        Trainer.Settings settings = settings(measured, folder.resolve("b"), false, 2, Progress.NONE);
        Path with = new Trainer(measuredOn(settings, new Drawn(20))).run();
        try (Checkpoint a = Checkpoint.open(without, ReadLimits.DEFAULT);
                Checkpoint b = Checkpoint.open(with, ReadLimits.DEFAULT)) {
            assertThat(b.allTensors().keySet()).isEqualTo(a.allTensors().keySet());
            for (Map.Entry<String, StoredTensor> tensor : a.allTensors().entrySet()) {
                StoredTensor other = Objects.requireNonNull(b.allTensors().get(tensor.getKey()));
                assertThat(other.toBytes())
                        .as(tensor.getKey())
                        .isEqualTo(tensor.getValue().toBytes());
            }
        }
    }

    @Test
    void whatCannotBeMeasuredCostsNoCheckpoint() throws Exception {
        Recipe recipe = TinyRecipes.pretraining(2, Map.of("monitorEpochs", "1"));
        Trainer.Settings settings = settings(recipe, folder.resolve("w"), false, 1, Progress.NONE);
        Path last = new Trainer(measuredOn(settings, new Drawn(20, true))).run();
        try (Checkpoint checkpoint = Checkpoint.open(last, ReadLimits.DEFAULT)) {
            assertThat(checkpoint.metadata()).containsEntry("step", "10").doesNotContainKey("best");
        }
    }

    @Test
    void classifiersAreMeasuredOnAsManyImagesAsTheRecipeSays() throws Exception {
        Recipe recipe = TinyRecipes.fineTuning(6, Map.of("monitorEpochs", "3", "monitorImages", "25"));
        Path work = folder.resolve("work");
        Trainer.Settings settings = one(recipe, work, Progress.NONE);
        new Trainer(measuredOn(settings, new Drawn(40))).run();
        List<JsonNode> measured = new ArrayList<>();
        for (String line : Files.readAllLines(work.resolve("scalars.jsonl"))) {
            JsonNode node = new ObjectMapper().readTree(line);
            if (node.has("accuracy/top1")) {
                measured.add(node);
            }
        }
        assertThat(measured).hasSize(2).allSatisfy(node -> {
            assertThat(node.get("held_out").intValue()).isEqualTo(25);
            double top1 = node.get("accuracy/top1").doubleValue();
            assertThat(top1 % 4).isZero(); // of 25 images
            assertThat(node.get("accuracy/top5").doubleValue()).isBetween(top1, 100.0);
        });
    }
}
