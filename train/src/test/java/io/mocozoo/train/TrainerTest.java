package io.mocozoo.train;

import static io.mocozoo.train.TinyTrainings.cutAfter;
import static io.mocozoo.train.TinyTrainings.one;
import static io.mocozoo.train.TinyTrainings.settings;
import static io.mocozoo.train.TinyTrainings.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mocozoo.checkpoint.Checkpoint;
import io.mocozoo.checkpoint.ReadLimits;
import io.mocozoo.data.Dataset;
import io.mocozoo.data.Shapes;
import io.mocozoo.store.Progress;
import io.mocozoo.train.TinyTrainings.Cut;
import io.mocozoo.train.TinyTrainings.Drawn;
import io.mocozoo.train.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trainings from their recipe to their last checkpoint, cut off on the way. */
class TrainerTest {
    @TempDir
    Path folder;

    @Test
    void trainingThatIsCutOffAndResumedEndsBitForBitAsOneThatIsNot() throws Exception {
        Recipe recipe = TinyRecipes.pretraining(3);
        Path whole = new Trainer(settings(recipe, folder.resolve("whole"), false, 2, Progress.NONE)).run();
        Path cut = folder.resolve("cut");
        for (long steps : new long[] {3, 7, 8}) { // within an epoch, behind a checkpoint, at one
            Trainer.Settings settings = settings(recipe, cut, true, 1, cutAfter(steps));
            assertThatThrownBy(() -> new Trainer(settings).run()).isInstanceOf(Cut.class);
        }
        Path resumed = new Trainer(settings(recipe, cut, true, 2, Progress.NONE)).run();
        assertThat(resumed).hasSameBinaryContentAs(whole);
        List<Long> steps = new ArrayList<>();
        for (String line : Files.readAllLines(cut.resolve("scalars.jsonl"))) {
            JsonNode node = new ObjectMapper().readTree(line);
            steps.add(node.get("step").longValue());
            assertThat(node.get("loss").doubleValue()).isPositive();
            assertThat(node.get("first_layer_grad_norm").doubleValue()).isPositive();
        }
        assertThat(steps).isSorted().doesNotHaveDuplicates().hasSize(15); // 72 images make 5 batches of 16, 3 times
    }

    @Test
    void fineTuningWithAllItsRegularisersResumesBitForBitToo() throws Exception {
        Recipe recipe = TinyRecipes.fineTuning(7);
        Path whole = new Trainer(one(recipe, folder.resolve("whole"), Progress.NONE)).run();
        Path cut = folder.resolve("cut");
        assertThatThrownBy(() -> new Trainer(one(recipe, cut, cutAfter(5))).run())
                .isInstanceOf(Cut.class);
        assertThat(new Trainer(one(recipe, cut, Progress.NONE)).run()).hasSameBinaryContentAs(whole);
        try (Checkpoint checkpoint = Checkpoint.open(whole, ReadLimits.DEFAULT)) {
            assertThat(checkpoint.stateDict())
                    .containsKey("head.layers.head.weight")
                    .doesNotContainKey("raw.head.layers.head.weight");
            assertThat(checkpoint.allTensors())
                    .containsKeys("raw.head.layers.head.weight", "optimizer.mean.head.layers.head.weight");
            assertThat(checkpoint.classes()).hasValue(Shapes.CLASSES);
        }
    }

    @Test
    void lossFallsAndFeaturesDoNotCollapse() throws Exception {
        Recipe recipe = TinyRecipes.pretraining(12);
        Path work = folder.resolve("work");
        new Trainer(settings(recipe, work, false, 2, Progress.NONE)).run();
        List<String> lines = Files.readAllLines(work.resolve("scalars.jsonl"));
        double first = mean(lines.subList(0, 5), "loss");
        double last = mean(lines.subList(lines.size() - 5, lines.size()), "loss");
        assertThat(last).isLessThan(first * 0.9);
        assertThat(mean(lines.subList(lines.size() - 5, lines.size()), "feature_std"))
                .isGreaterThan(0.02);
    }

    private static double mean(List<String> lines, String field) throws IOException {
        double sum = 0;
        for (String line : lines) {
            sum += new ObjectMapper().readTree(line).get(field).doubleValue();
        }
        return sum / lines.size();
    }

    @Test
    void workFolderOfAnotherRunIsNotOverwritten() throws Exception {
        Recipe recipe = TinyRecipes.pretraining(2);
        Path work = folder.resolve("work");
        new Trainer(settings(recipe, work, false, 1, Progress.NONE)).run();
        assertThatThrownBy(() -> new Trainer(settings(recipe, work, false, 1, Progress.NONE)).run())
                .hasMessageContaining("--resume");
        assertThatThrownBy(() -> new Trainer(settings(TinyRecipes.pretraining(3), work, true, 1, Progress.NONE)).run())
                .hasMessageContaining("another recipe");
        Trainer.Settings began = settings(recipe, work, true, 1, Progress.NONE);
        assertThatThrownBy(() -> new Trainer(with(began, began.data(), 2 * began.learningRate())).run())
                .hasMessageContaining("another learning rate");
        assertThatThrownBy(() -> new Trainer(with(began, new Drawn(73), began.learningRate())).run())
                .hasMessageContaining("expected images 72, found 73");
    }

