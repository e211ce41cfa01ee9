package io.mocozoo.evaluate;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mocozoo.evaluate.file.JsonFiles;
import io.mocozoo.evaluate.file.RunException;
import io.mocozoo.evaluate.metric.Accuracy;
import io.mocozoo.evaluate.metric.Average;
import io.mocozoo.evaluate.metric.AveragePrecision;
import io.mocozoo.evaluate.metric.Calibration;
import io.mocozoo.evaluate.metric.ConfusionMatrix;
import io.mocozoo.evaluate.metric.Interval;
import io.mocozoo.evaluate.metric.PrecisionRecall;
import io.mocozoo.evaluate.metric.Scores;
import io.mocozoo.evaluate.metric.SingleLabelMetric;
import io.mocozoo.evaluate.metric.TemperatureFit;
import io.mocozoo.evaluate.metric.Threshold;
import io.mocozoo.runtime.Prediction;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;

/**
 * Gathers the figures of a run image by image. What is held of an image is its confidence and whether it was right; what
 * needs more (temperature, average precision) goes through the results again.
 */
final class Figures {
    private static final int BINS = 15;
    private static final int POINTS = 50;
    private static final int RESAMPLES = 1000;
    private static final int PAIRS = 20;
    private static final long COLUMN_BYTES = 64L << 20;

    private final boolean whole;
    private final Wanted wanted;
    private final Unreadable policy;
    private final int classes;
    private final List<Integer> ranks;
    private final Accuracy accuracy; // at the default threshold
    private final Accuracy reference;
    private final SingleLabelMetric single;
    private final ConfusionMatrix confusion;
    private final long[] images;
    private final long[] unreadable;
    private final long[] correct;
    private final long[] predicted;
    private final Sure sure = new Sure();
    private double loss;
    private double brier;
    private long failed;
    private long leftOut;

    Figures(int classes, Wanted wanted, Unreadable policy) throws RunException {
        this(classes, wanted, policy, OptionalInt.empty());
    }

    /** Figures of images of which perhaps not all scores are known, only so many of the highest. */
    Figures(int classes, Wanted wanted, Unreadable policy, OptionalInt known) throws RunException {
        this.whole = known.isEmpty();
        this.wanted = wanted;
        this.policy = policy;
        this.classes = classes;
        this.ranks = wanted.ranks(known.orElse(classes));
        this.accuracy = new Accuracy(ranks, Threshold.DEFAULT);
        this.reference = new Accuracy(ranks, wanted.thresholds());
        this.single = new SingleLabelMetric(classes, wanted.thresholds());
        this.confusion = new ConfusionMatrix(wanted.includes(Figure.CONFUSION) ? classes : 1);
        this.images = new long[classes];
        this.unreadable = new long[classes];
        this.correct = new long[classes];
        this.predicted = new long[classes];
    }

    /** Confidences and hits of images, as many as come. */
    private static final class Sure {
        private float[] confidences = new float[1024];
        private boolean[] hits = new boolean[1024];
        private int size;

        void add(float confidence, boolean hit) {
            if (size == hits.length) {
                confidences = Arrays.copyOf(confidences, 2 * size);
                hits = Arrays.copyOf(hits, 2 * size);
            }
            confidences[size] = confidence;
            hits[size++] = hit;
        }

        Calibration calibration() {
            return new Calibration(Arrays.copyOf(confidences, size), Arrays.copyOf(hits, size));
        }
    }

    /** Of several right classes the one the model ranks first; -1 if there is none. */
    static int label(float[] scores, int[] right) {
        int best = -1;
        for (int label : right) {
            if (best < 0 || scores[label] > scores[best] || (scores[label] == scores[best] && label < best)) {
                best = label;
            }
        }
        return best;
    }

    /**
     * An image.
     *
     * @param scores probabilities
     * @param lossOfLabel in nats
     * @param right its classes; none leaves it out
     */
    void add(float[] scores, double lossOfLabel, int[] right) {
        int label = label(scores, right);
        if (label < 0) {
            leftOut++;
            return;
        }
        int best = Scores.argmax(scores);
        accuracy.add(scores, label);
        reference.add(scores, label);
        single.add(scores, label);
        images[label]++;
        predicted[best]++;
        correct[label] += best == label ? 1 : 0;
        if (wanted.includes(Figure.CONFUSION)) {
            confusion.add(label, best);
        }
        if (wanted.includes(Figure.CALIBRATION)) {
            sure.add(scores[best], best == label);
            loss += lossOfLabel;
            brier += Scores.brier(scores, label);
        }
    }

