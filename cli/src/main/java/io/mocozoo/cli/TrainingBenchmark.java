package io.mocozoo.cli;

import io.mocozoo.data.Dataset;
import io.mocozoo.train.Hardware;
import io.mocozoo.train.StepTimes;
import io.mocozoo.train.TrainingSpeed;
import io.mocozoo.train.TrainingSpeed.Measured;
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
    static List<BenchmarkRow> rows(Recipe recipe, Hardware hardware, int steps, byte[] photograph)
            throws IOException, InterruptedException {
        List<Measured> measured = TrainingSpeed.measure(
                recipe, new OnePicture(photograph, Math.max(PICTURES, recipe.batch())), hardware, steps);
        int images = recipe.batch();
        List<BenchmarkRow> rows = new ArrayList<>();
        String what = "step of " + images + " images";
        rows.add(BenchmarkRow.perSecond(
                "training, data included",
                images,
                sorted(measured, m -> m.data() + m.times().total())));
        rows.add(BenchmarkRow.milliseconds(what, sorted(measured, m -> m.times().total())));
        rows.add(BenchmarkRow.milliseconds("  waiting for data, before it", sorted(measured, Measured::data)));
        rows.add(BenchmarkRow.milliseconds(
                "  forward", sorted(measured, m -> m.times().forward())));
        rows.add(BenchmarkRow.milliseconds(
                "  backward", sorted(measured, m -> m.times().backward())));
        rows.add(BenchmarkRow.milliseconds(
                "  momentum encoder", sorted(measured, m -> m.times().momentum())));
        rows.add(BenchmarkRow.milliseconds(
                "  optimizer", sorted(measured, m -> m.times().update())));
        rows.add(BenchmarkRow.percent(
                what + " over the same operations called bare", sorted(measured, m -> over(m.times()))));
        return rows;
    }

    /** What a step takes beyond the time inside the engine's operations, as a ratio to that. */
    private static double over(StepTimes times) {
        return times.total() / times.engine() - 1;
    }

    private static List<Double> sorted(List<Measured> measured, ToDoubleFunction<Measured> figure) {
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
