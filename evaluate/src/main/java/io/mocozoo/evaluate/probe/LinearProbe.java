package io.mocozoo.evaluate.probe;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mocozoo.evaluate.StoredFeatures;
import io.mocozoo.evaluate.file.JsonFiles;
import io.mocozoo.evaluate.file.RunException;
import io.mocozoo.evaluate.metric.Interval;
import java.io.IOException;
import java.io.UncheckedIOException;
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

    private static final int MOST_STEPS = 500;
    private static final double TOLERANCE = 1e-5;

    private final List<Double> penalties;
    private final long mostHeldBytes;

    /** A probe that chooses among some penalties, each above 0. */
    public LinearProbe(List<Double> penalties) {
        this(penalties, Runtime.getRuntime().maxMemory() / 2);
    }

    /** Training features of more bytes than these are read from their file again for each evaluation of the loss. */
    LinearProbe(List<Double> penalties, long mostHeldBytes) {
        if (penalties.isEmpty() || penalties.stream().anyMatch(p -> !(p > 0))) {
            throw new IllegalArgumentException("expected penalties above 0, found " + penalties);
        }
        this.penalties = List.copyOf(penalties);
        this.mostHeldBytes = mostHeldBytes;
    }

    /**
     * Fits and measures. Images to classify that could not be read count as wrong.
     *
     * @throws RunException if the features do not fit together
     */
    public ObjectNode run(StoredFeatures train, StoredFeatures val) throws IOException {
        int width = train.width();
        if (width != val.width()) {
            throw new RunException("features to learn from have " + width + " numbers, those to classify " + val.width()
                    + "; extract both with the same model and stage");
        }
        if (train.count() < Fold.PARTS || val.count() == 0) {
            throw new RunException("expected at least " + Fold.PARTS
                    + " images to learn from and one to classify, found " + train.count() + " and " + val.count());
        }
        refuseUnlabelled("to learn from", train);
        refuseUnlabelled("to classify", val);
        try {
            return fit(train, val);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static void refuseUnlabelled(String what, StoredFeatures features) throws RunException {
        for (int row = 0; row < features.count(); row++) {
            if (features.label(row) < 0) {
                throw new RunException("expected a label of every image " + what + ", found none of "
                        + features.path(row) + "; extract a data set with labels");
            }
        }
    }

    private ObjectNode fit(StoredFeatures train, StoredFeatures val) throws IOException {
        int classes = 1 + Math.max(largestLabel(train), largestLabel(val));
        Standardised standardised = Standardised.of(train);
        LabelledRows all = (long) train.count() * train.width() * Float.BYTES <= mostHeldBytes
                ? LabelledRows.held(standardised)
                : standardised;
        ObjectNode json = JsonFiles.object()
                .put("images", val.count() + val.unreadable())
                .put("unreadable", val.unreadable())
                .put("trainingImages", train.count())
                .put("unreadableTrainingImages", train.unreadable())
                .put("width", train.width())
                .put("classes", classes);
        double best = choose(all, classes, json.putArray("penalties"));
        LogisticLoss loss = new LogisticLoss(all, classes, best);
        double[] weights = new double[loss.parameters()];
        int steps = new Lbfgs(MOST_STEPS, TOLERANCE).minimise(loss::at, weights);
        long correct = new LogisticLoss(standardised.alike(val), classes, 0).correct(weights);
        long n = val.count() + (long) val.unreadable();
        Interval interval = Interval.wilson(correct, n).percent();
        json.put("penalty", best).put("steps", steps);
        json.putObject("top1")
                .put("percent", 100.0 * correct / n)
                .put("low", interval.low())
                .put("high", interval.high())
                .put("correct", correct)
                .put("of", n)
                .put("interval", "Wilson, 95 %");
        json.put("trainingTop1", 100.0 * loss.correct(weights) / all.count());
        return json;
    }

    private static int largestLabel(StoredFeatures features) {
        return IntStream.range(0, features.count()).map(features::label).max().orElseThrow();
    }

    private double choose(LabelledRows all, int classes, ArrayNode tried) {
        LabelledRows learnt = Fold.of(all, false);
        LabelledRows held = Fold.of(all, true);
        LogisticLoss judge = new LogisticLoss(held, classes, 0);
        double[] weights = new double[judge.parameters()];
        double best = penalties.get(0);
        long most = -1;
        for (double penalty : penalties) {
            LogisticLoss loss = new LogisticLoss(learnt, classes, penalty);
            int steps = new Lbfgs(MOST_STEPS, TOLERANCE).minimise(loss::at, weights);
            long correct = judge.correct(weights);
            tried.addObject()
                    .put("penalty", penalty)
                    .put("heldOutTop1", 100.0 * correct / held.count())
                    .put("steps", steps);
            if (correct > most) {
                most = correct;
                best = penalty;
            }
        }
        return best;
    }
}