    /** An image that could not be read; of several right classes the first stands for it. */
    void addUnreadable(int[] right) {
        if (right.length == 0) {
            leftOut++;
            return;
        }
        failed++;
        unreadable[right[0]]++;
        if (policy == Unreadable.WRONG) {
            accuracy.addWrong();
            reference.addWrong();
            single.addEmpty(right[0]);
            images[right[0]]++;
        }
    }

    boolean hasConfusion() {
        return wanted.includes(Figure.CONFUSION);
    }

    ConfusionMatrix confusion() {
        return confusion;
    }

    /** A class's figures: images, unreadable ones, predictions, hits. */
    long[] ofClass(int c) {
        return new long[] {images[c], unreadable[c], predicted[c], correct[c]};
    }

    /** By class, at the first threshold. */
    PrecisionRecall classwise() {
        return single.result(0, Average.NONE);
    }

    /**
     * All of it.
     *
     * @param names of the classes
     * @param logits of the readable, labelled images in their order, for what goes through them again
     */
    ObjectNode json(List<String> names, TemperatureFit.Source logits) throws IOException {
        ObjectNode json = JsonFiles.object();
        json.put("images", accuracy.images() + leftOut + (policy == Unreadable.LEAVE_OUT ? failed : 0))
                .put("counted", accuracy.images());
        json.putObject("unreadable").put("count", failed).put("policy", policy.word());
        json.put("withoutLabel", leftOut).put("classes", classes);
        accuracies(json.putObject("accuracy"));
        ObjectNode named = json.putObject("reference");
        reference.results().forEach(named::put);
        if (wanted.includes(Figure.SINGLE_LABEL)) {
            for (int t = 0; t < wanted.thresholds().size(); t++) {
                int threshold = t;
                for (Average average : List.of(Average.MACRO, Average.MICRO)) {
                    put(named, single.result(t, average), item -> single.name(item, threshold, average));
                }
            }
        }
        if (wanted.includes(Figure.CALIBRATION)) {
            calibration(json, logits);
        }
        if (wanted.includes(Figure.AVERAGE_PRECISION)) {
            double[] each = averagePrecisions(logits);
            named.put("multi-label/mAP", AveragePrecision.mean(each));
        }
        if (wanted.includes(Figure.CONFUSION)) {
            ArrayNode pairs = json.putArray("mostConfused");
            confusion.mostConfused(PAIRS).forEach(pair -> pairs.addObject()
                    .put("label", pair.label())
                    .put("name", names.get(pair.label()))
                    .put("takenFor", pair.predicted())
                    .put("takenForName", names.get(pair.predicted()))
                    .put("images", pair.count()));
        }
        return json;
    }

    /** An average under the reference's names. */
    static void put(ObjectNode named, PrecisionRecall all, UnaryOperator<String> name) {
        named.put(name.apply("precision"), (double) all.precision()[0])
                .put(name.apply("recall"), (double) all.recall()[0])
                .put(name.apply("f1-score"), (double) all.f1()[0])
                .put(name.apply("support"), all.support()[0]);
    }

    private void accuracies(ObjectNode json) {
        for (int k = 0; k < ranks.size(); k++) {
            put(json.putObject("top" + ranks.get(k)), accuracy.correct(k, 0), accuracy.images());
        }
        double sum = 0;
        int seen = 0;
        for (int c = 0; c < classes; c++) {
            if (images[c] > 0) {
                sum += correct[c] / (double) images[c];
                seen++;
            }
        }
        Interval interval =
                Interval.bootstrapOfClassMean(correct, images, RESAMPLES, 0).percent();
        json.putObject("classMean")
                .put("percent", seen == 0 ? 0 : 100 * sum / seen)
                .put("low", interval.low())
                .put("high", interval.high())
                .put("classes", seen)
                .put("interval", "bootstrap within classes, 95 %, " + RESAMPLES + " resamples, seed 0");
    }

