package io.mocozoo.cli;

import io.mocozoo.data.Dataset;
import io.mocozoo.train.Hardware;
import io.mocozoo.train.StepTimes;
import io.mocozoo.train.TrainingSpeed;
import io.mocozoo.train.recipe.Recipe;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** The steps of a recipe, and where their time goes. */
final class TrainingBenchmark {
    private static final int PICTURES = 64;

    private TrainingBenchmark() {}

    /** Runs steps on one made-up photograph under many names: decoding and augmenting cost what they do in earnest. */
    static void run(Recipe recipe, Hardware hardware, int steps, Measured rows)
            throws IOException, InterruptedException {
        int images = recipe.batch();
        List<TrainingSpeed.Measured> all = TrainingSpeed.measure(
                recipe, new OnePicture(Photograph.jpeg(), Math.max(PICTURES, images)), hardware, steps);
        String what = "step of " + images + " images";
        rows.perSecond(
                "training, data included",
                images,
                sorted(all, m -> m.data() + m.times().total()));
        rows.milliseconds(what, sorted(all, m -> m.times().total()));
        rows.milliseconds("  waiting for data, before it", sorted(all, TrainingSpeed.Measured::data));
        rows.milliseconds("  forward", sorted(all, m -> m.times().forward()));
        rows.milliseconds("  backward", sorted(all, m -> m.times().backward()));
        rows.milliseconds("  momentum encoder", sorted(all, m -> m.times().momentum()));
        rows.milliseconds("  optimizer", sorted(all, m -> m.times().update()));
        List<Double> over = sorted(all, m -> 100 * over(m.times()));
        rows.add(
                what + " over the same operations called bare",
                "%",
                Measured.at(over, 0.5),
                Measured.at(over, 0.1),
                Measured.at(over, 0.9));
    }

    /** What a step takes beyond the time inside the engine's operations, as a ratio to that. */
    private static double over(StepTimes times) {
        return times.total() / times.engine() - 1;
    }

    private static List<Double> sorted(
            List<TrainingSpeed.Measured> measured, ToDoubleFunction<TrainingSpeed.Measured> figure) {
        List<Double> all =
                new ArrayList<>(measured.stream().mapToDouble(figure).boxed().toList());
        Collections.sort(all);
        return all;
    }

    /** One picture many times. */
    private static final class OnePicture implements Dataset {
        private final byte[] jpeg;
        private final int size;

        OnePicture(byte[] jpeg, int size) {
            this.jpeg = jpeg;
            this.size = size;
        }

        @Override
        public int size() {
            return size;
        }

        @Override
        public List<String> classes() {
            return List.of();
        }

        @Override
        public int label(int index) {
            return 0;
        }

        @Override
        public String name(int index) {
            return "picture " + index;
        }

        @Override
        public byte[] read(int index) {
            return jpeg;
        }
    }
}
