package io.mocozoo.evaluate.probe;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mocozoo.evaluate.StoredFeatures;
import io.mocozoo.evaluate.file.JsonFiles;
import io.mocozoo.evaluate.file.RunException;
import io.mocozoo.evaluate.metric.Interval;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The accuracy of a multinomial logistic regression on stored features, fitted by L-BFGS. Features are standardised by the
 * mean and deviation of the training images; the penalty on the weights is the one of a few that does best on every fifth
 * training image when fitted on the others, and the final fit is on all of them.
 */
public final class LinearProbe {
    /** Penalties tried, the strongest first, so that each fit starts from the last. */
    public static final List<Double> PENALTIES = List.of(1.0, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5);

    private static final int HELD_OUT = 5;
    private static final int MOST_STEPS = 500;
    private static final double TOLERANCE = 1e-5;

    private final List<Double> penalties;

    /** A probe that chooses among some penalties, each above 0. */
    public LinearProbe(List<Double> penalties) {
        if (penalties.isEmpty() || penalties.stream().anyMatch(p -> !(p > 0))) {
            throw new IllegalArgumentException("expected penalties above 0, found " + penalties);
        }
        this.penalties = List.copyOf(penalties);
    }

    /** Rows with their labels. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Rows(float[] values, int[] labels) {}

    /**
     * Fits and measures. Images to classify that could not be read count as wrong.
     *
     * @throws RunException if the features do not fit together
     */
    public ObjectNode run(StoredFeatures train, StoredFeatures val) throws RunException {
        int width = train.width();
        if (width != val.width()) {
            throw new RunException("features to learn from have " + width + " numbers, those to classify " + val.width()
                    + "; extract both with the same model and stage");
        }
        if (train.labels().length < HELD_OUT || val.labels().length == 0) {
            throw new RunException("expected at least " + HELD_OUT + " images to learn from and one to classify, found "
                    + train.labels().length + " and " + val.labels().length);
        }
        int classes = 1
                + IntStream.concat(Arrays.stream(train.labels()), Arrays.stream(val.labels()))
                        .max()
                        .orElseThrow();
        float[] values = train.values().clone();
        float[] judged = val.values().clone();
        standardise(values, judged, width);
        Rows all = new Rows(values, train.labels());
        ObjectNode json = JsonFiles.object()
                .put("images", val.labels().length + val.unreadable())
                .put("unreadable", val.unreadable())
                .put("trainingImages", train.labels().length)
                .put("unreadableTrainingImages", train.unreadable())
                .put("width", width)
                .put("classes", classes);
        double best = choose(all, width, classes, json.putArray("penalties"));
        LogisticLoss loss = new LogisticLoss(all.values, width, all.labels, classes, best);
        double[] weights = new double[loss.parameters()];
        int steps = new Lbfgs(MOST_STEPS, TOLERANCE).minimise(loss::at, weights);
        long correct = new LogisticLoss(judged, width, val.labels(), classes, 0).correct(weights);
        long n = val.labels().length + (long) val.unreadable();
        Interval interval = Interval.wilson(correct, n).percent();
        json.put("penalty", best).put("steps", steps);
        json.putObject("top1")
                .put("percent", 100.0 * correct / n)
                .put("low", interval.low())
                .put("high", interval.high())
                .put("correct", correct)
                .put("of", n)
                .put("interval", "Wilson, 95 %");
        json.put("trainingTop1", 100.0 * loss.correct(weights) / all.labels.length);
        return json;
    }

    private double choose(Rows all, int width, int classes, ArrayNode tried) {
        Rows learnt = some(all, width, false);
        Rows held = some(all, width, true);
        LogisticLoss judge = new LogisticLoss(held.values, width, held.labels, classes, 0);
        double[] weights = new double[judge.parameters()];
        double best = penalties.get(0);
        long most = -1;
        for (double penalty : penalties) {
            LogisticLoss loss = new LogisticLoss(learnt.values, width, learnt.labels, classes, penalty);
            int steps = new Lbfgs(MOST_STEPS, TOLERANCE).minimise(loss::at, weights);
            long correct = judge.correct(weights);
            tried.addObject()
                    .put("penalty", penalty)
                    .put("heldOutTop1", 100.0 * correct / held.labels.length)
                    .put("steps", steps);
            if (correct > most) {
                most = correct;
                best = penalty;
            }
        }
        return best;
    }

    /** Every fifth row, or the others. */
    private static Rows some(Rows all, int width, boolean held) {
        int[] rows = IntStream.range(0, all.labels.length)
                .filter(i -> (i % HELD_OUT == HELD_OUT - 1) == held)
                .toArray();
        float[] values = new float[rows.length * width];
        int[] labels = new int[rows.length];
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(all.values, rows[i] * width, values, i * width, width);
            labels[i] = all.labels[rows[i]];
        }
        return new Rows(values, labels);
    }

    private static void standardise(float[] train, float[] val, int width) throws RunException {
        List<String> wrong = new ArrayList<>();
        double n = train.length / (double) width;
        for (int d = 0; d < width; d++) {
            double sum = 0;
            for (int i = d; i < train.length; i += width) {
                sum += train[i];
            }
            double mean = sum / n;
            double squares = 0;
            for (int i = d; i < train.length; i += width) {
                squares += (train[i] - mean) * (train[i] - mean);
            }
            double deviation = Math.sqrt(squares / n);
            if (!Double.isFinite(deviation)) {
                wrong.add(Integer.toString(d));
            }
            scale(train, d, width, mean, deviation);
            scale(val, d, width, mean, deviation);
        }
        if (!wrong.isEmpty()) {
            throw new RunException("features hold numbers that are not finite in dimensions " + wrong);
        }
    }

    private static void scale(float[] values, int d, int width, double mean, double deviation) {
        for (int i = d; i < values.length; i += width) {
            values[i] = deviation > 0 ? (float) ((values[i] - mean) / deviation) : 0;
        }
    }
}
