package io.mocozoo.evaluate;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mocozoo.checkpoint.DType;
import io.mocozoo.checkpoint.Npy;
import io.mocozoo.checkpoint.ResultPickle;
import io.mocozoo.evaluate.file.CsvFile;
import io.mocozoo.evaluate.file.RunException;
import io.mocozoo.evaluate.metric.Scores;
import io.mocozoo.runtime.Prediction;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** The figures of predictions that somebody made before: a table of the best classes, an array of scores, a pickle. */
public final class OfflineMetrics {
    private OfflineMetrics() {}

    /**
     * Figures of a file, as metrics.json has them.
     *
     * @param file a {@code .csv} with columns path, label, pred_1, ..., score_1, ...; or a {@code .npy} [n, classes] of
     *     logits or probabilities; or mmpretrain's results, a {@code .pkl}
     * @param labels numbers of classes: lines of text whose last word they are ({@code path label} or {@code path,label}),
     *     or a {@code .npy} [n]; a table is joined by path, or by order if the lines have no path; needed for scores, and
     *     used instead of a table's or results' own
     * @param metrics which figures; those that the file cannot tell are left out
     * @param unreadable what becomes of a table's lines without a prediction
     * @throws RunException if files do not fit together
     */
    public static ObjectNode of(Path file, Optional<Path> labels, Set<Figure> metrics, Unreadable unreadable)
            throws IOException {
        Set<Figure> wanted = metrics.isEmpty() ? Figure.USUAL : metrics;
        String name = file.toString().toLowerCase(Locale.ROOT);
        if (name.endsWith(".pkl") || name.endsWith(".pickle")) {
            return ofResults(file, labels, wanted);
        }
        if (name.endsWith(".npy")) {
            return ofScores(
                    file,
                    labels.orElseThrow(
                            () -> new RunException(file + " holds scores alone; name their labels (--labels)")),
                    wanted);
        }
        return ofTable(file, labels, wanted, unreadable);
    }

    private static List<String> names(int classes) {
        return IntStream.range(0, classes).mapToObj(Integer::toString).toList();
    }

    /** Scores of one image after the other, [classes] each. */
    private interface Rows {
        float[] row(int i) throws IOException;
    }

    private static ObjectNode ofScores(Path file, Path labelFile, Set<Figure> wanted) throws IOException {
        Npy.Array scores = Npy.read(file);
        if (scores.shape().length != 2 || scores.shape()[1] < 1) {
            throw new RunException(
                    file + ": expected scores of shape [n, classes], found " + Arrays.toString(scores.shape()));
        }
        int n = scores.shape()[0];
        int classes = scores.shape()[1];
        int[] labels = labels(labelFile).stream().mapToInt(Label::number).toArray();
        if (labels.length != n) {
            throw new RunException(
                    labelFile + ": expected " + n + " labels, one a row of " + file + ", found " + labels.length);
        }
        float[] all = scores.toFloats();
        return ofRows(
                file, i -> Arrays.copyOfRange(all, i * classes, (i + 1) * classes), classes, labelFile, labels, wanted);
    }