    @Test
    void workFolderHoldsOneTrainingAtATime() throws Exception {
        Path work = folder.resolve("work");
        Recipe recipe = TinyRecipes.pretraining(2);
        try (WorkFolder other = WorkFolder.claim(work)) {
            Files.writeString(other.file(".last.safetensors.0a1b2c3d.part"), "torn");
            assertThatThrownBy(() -> new Trainer(settings(recipe, work, false, 1, Progress.NONE)).run())
                    .hasMessageContaining("another training is running in " + work);
        }
        new Trainer(settings(recipe, work, false, 1, Progress.NONE)).run();
        assertThat(work).isDirectoryNotContaining(f -> f.toString().endsWith(".part"));
    }

    @Test
    void checkpointOfAnotherNetworkIsRefusedByItsRecipe() throws Exception {
        Path work = folder.resolve("work");
        new Trainer(settings(TinyRecipes.pretraining(2), work, false, 1, Progress.NONE)).run();
        Recipe other = TinyRecipes.pretraining(
                2, Map.of("architecture.backbone.embedDim", "48", "schedule.1.least", "0.001", "optimizer.lr", "0.3"));
        assertThatThrownBy(() -> new Trainer(settings(other, work, true, 1, Progress.NONE)).run())
                .hasMessageContaining("was written by another recipe")
                .hasMessageContaining("\n  architecture.backbone.embedDim: 24, now 48\n  optimizer.lr: ")
                .hasMessageContaining(", now 0.3\n  schedule.1.least: 0.0, now 0.001\nGo on as it began");
    }

    @Test
    void damagedCheckpointIsLeftAndAnOlderOneGoesOn() throws Exception {
        Recipe recipe = TinyRecipes.pretraining(3);
        Path whole = new Trainer(settings(recipe, folder.resolve("whole"), false, 1, Progress.NONE)).run();
        Path work = folder.resolve("work");
        assertThatThrownBy(() -> new Trainer(settings(recipe, work, false, 1, cutAfter(12))).run())
                .isInstanceOf(Cut.class);
        byte[] torn = Arrays.copyOf(Files.readAllBytes(work.resolve(Trainer.LAST)), 3000);
        Files.write(work.resolve(Trainer.LAST), torn);
        assertThatThrownBy(() -> new Trainer(settings(recipe, work, true, 1, Progress.NONE)).run())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("copy an older checkpoint of " + work);
        assertThat(work.resolve(Trainer.LAST)).hasBinaryContent(torn);
        byte[] turned = Files.readAllBytes(work.resolve("epoch_2.safetensors"));
        turned[turned.length / 2] ^= 4; // one bit of a weight
        Files.write(work.resolve(Trainer.LAST), turned);
        assertThatThrownBy(() -> new Trainer(settings(recipe, work, true, 1, Progress.NONE)).run())
                .hasMessageContaining("the file is damaged")
                .hasMessageContaining("copy an older checkpoint of " + work);
        assertThat(work.resolve(Trainer.LAST)).hasBinaryContent(turned);
        Files.copy(
                work.resolve("epoch_2.safetensors"), work.resolve(Trainer.LAST), StandardCopyOption.REPLACE_EXISTING);
        assertThat(new Trainer(settings(recipe, work, true, 1, Progress.NONE)).run())
                .hasSameBinaryContentAs(whole);
    }

    @Test
    void oneImageAloneIsNoBatchOfMocoV3() throws Exception {
        assertThatThrownBy(() -> TinyRecipes.pretraining(2, Map.of("batch", "1")))
                .hasMessageContaining("batch: expected 2 or more")
                .hasMessageContaining("need two images");
        Recipe recipe = TinyRecipes.pretraining(2, Map.of("batch", "71")); // of 72 images
        assertThatThrownBy(() -> new Trainer(settings(recipe, folder.resolve("one"), false, 1, Progress.NONE)).run())
                .hasMessageContaining("need two images");
    }

    @Test
    void onlySoManyEpochsAreKeptAsTheRecipeSays() throws Exception {
        Recipe recipe = TinyRecipes.pretraining(5, Map.of("checkpointEpochs", "2", "keep", "2"));
        Path work = folder.resolve("kept");
        new Trainer(settings(recipe, work, false, 1, Progress.NONE)).run();
        try (var files = Files.list(work)) {
            assertThat(files.map(f -> f.getFileName().toString()).filter(n -> n.startsWith("epoch_")))
                    .containsExactlyInAnyOrder("epoch_4.safetensors", "epoch_5.safetensors");
        }
    }

    @Test
    void batchOfWhichNothingCanBeReadIsAnError() throws Exception {
        Dataset broken = new Drawn(16, true);
        Trainer.Settings settings =
                settings(TinyRecipes.pretraining(2), folder.resolve("work"), false, 1, Progress.NONE);
        assertThatThrownBy(() -> new Trainer(with(settings, broken, 0.1)).run())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("step 1 of epoch 1: none of its 16 images can be read")
                .hasMessageContaining("figure");
    }
}