    static void put(ObjectNode json, long hits, long of) {
        Interval interval = Interval.wilson(hits, of).percent();
        json.put("percent", of == 0 ? 0 : 100.0 * hits / of)
                .put("low", interval.low())
                .put("high", interval.high())
                .put("correct", hits)
                .put("of", of)
                .put("interval", "Wilson, 95 %");
    }

    private void calibration(ObjectNode json, TemperatureFit.Source logits) throws IOException {
        long n = Math.max(1, sure.size);
        ObjectNode likelihood = json.putObject("likelihood").put("of", sure.size);
        if (Double.isFinite(loss)) {
            likelihood.put("nll", loss / n);
        }
        if (whole) {
            likelihood.put("brier", brier / n);
        }
        Calibration plain = sure.calibration();
        ObjectNode calibration = json.putObject("calibration");
        errors(calibration, plain);
        if (whole) {
            scaled(calibration.putObject("temperature"), logits, n);
        }
        ArrayNode bins = calibration.putArray("reliability");
        plain.bins(BINS).forEach(bin -> bins.addObject()
                .put("low", bin.low())
                .put("high", bin.high())
                .put("images", bin.images())
                .put("confidence", bin.confidence())
                .put("accuracy", bin.accuracy()));
        ObjectNode coverage = json.putObject("coverageRisk").put("area", plain.areaUnderRisk());
        ArrayNode curve = coverage.putArray("curve");
        plain.coverageRisk(POINTS).forEach(point -> curve.addObject()
                .put("coverage", point.coverage())
                .put("risk", point.risk())
                .put("confidence", point.confidence()));
    }

    private static void scaled(ObjectNode scaled, TemperatureFit.Source logits, long n) throws IOException {
        double[] halves = TemperatureFit.halves(logits);
        Sure after = new Sure();
        double[] lossAfter = {0};
        logits.forEach((index, row, label) -> {
            double inverse = 1 / halves[(int) (1 - (index & 1))]; // judged by the other half's
            int best = Scores.argmax(row);
            after.add((float) Math.exp(-Scores.loss(row, best, inverse)), best == label);
            lossAfter[0] += Scores.loss(row, label, inverse);
        });
        scaled.put("ofEvenImages", halves[0])
                .put("ofOddImages", halves[1])
                .put("how", "each half scaled by the other half's temperature")
                .put("nll", lossAfter[0] / n);
        errors(scaled, after.calibration());
    }

    private static void errors(ObjectNode json, Calibration calibration) {
        json.put("ece", Calibration.error(calibration.bins(BINS)))
                .put("adaptiveEce", Calibration.error(calibration.adaptiveBins(BINS)))
                .put("bins", BINS);
    }

    /** By class; as many columns of probabilities are held at once as fit a bound. */
    private double[] averagePrecisions(TemperatureFit.Source logits) throws IOException {
        int n = sureOrCounted(logits);
        int columns = (int) Math.max(1, Math.min(classes, COLUMN_BYTES / (Float.BYTES * Math.max(1L, n))));
        double[] each = new double[classes];
        for (int from = 0; from < classes; from += columns) {
            int first = from;
            int count = Math.min(columns, classes - from);
            float[][] scores = new float[count][n];
            int[] labels = new int[n];
            int[] at = {0};
            logits.forEach((index, row, label) -> {
                float[] probabilities = Prediction.softmax(row);
                for (int c = 0; c < count; c++) {
                    scores[c][at[0]] = probabilities[first + c];
                }
                labels[at[0]++] = label;
            });
            for (int c = 0; c < count; c++) {
                int own = first + c;
                each[own] = AveragePrecision.ofClass(
                        scores[c],
                        Arrays.stream(labels).map(l -> l == own ? 1 : 0).toArray());
            }
        }
        return each;
    }

    private static int sureOrCounted(TemperatureFit.Source logits) throws IOException {
        List<Long> last = new ArrayList<>(List.of(0L));
        logits.forEach((index, row, label) -> last.set(0, last.get(0) + 1));
        return Math.toIntExact(last.get(0));
    }
}