    private static ObjectNode ofResults(Path file, Optional<Path> labelFile, Set<Figure> wanted) throws IOException {
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
            int[] labels = labelFile.isPresent() ? joined(file, samples, labelFile.get()) : own(file, samples);
            return ofRows(
                    file, i -> samples.get(i).scores().toFloats(), classes, labelFile.orElse(file), labels, wanted);
        }
    }

    private static int[] own(Path file, Collection<ResultPickle.Sample> samples) throws RunException {
        if (samples.stream().anyMatch(sample -> sample.label().isEmpty())) {
            throw new RunException(file + " does not label every image; name a file of labels (--labels)");
        }
        return samples.stream().mapToInt(sample -> sample.label().orElseThrow()).toArray();
    }

    private static int[] joined(Path file, List<ResultPickle.Sample> samples, Path labelFile) throws IOException {
        List<String> paths = samples.stream().map(ResultPickle.Sample::path).toList();
        return Arrays.stream(joinedByPath(file, paths, labelFile))
                .mapToInt(right -> right[0])
                .toArray();
    }

    private static ObjectNode ofRows(
            Path file, Rows rows, int classes, Path labelFile, int[] labels, Set<Figure> wanted) throws IOException {
        boolean probabilities = areProbabilities(file, rows, labels.length);
        Figures figures = new Figures(classes, wanted, Unreadable.WRONG);
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] >= classes) {
                throw new RunException(
                        labelFile + ", label " + (i + 1) + ": expected 0 to " + (classes - 1) + ", found " + labels[i]);
            }
            float[] row = rows.row(i);
            float[] logits = logits(row, probabilities);
            figures.add(probabilities ? row : Prediction.softmax(row), Scores.loss(logits, labels[i], 1), new int[] {
                labels[i]
            });
        }
        ObjectNode json = figures.json(names(classes), receiver -> {
            for (int i = 0; i < labels.length; i++) {
                receiver.accept(i, logits(rows.row(i), probabilities), labels[i]);
            }
        });
        return json.put("scores", probabilities ? "probabilities" : "logits");
    }

    /** Nothing below 0, and each row adds up to 1 as nearly as single precision has it; refuses what is no number. */
    private static boolean areProbabilities(Path file, Rows rows, int n) throws IOException {
        boolean probabilities = true;
        for (int i = 0; i < n; i++) {
            double sum = 0;
            for (float value : rows.row(i)) {
                if (!Float.isFinite(value)) {
                    throw new RunException(file + ", row " + i + ": expected finite numbers, found " + value);
                }
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
            logits[i] = (float) Math.log(Math.max(row[i], Float.MIN_VALUE));
        }
        return logits;
    }

    private static ObjectNode ofTable(Path file, Optional<Path> labelFile, Set<Figure> wanted, Unreadable unreadable)
            throws IOException {
        List<PredictionTable.Row> rows = new ArrayList<>();
        PredictionTable.read(file, rows::add);
        if (rows.isEmpty()) {
            throw new RunException(file + ": expected predictions, found a heading alone");
        }
        int[][] right = labelFile.isPresent()
                ? joinedByPath(
                        file, rows.stream().map(PredictionTable.Row::path).toList(), labelFile.get())
                : own(file, rows);
        int classes = 1;
        boolean scored = true;
        for (int i = 0; i < rows.size(); i++) {
            classes = Math.max(classes, 1 + Arrays.stream(right[i]).max().orElse(0));
            classes = Math.max(
                    classes, 1 + Arrays.stream(rows.get(i).predicted()).max().orElse(0));
            scored &= rows.get(i).predicted().length == rows.get(i).scores().length;
        }
        Set<Figure> possible = new TreeSet<>(wanted);
        possible.remove(Figure.AVERAGE_PRECISION);
        if (!scored) {
            possible.remove(Figure.CALIBRATION);
        }
        Figures figures = new Figures(classes, possible, unreadable, false);
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
        return figures.json(names(classes), receiver -> {});
    }

    private static int[][] own(Path file, List<PredictionTable.Row> rows) throws RunException {
        if (rows.stream().allMatch(row -> row.labels().length == 0)) {
            throw new RunException(file + " has no labels; name a file of them (--labels)");
        }
        return rows.stream().map(PredictionTable.Row::labels).toArray(int[][]::new);
    }

    /** The labels of images in their order: by path, of which a file may know the end alone, or line by line. */
    private static int[][] joinedByPath(Path file, List<String> paths, Path labelFile) throws IOException {
        List<Label> labels = labels(labelFile);
        int[][] right = new int[paths.size()][];
        if (labels.stream().allMatch(label -> label.path.isEmpty())) {
            if (labels.size() != right.length) {
                throw new RunException(labelFile + ": expected " + right.length + " labels, one a prediction of " + file
                        + ", found " + labels.size());
            }
            for (int i = 0; i < right.length; i++) {
                right[i] = new int[] {labels.get(i).number};
            }
            return right;
        }
        Map<String, Integer> byPath = new HashMap<>();
        labels.forEach(label -> byPath.put(label.path, label.number));
        for (int i = 0; i < right.length; i++) {
            Integer label = byPath.get(paths.get(i));
            for (int at = paths.get(i).indexOf('/');
                    label == null && at >= 0;
                    at = paths.get(i).indexOf('/', at + 1)) {
                label = byPath.get(paths.get(i).substring(at + 1));
            }
            if (label == null) {
                throw new RunException(
                        labelFile + " says nothing of " + paths.get(i) + ", which " + file + " predicts");
            }
            right[i] = new int[] {label};
        }
        return right;
    }

    /** A label, and perhaps of which image. */
    private record Label(String path, int number) {}

    private static List<Label> labels(Path file) throws IOException {
        String name = file.toString().toLowerCase(Locale.ROOT);
        List<Label> labels = new ArrayList<>();
        if (name.endsWith(".npy")) {
            for (long label : numbers(file)) {
                labels.add(new Label("", number(file, labels.size() + 1, Long.toString(label))));
            }
            return labels;
        }
        if (name.endsWith(".csv")) {
            CsvFile.read(file, (line, fields) -> {
                String last = fields[fields.length - 1].strip();
                if (!(line == 1 && last.equals("label"))) {
                    labels.add(new Label(fields.length > 1 ? CsvFile.name(fields[0]) : "", number(file, line, last)));
                }
            });
            return labels;
        }
        long line = 0;
        for (String text : Files.readAllLines(file)) {
            line++;
            String stripped = text.strip();
            if (!stripped.isEmpty()) {
                int space = stripped.lastIndexOf(' ');
                labels.add(new Label(
                        space < 0 ? "" : stripped.substring(0, space).strip(),
                        number(file, line, stripped.substring(space + 1))));
            }
        }
        return labels;
    }

    private static long[] numbers(Path file) throws IOException {
        Npy.Array array = Npy.read(file);
        if (array.dtype() == DType.INT64) {
            return array.toLongs();
        }
        if (array.dtype() != DType.INT32) {
            throw new RunException(file + ": expected labels of type int64 or int32, found "
                    + array.dtype().torchName());
        }
        ByteBuffer data = array.data();
        long[] numbers = new long[array.elementCount()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = data.getInt();
        }
        return numbers;
    }

    private static int number(Path file, long line, String text) throws RunException {
        try {
            int number = Integer.parseInt(text);
            if (number >= 0) {
                return number;
            }
        } catch (NumberFormatException e) {
            // said below, as for one below 0
        }
        throw new RunException(file + ", line " + line + ": expected the number of a class, found '" + text + "'");
    }
}
