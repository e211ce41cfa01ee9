package io.mocozoo.evaluate;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mocozoo.checkpoint.ResultPickle;
import io.mocozoo.evaluate.file.JsonFiles;
import io.mocozoo.evaluate.file.RunException;
import io.mocozoo.evaluate.metric.Scores;
import io.mocozoo.evaluate.metric.Threshold;
import io.mocozoo.runtime.Prediction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;

/** The figures of predictions that somebody made before: a table of the best classes, an array of scores, a pickle. */
public final class OfflineMetrics {
    private final Figures figures;
    private final ObjectNode json;
    private final int classes;

    private OfflineMetrics(Figures figures, ObjectNode json, int classes) {
        this.figures = figures;
        this.json = json;
        this.classes = classes;
    }

    /**
     * Figures of a file, as metrics.json has them.
     *
     * @param file a {@code .csv} with columns path, label, pred_1, ..., score_1, ...; or a {@code .npy} [n, classes] of
     *     logits or probabilities; or mmpretrain's results, a {@code .pkl}
     * @param labels numbers of classes: lines of text whose last word they are ({@code path label}), a table
     *     ({@code path,label}) with several of them between spaces, or a {@code .npy} [n]; joined by path where the file
     *     has paths, else by order; needed for scores, and used instead of a table's or results' own
     * @param wanted which figures; of the usual ones those that the file cannot tell are left out
     * @param unreadable what becomes of a table's lines without a prediction, and of rows of scores that are all NaN
     * @throws RunException if files do not fit together, or cannot tell what is asked for
     */
    public static OfflineMetrics of(Path file, Optional<Path> labels, Wanted wanted, Unreadable unreadable)
            throws IOException {
        String name = file.toString().toLowerCase(Locale.ROOT);
        if (name.endsWith(".pkl") || name.endsWith(".pickle")) {
            return ofResults(file, labels, wanted);
        }
        if (name.endsWith(".npy")) {
            Path labelFile = labels.orElseThrow(
                    () -> new RunException(file + " holds scores alone; name their labels (--labels)"));
            ScoreArray scores = ScoreArray.read(file);
            int[][] right = LabelFile.read(labelFile).inOrder(scores.rows(), file);
            return ofRows(scores::row, scores.columns(), labelFile, right, wanted, unreadable);
        }
        return ofTable(file, labels, wanted, unreadable);
    }

    /** What metrics.json holds of a run, but for what only the run knows: model, names of classes, published figures. */
    public ObjectNode json() {
        return json.deepCopy();
    }

    /** Writes metrics.json, per_class.csv and, where it is wanted, confusion.csv into a folder. */
    public void write(Path out) throws IOException {
        Files.createDirectories(out);
        ClassFiles.write(out, figures, IntStream.range(0, classes).toArray(), names(classes));
        JsonFiles.write(out.resolve("metrics.json"), json);
    }

    private static List<String> names(int classes) {
        return IntStream.range(0, classes).mapToObj(Integer::toString).toList();
    }

    /** Scores of one image after the other, [classes] each. */
    private interface Rows {
        float[] row(int i) throws IOException;
    }

    private static OfflineMetrics ofResults(Path file, Optional<Path> labelFile, Wanted wanted) throws IOException {
        try (ResultPickle results = ResultPickle.open(file)) {
            List<ResultPickle.Sample> samples = results.samples();
            if (samples.isEmpty()) {
                throw new RunException(file + ": expected results, found an empty list");
            }
            int classes = (int) samples.get(0).scores().elementCount();
            for (int i = 0; i < samples.size(); i++) {
                if (samples.get(i).scores().elementCount() != classes) {
                    throw new RunException(file + ", image " + i + ": expected scores of " + classes
                            + " classes as before, found "
                            + samples.get(i).scores().elementCount());
                }
            }
            int[][] right = labelFile.isPresent()
                    ? LabelFile.read(labelFile.get())
                            .of(samples.stream().map(ResultPickle.Sample::path).toList(), file)
                    : own(file, samples);
            for (int i = 0; i < samples.size(); i++) {
                ScoreArray.refuseNonFinite(file, i, samples.get(i).scores().toFloats());
            }
            return ofRows(
                    i -> samples.get(i).scores().toFloats(),
                    classes,
                    labelFile.orElse(file),
                    right,
                    wanted,
                    Unreadable.WRONG);
        }
    }

    private static int[][] own(Path file, Collection<ResultPickle.Sample> samples) throws RunException {
        if (samples.stream().anyMatch(sample -> sample.label().isEmpty())) {
            throw new RunException(file + " does not label every image; name a file of labels (--labels)");
        }
        return samples.stream()
                .map(sample -> new int[] {sample.label().orElseThrow()})
                .toArray(int[][]::new);
    }

