package io.mocozoo.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mocozoo.checkpoint.Checkpoint;
import io.mocozoo.checkpoint.ReadLimits;
import io.mocozoo.checkpoint.StoredTensor;
import io.mocozoo.data.Dataset;
import io.mocozoo.data.Shapes;
import io.mocozoo.image.ImageDecoder;
import io.mocozoo.image.ImageLimits;
import io.mocozoo.image.Interpolation;
import io.mocozoo.image.PillowResize;
import io.mocozoo.image.RgbImage;
import io.mocozoo.store.Progress;
import io.mocozoo.train.augment.View;
import io.mocozoo.train.recipe.Recipe;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainerTest {
    private static final int SIDE = 16;
    private static final int SECOND_STEP = 7; // a picture that the seed puts there
    private static final int LATER_STEP = 30;

    @TempDir
    Path folder;

    /** Drawn figures, encoded in memory, or bytes that are no pictures. */
    private record Drawn(int size, boolean damaged) implements Dataset {
        Drawn(int size) {
            this(size, false);
        }

        @Override
        public List<String> classes() {
            return Shapes.CLASSES;
        }

        @Override
        public int label(int index) {
            return index % Shapes.CLASSES.size();
        }

        @Override
        public String name(int index) {
            return "figure " + index;
        }

        @Override
        public byte[] read(int index) throws IOException {
            if (damaged) {
                return new byte[20];
            }
            BufferedImage image = Shapes.draw(label(index), new SplittableRandom(index));
            ByteArrayOutputStream png = new ByteArrayOutputStream();
            ImageIO.write(image, "png", png);
            return png.toByteArray();
        }
    }

    /** Shrinks, mirrors half of the time and shifts the brightness. */
    private record Simple() implements View {
        @Override
        public int side() {
            return SIDE;
        }

        @Override
        public void apply(RgbImage image, RandomGenerator random, FloatBuffer target) {
            RgbImage small = PillowResize.resize(image, SIDE, SIDE, Interpolation.BILINEAR);
            boolean mirrored = random.nextBoolean();
            float shift = (float) random.nextDouble(-0.3, 0.3);
            for (int c = 0; c < 3; c++) {
                for (int y = 0; y < SIDE; y++) {
                    for (int x = 0; x < SIDE; x++) {
                        int at = y * SIDE + (mirrored ? SIDE - 1 - x : x);
                        target.put((small.rgb()[3 * at + c] & 0xFF) / 128f - 1 + shift);
                    }
                }
            }
        }
    }

    private Trainer.Settings settings(Recipe recipe, Path workDir, boolean resume, int workers, Progress progress) {
        return new Trainer.Settings(
                recipe,
                new Drawn(72),
                Optional.empty(),
                List.of(new Simple(), new Simple()),
                workDir,
                resume,
                Optional.empty(),
                Hardware.cpu(workers),
                0,
                100,
                recipe.optimizer().lr(),
                progress);
    }

    /** Stops a training as a kill between two steps would: nothing is written any more. */
    private static final class Cut extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private static Progress cutAfter(long steps) {
        return (what, total) -> new Progress.Work() {
            @Override
            public void at(long done) {
                if (done == steps) {
                    throw new Cut();
                }
            }

            @Override
            public void close() {}
        };
    }

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

    private Trainer.Settings one(Recipe recipe, Path workDir, Progress progress) {
        return new Trainer.Settings(
                recipe,
                new Drawn(72),
                Optional.empty(),
                List.of(new Simple()),
                workDir,
                true,
                Optional.empty(),
                Hardware.cpu(2),
                0,
                100,
                recipe.optimizer().lr(),
                progress);
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

    private static Trainer.Settings reported(Trainer.Settings settings, Progress progress) {
        return changed(settings, settings.data(), settings.heldOut(), settings.learningRate(), progress);
    }

    /** One of the pictures turns into numbers that are none. */
    private Trainer.Settings spoiled(int picture, Recipe recipe, Path work, int rollbacks) throws IOException {
        Trainer.Settings whole = settings(recipe, work, true, 2, Progress.NONE);
        byte[] bad = ImageDecoder.decode(whole.data().read(picture), "bad", ImageLimits.DEFAULT)
                .rgb();
        View spoiled = new View() {
            @Override
            public int side() {
                return SIDE;
            }

            @Override
            public void apply(RgbImage image, RandomGenerator random, FloatBuffer target) {
                int from = target.position();
                new Simple().apply(image, random, target);
                if (Arrays.equals(image.rgb(), bad)) {
                    target.put(from, Float.NaN);
                }
            }
        };
        return new Trainer.Settings(
                recipe,
                whole.data(),
                whole.heldOut(),
                List.of(spoiled, new Simple()),
                work,
                true,
                Optional.empty(),
                Hardware.cpu(2),
                rollbacks,
                100,
                whole.learningRate(),
                Progress.NONE);
    }

    private static Trainer.Settings measuredOn(Trainer.Settings settings, Dataset heldOut) {
        return changed(settings, settings.data(), Optional.of(heldOut), settings.learningRate(), settings.progress());
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

    private static Trainer.Settings with(Trainer.Settings settings, Dataset data, double learningRate) {
        return changed(settings, data, settings.heldOut(), learningRate, settings.progress());
    }

    /** The same training with some of its settings replaced. */
    private static Trainer.Settings changed(
            Trainer.Settings settings,
            Dataset data,
            Optional<Dataset> heldOut,
            double learningRate,
            Progress progress) {
        return new Trainer.Settings(
                settings.recipe(),
                data,
                heldOut,
                settings.views(),
                settings.workDir(),
                settings.resume(),
                settings.pretrained(),
                settings.hardware(),
                settings.rollbacks(),
                settings.unreadable(),
                learningRate,
                progress);
    }
}
