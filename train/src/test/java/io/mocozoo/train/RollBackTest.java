package io.mocozoo.train;

import static io.mocozoo.train.TinyTrainings.SIDE;
import static io.mocozoo.train.TinyTrainings.cutAfter;
import static io.mocozoo.train.TinyTrainings.one;
import static io.mocozoo.train.TinyTrainings.reported;
import static io.mocozoo.train.TinyTrainings.settings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Percentage.withPercentage;

import io.mocozoo.checkpoint.Checkpoint;
import io.mocozoo.checkpoint.ReadLimits;
import io.mocozoo.checkpoint.StoredTensor;
import io.mocozoo.image.ImageDecoder;
import io.mocozoo.image.ImageLimits;
import io.mocozoo.image.RgbImage;
import io.mocozoo.store.Progress;
import io.mocozoo.train.TinyTrainings.Cut;
import io.mocozoo.train.TinyTrainings.Simple;
import io.mocozoo.train.augment.View;
import io.mocozoo.train.recipe.Recipe;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Losses and weights that are not finite. */
class RollBackTest {
    private static final int SECOND_STEP = 7; // a picture that the seed puts there
    private static final int LATER_STEP = 30;

    @TempDir
    Path folder;

    @Test
    void lossThatIsNotFiniteStopsOrRollsBack() throws Exception {
        Recipe recipe = TinyRecipes.pretraining(2, Map.of("checkpointSteps", "1"));
        Path work = folder.resolve("work");
        assertThatThrownBy(() -> new Trainer(spoiled(SECOND_STEP, recipe, work, 0)).run())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("loss NaN")
                .hasMessageContaining("--roll-back");
        assertThatThrownBy(
                        () -> new Trainer(spoiled(SECOND_STEP, recipe, work, 1)).run()) // each epoch has its bad step
                .hasMessageContaining("loss NaN");
        Path last = new Trainer(spoiled(SECOND_STEP, recipe, work, 2)).run();
        List<String> lines = Files.readAllLines(work.resolve("scalars.jsonl"));
        assertThat(lines).hasSize(8); // of 10
        try (Checkpoint checkpoint = Checkpoint.open(last, ReadLimits.DEFAULT)) {
            String[] skipped = checkpoint.metadata().getOrDefault("leftOut", "").split("[,-]");
            assertThat(skipped).hasSize(4);
            assertThat(skipped[0]).isEqualTo(skipped[1]); // a checkpoint lies behind every step
            assertThat(lines).noneMatch(l -> l.contains("\"step\":" + skipped[0] + ","));
            for (StoredTensor tensor : checkpoint.stateDict().values()) {
                assertThat(tensor.toFloats()).doesNotContain(Float.NaN);
            }
        }
    }

    @Test
    void rollBackSurvivesBeingCutOff() throws Exception {
        Recipe recipe = TinyRecipes.pretraining(2, Map.of("checkpointSteps", "2"));
        Path whole = new Trainer(spoiled(LATER_STEP, recipe, folder.resolve("whole"), 2)).run();
        Path work = folder.resolve("cut");
        for (long steps = 1; steps < 10; steps++) { // a step left out is never reported: that run goes on to the end
            Trainer.Settings settings = reported(spoiled(LATER_STEP, recipe, work, 2), cutAfter(steps));
            try {
                new Trainer(settings).run();
            } catch (Cut e) {
                assertThat(work.resolve("scalars.jsonl")).exists();
            }
        }
        assertThat(new Trainer(spoiled(LATER_STEP, recipe, work, 2)).run()).hasSameBinaryContentAs(whole);
    }

    @Test
    void weightsThatRunAwayNeverReachACheckpoint() throws Exception {
        Recipe recipe = TinyRecipes.pretraining(2, Map.of("checkpointSteps", "1", "optimizer.lr", "1e30"));
        Path work = folder.resolve("work");
        Trainer.Settings settings = settings(recipe, work, true, 1, Progress.NONE);
        assertThatThrownBy(() -> new Trainer(settings).run())
                .hasMessageContaining("step 1: loss ")
                .hasMessageContaining("weights behind it that are not finite")
                .hasMessageContaining("begin with --roll-back N");
        assertThat(work.resolve(Trainer.LAST)).doesNotExist();
        assertThatThrownBy(() -> new Trainer(viewed(settings, new Simple(), 3)).run())
                .hasMessageContaining("step 4: loss ")
                .hasMessageContaining("lower optimizer.lr");
        try (Checkpoint checkpoint = Checkpoint.open(work.resolve(Trainer.LAST), ReadLimits.DEFAULT)) {
            assertThat(checkpoint.metadata()).containsEntry("step", "3").containsEntry("leftOut", "1-1,2-2,3-3");
            for (StoredTensor tensor : checkpoint.stateDict().values()) {
                for (float weight : tensor.toFloats()) {
                    assertThat(weight).isBetween(-10f, 10f);
                }
            }
        }
    }

