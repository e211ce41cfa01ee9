package io.mocozoo.evaluate;

import io.mocozoo.evaluate.file.CsvFile;
import io.mocozoo.evaluate.file.RunException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;

/**
 * The lines of a predictions.csv, ours or another's: columns {@code path} and {@code pred_1} (or {@code pred}), and as far
 * as they are there {@code label}, {@code pred_2} ..., {@code score_1} ..., {@code loss}.
 */
final class PredictionTable {
    private static final float ROUNDING = 1e-5f;

    private final Path file;
    private final int path;
    private final int label;
    private final int loss;
    private final List<Integer> predicted = new ArrayList<>();
    private final List<Integer> scores = new ArrayList<>();

    private PredictionTable(Path file, String... heading) throws RunException {
        List<String> names = Arrays.asList(heading);
        this.file = file;
        this.path = names.indexOf("path");
        this.label = names.indexOf("label");
        this.loss = names.indexOf("loss");
        columns(names, "pred", predicted);
        columns(names, "score", scores);
        if (path < 0 || predicted.isEmpty() || (!scores.isEmpty() && scores.size() != predicted.size())) {
            throw new RunException(
                    file + ": expected columns path, label, pred_1 ..., and as many of score_1 ... or none," + " found "
                            + names);
        }
    }

    private static void columns(List<String> names, String stem, List<Integer> columns) {
        for (int k = 1; names.contains(stem + "_" + k); k++) {
            columns.add(names.indexOf(stem + "_" + k));
        }
        if (columns.isEmpty() && names.contains(stem)) {
            columns.add(names.indexOf(stem));
        }
    }

    /**
     * What is said of an image.
     *
     * @param path the image
     * @param labels what is right; empty if the table does not say
     * @param predicted the best classes, best first; empty if the image could not be read
     * @param scores of these classes; empty if the table has none
     * @param loss in nats; NaN if the table has none
     */
    @SuppressWarnings("ArrayRecordComponent") // a row that is read once
    record Row(String path, int[] labels, int[] predicted, float[] scores, double loss) {
        boolean isRight() {
            return predicted.length > 0
                    && (scores.length == 0 || scores[0] > 0)
                    && Arrays.stream(labels).anyMatch(l -> l == predicted[0]);
        }
    }

    /** Takes a row. */
    @FunctionalInterface
    interface Receiver {
        void accept(Row row) throws IOException;
    }

    /**
     * Goes through a table.
     *
     * @throws RunException if it is no such table; names line and field
     */
    static void read(Path file, Receiver receiver) throws IOException {
        List<PredictionTable> table = new ArrayList<>();
        CsvFile.read(file, (line, fields) -> {
            if (table.isEmpty()) {
                table.add(new PredictionTable(file, fields));
            } else {
                receiver.accept(table.get(0).row(line, fields));
            }
        });
        if (table.isEmpty()) {
            throw new RunException(file + ": expected a table of predictions, found an empty file");
        }
    }

    private Row row(long line, String... fields) throws RunException {
        List<Integer> classes = new ArrayList<>();
        List<Float> probabilities = new ArrayList<>();
        for (int k = 0; k < predicted.size(); k++) {
            String text = field(line, fields, predicted.get(k));
            if (text.isEmpty()) {
                break;
            }
            classes.add(number(line, text));
            if (!scores.isEmpty()) {
                probabilities.add((float) real(line, field(line, fields, scores.get(k))));
            }
        }
        refuseOtherThanProbabilities(line, classes, probabilities);
        String right = label < 0 ? "" : field(line, fields, label).strip();
        List<Integer> labels = new ArrayList<>();
        for (String one : right.isEmpty() ? new String[0] : right.split(" ")) {
            labels.add(number(line, one));
        }
        String nats = loss < 0 ? "" : field(line, fields, loss);
        float[] ofClasses = new float[probabilities.size()];
        for (int i = 0; i < ofClasses.length; i++) {
            ofClasses[i] = probabilities.get(i);
        }
        return new Row(
                CsvFile.name(field(line, fields, path)),
                labels.stream().mapToInt(i -> i).toArray(),
                classes.stream().mapToInt(i -> i).toArray(),
                ofClasses,
                nats.isEmpty() ? Double.NaN : real(line, nats));
    }

    private void refuseOtherThanProbabilities(long line, List<Integer> classes, List<Float> probabilities)
            throws RunException {
        if (new HashSet<>(classes).size() < classes.size()) {
            throw new RunException(file + ", line " + line + ": expected each class once, found " + classes);
        }
        float before = 1 + ROUNDING;
        for (float probability : probabilities) {
            if (!(probability >= 0 && probability <= before)) {
                throw new RunException(file + ", line " + line
                        + ": expected probabilities of at most 1, the highest first, found " + probabilities
                        + "; give logits, or all scores, as a .npy");
            }
            before = probability;
        }
    }

    private String field(long line, String[] fields, int column) throws RunException {
        if (column >= fields.length) {
            throw new RunException(file + ", line " + line + ": expected at least " + (column + 1) + " fields, found "
                    + fields.length);
        }
        return fields[column];
    }

    private int number(long line, String text) throws RunException {
        try {
            int number = Integer.parseInt(text.strip());
            if (number >= 0 && number < 1_000_000) {
                return number;
            }
        } catch (NumberFormatException e) {
            // said below, as for one out of range
        }
        throw new RunException(file + ", line " + line + ": expected the number of a class, found '" + text + "'");
    }

    private double real(long line, String text) throws RunException {
        try {
            double value = Double.parseDouble(text.strip());
            if (Double.isFinite(value)) {
                return value;
            }
        } catch (NumberFormatException e) {
            // said below, as for one that is not finite
        }
        throw new RunException(file + ", line " + line + ": expected a finite number, found '" + text + "'");
    }
}
