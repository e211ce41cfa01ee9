package io.mocozoo.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mocozoo.checkpoint.Checkpoint;
import io.mocozoo.checkpoint.ReadLimits;
import io.mocozoo.data.Dataset;
import io.mocozoo.data.Shapes;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainerTest {
    private static final int SIDE = 16;

    @TempDir
    Path folder;

    /** Drawn figures, encoded in memory. */
    private record Drawn(int size) implements Dataset {
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
                workers,
                0,
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
                2,
                0,
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
    void batchOfWhichNothingCanBeReadIsAnError() throws Exception {
        Dataset broken = new Dataset() {
            private final Dataset drawn = new Drawn(16);

            @Override
            public List<String> classes() {
                return drawn.classes();
            }

            @Override
            public int size() {
                return drawn.size();
            }

            @Override
            public int label(int index) {
                return drawn.label(index);
            }

            @Override
            public String name(int index) {
                return drawn.name(index);
            }

            @Override
            public byte[] read(int index) {
                return new byte[20];
            }
        };
        Trainer.Settings settings =
                settings(TinyRecipes.pretraining(2), folder.resolve("work"), false, 1, Progress.NONE);
        assertThatThrownBy(() -> new Trainer(with(settings, broken, 0.1)).run())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("step 1 of epoch 1: none of its 16 images can be read")
                .hasMessageContaining("figure");
    }

    private static Trainer.Settings with(Trainer.Settings settings, Dataset data, double learningRate) {
        return new Trainer.Settings(
                settings.recipe(),
                data,
                settings.heldOut(),
                settings.views(),
                settings.workDir(),
                settings.resume(),
                settings.pretrained(),
                settings.workers(),
                settings.rollbacks(),
                learningRate,
                settings.progress());
    }
}