    @Test
    void twoBadStepsInARowGoBackToAnOlderCheckpoint() throws Exception {
        Recipe recipe = TinyRecipes.pretraining(2, Map.of("checkpointSteps", "1", "keep", "2"));
        Path work = folder.resolve("work");
        AtomicInteger seen = new AtomicInteger();
        View spoiled = (Spoiled)
                image -> { // steps of 16 but the fifth: those of an epoch of 72
                    int count = seen.incrementAndGet();
                    return count > 72 + 2 * 16 && count <= 72 + 4 * 16;
                };
        Trainer.Settings settings = settings(recipe, work, true, 1, Progress.NONE);
        Path last = new Trainer(viewed(settings, spoiled, 2)).run();
        try (Checkpoint checkpoint = Checkpoint.open(last, ReadLimits.DEFAULT);
                Checkpoint firstEpoch = Checkpoint.open(work.resolve("epoch_1.safetensors"), ReadLimits.DEFAULT)) {
            assertThat(checkpoint.metadata()).containsEntry("leftOut", "6-9").containsEntry("step", "10");
            assertThat(steps(checkpoint)).isEqualTo(10); // the schedule goes by steps, left out or not
            assertThat(steps(firstEpoch)).isEqualTo(5);
        }
        assertThat(Files.readAllLines(work.resolve("scalars.jsonl"))).hasSize(6);
    }

    @Test
    void averagesOfWeightsSurviveABadFirstStep() throws Exception {
        Recipe recipe = TinyRecipes.fineTuning(6, Map.of("classifier.averageWeight", "0.001"));
        AtomicInteger seen = new AtomicInteger();
        View spoiled = (Spoiled) image -> seen.incrementAndGet() <= 32; // the first batch
        Trainer.Settings settings = one(recipe, folder.resolve("work"), Progress.NONE);
        Trainer.Settings bad = new Trainer.Settings(
                recipe,
                settings.data(),
                settings.heldOut(),
                List.of(spoiled),
                settings.workDir(),
                true,
                Optional.empty(),
                Hardware.cpu(1),
                1,
                settings.unreadable(),
                settings.learningRate(),
                Progress.NONE);
        try (Checkpoint checkpoint = Checkpoint.open(new Trainer(bad).run(), ReadLimits.DEFAULT)) {
            assertThat(checkpoint.metadata()).containsEntry("leftOut", "1-1");
            double average = length(checkpoint, "backbone.layers.0.attn.qkv.weight");
            double raw = length(checkpoint, "raw.backbone.layers.0.attn.qkv.weight");
            assertThat(average).isCloseTo(raw, withPercentage(5));
        }
    }

    private static double length(Checkpoint checkpoint, String name) throws IOException {
        double sum = 0;
        for (float weight :
                Objects.requireNonNull(checkpoint.allTensors().get(name), name).toFloats()) {
            sum += (double) weight * weight;
        }
        return Math.sqrt(sum);
    }

    private static long steps(Checkpoint checkpoint) throws IOException {
        StoredTensor steps = Objects.requireNonNull(checkpoint.stateDict().get("momentum_encoder.steps"));
        return steps.toBytes().getLong(0);
    }

    /** Turns some pictures into numbers that are none. */
    private interface Spoiled extends View {
        boolean isBad(RgbImage image);

        @Override
        default int side() {
            return SIDE;
        }

        @Override
        default void apply(RgbImage image, RandomGenerator random, FloatBuffer target) {
            int from = target.position();
            new Simple().apply(image, random, target);
            if (isBad(image)) {
                target.put(from, Float.NaN);
            }
        }
    }

    private static Trainer.Settings spoiled(int picture, Recipe recipe, Path work, int rollbacks) throws IOException {
        Trainer.Settings whole = settings(recipe, work, true, 2, Progress.NONE);
        byte[] bad = ImageDecoder.decode(whole.data().read(picture), "bad", ImageLimits.DEFAULT)
                .rgb();
        return viewed(whole, (Spoiled) image -> Arrays.equals(image.rgb(), bad), rollbacks);
    }

    private static Trainer.Settings viewed(Trainer.Settings whole, View first, int rollbacks) {
        return new Trainer.Settings(
                whole.recipe(),
                whole.data(),
                whole.heldOut(),
                List.of(first, new Simple()),
                whole.workDir(),
                true,
                Optional.empty(),
                whole.hardware(),
                rollbacks,
                whole.unreadable(),
                whole.learningRate(),
                Progress.NONE);
    }
}