    private static OfflineMetrics ofRows(
            Rows rows, int classes, Path labelFile, int[][] right, Wanted wanted, Unreadable unreadable)
            throws IOException {
        boolean probabilities = areProbabilities(rows, right.length);
        Figures figures = new Figures(classes, wanted, unreadable);
        for (int i = 0; i < right.length; i++) {
            for (int label : right[i]) {
                if (label >= classes) {
                    throw new RunException(
                            labelFile + ", label " + (i + 1) + ": expected 0 to " + (classes - 1) + ", found " + label);
                }
            }
            float[] row = rows.row(i);
            if (ScoreArray.isMissing(row)) {
                figures.addUnreadable(right[i]);
                continue;
            }
            float[] logits = logits(row, probabilities);
            int label = Figures.label(logits, right[i]);
            double loss = 0;
            if (label >= 0) {
                loss = probabilities
                        ? -Math.log(Math.max(row[label], Float.MIN_VALUE)) // as a run with augmentation has it
                        : Scores.loss(logits, label, 1);
            }
            figures.add(probabilities ? row : Prediction.softmax(row), loss, right[i]);
        }
        ObjectNode json = figures.json(names(classes), receiver -> {
            long counted = 0;
            for (int i = 0; i < right.length; i++) {
                float[] logits = logits(rows.row(i), probabilities);
                int label = Figures.label(logits, right[i]);
                if (label >= 0 && !ScoreArray.isMissing(logits)) {
                    receiver.accept(counted++, logits, label);
                }
            }
        });
        return new OfflineMetrics(figures, json.put("scores", probabilities ? "probabilities" : "logits"), classes);
    }

    /** Nothing below 0, and each row that is there adds up to 1 as nearly as single precision has it. */
    private static boolean areProbabilities(Rows rows, int n) throws IOException {
        boolean probabilities = true;
        for (int i = 0; i < n; i++) {
            float[] row = rows.row(i);
            if (ScoreArray.isMissing(row)) {
                continue;
            }
            double sum = 0;
            for (float value : row) {
                probabilities &= value >= 0;
                sum += value;
            }
            probabilities &= Math.abs(sum - 1) <= 1e-3;
        }
        return probabilities;
    }

    private static float[] logits(float[] row, boolean probabilities) {
        if (!probabilities) {
            return row;
        }
        float[] logits = new float[row.length];
        for (int i = 0; i < row.length; i++) {
            logits[i] = (float) Math.log(Math.max(row[i], Float.MIN_VALUE)); // NaN stays NaN
        }
        return logits;
    }

    private static OfflineMetrics ofTable(Path file, Optional<Path> labelFile, Wanted wanted, Unreadable unreadable)
            throws IOException {
        List<PredictionTable.Row> rows = new ArrayList<>();
        PredictionTable.read(file, rows::add);
        if (rows.isEmpty()) {
            throw new RunException(file + ": expected predictions, found a heading alone");
        }
        int[][] right = labelFile.isPresent()
                ? LabelFile.read(labelFile.get())
                        .of(rows.stream().map(PredictionTable.Row::path).toList(), file)
                : own(file, rows);
        int classes = 1;
        int known = Integer.MAX_VALUE;
        boolean scored = true;
        for (int i = 0; i < rows.size(); i++) {
            int[] predicted = rows.get(i).predicted();
            classes = Math.max(classes, 1 + Arrays.stream(right[i]).max().orElse(0));
            classes = Math.max(classes, 1 + Arrays.stream(predicted).max().orElse(0));
            known = predicted.length == 0 ? known : Math.min(known, predicted.length);
            scored &= predicted.length == rows.get(i).scores().length;
        }
        Figures figures = new Figures(
                classes, possible(file, wanted, scored), unreadable, OptionalInt.of(Math.min(known, classes)));
        for (int i = 0; i < rows.size(); i++) {
            PredictionTable.Row row = rows.get(i);
            if (row.predicted().length == 0) {
                figures.addUnreadable(right[i]);
                continue;
            }
            float[] dense = new float[classes];
            for (int k = 0; k < row.predicted().length; k++) {
                dense[row.predicted()[k]] = scored ? row.scores()[k] : 1f / (k + 1); // in their order
            }
            figures.add(dense, row.loss(), right[i]);
        }
        return new OfflineMetrics(figures, figures.json(names(classes), receiver -> {}), classes);
    }

    /** What the best classes tell, or the refusal of what was asked for by its name and needs more. */
    private static Wanted possible(Path file, Wanted wanted, boolean scored) throws RunException {
        Set<Figure> impossible = EnumSet.of(Figure.AVERAGE_PRECISION);
        if (!scored) {
            impossible.add(Figure.CALIBRATION);
        }
        for (Figure figure : impossible) {
            if (wanted.includes(figure) && !wanted.figures().equals(Figure.USUAL)) {
                throw new RunException(file + " holds the best classes" + (scored ? " and their scores" : "")
                        + ", from which " + figure.word() + " cannot be told; give all scores as a .npy");
            }
        }
        if (!scored && !wanted.thresholds().equals(Threshold.DEFAULT)) {
            throw new RunException(file + " has no scores, which thresholds could be held against");
        }
        return wanted.without(impossible);
    }

    private static int[][] own(Path file, List<PredictionTable.Row> rows) throws RunException {
        if (rows.stream().allMatch(row -> row.labels().length == 0)) {
            throw new RunException(file + " has no labels; name a file of them (--labels)");
        }
        return rows.stream().map(PredictionTable.Row::labels).toArray(int[][]::new);
    }
}
