package io.mocozoo.train;

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
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import javax.imageio.ImageIO;

/** Trainings of 72 drawn figures on a CPU that take a second or two. */
final class TinyTrainings {
    static final int SIDE = 16;

    private TinyTrainings() {}

    /** Drawn figures, encoded in memory, or bytes that are no pictures. */
    record Drawn(int size, boolean damaged) implements Dataset {
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
    record Simple() implements View {
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

    static Trainer.Settings settings(Recipe recipe, Path workDir, boolean resume, int workers, Progress progress) {
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
    static final class Cut extends RuntimeException {
        static final long serialVersionUID = 1L;
    }

    static Progress cutAfter(long steps) {
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

    static Trainer.Settings one(Recipe recipe, Path workDir, Progress progress) {
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

    static Trainer.Settings reported(Trainer.Settings settings, Progress progress) {
        return changed(settings, settings.data(), settings.heldOut(), settings.learningRate(), progress);
    }

    static Trainer.Settings measuredOn(Trainer.Settings settings, Dataset heldOut) {
        return changed(settings, settings.data(), Optional.of(heldOut), settings.learningRate(), settings.progress());
    }

    static Trainer.Settings with(Trainer.Settings settings, Dataset data, double learningRate) {
        return changed(settings, data, settings.heldOut(), learningRate, settings.progress());
    }

    /** The same training with some of its settings replaced. */
    static Trainer.Settings changed(
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
