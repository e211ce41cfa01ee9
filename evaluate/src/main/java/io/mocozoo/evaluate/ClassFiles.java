package io.mocozoo.evaluate;

import io.mocozoo.evaluate.file.CsvFile;
import io.mocozoo.evaluate.metric.ConfusionMatrix;
import io.mocozoo.evaluate.metric.Interval;
import io.mocozoo.evaluate.metric.PrecisionRecall;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The tables of figures by class: per_class.csv, and confusion.csv where it is wanted. */
final class ClassFiles {
    private ClassFiles() {}

    /**
     * Writes them.
     *
     * @param numbers of the classes in the model
     * @param names of the classes
     */
    static void write(Path out, Figures figures, int[] numbers, List<String> names) throws IOException {
        perClass(out, figures, numbers, names);
        if (figures.hasConfusion()) {
            confusion(out, figures, numbers);
        }
    }

    private static void perClass(Path out, Figures figures, int[] numbers, List<String> names) throws IOException {
        PrecisionRecall each = figures.classwise();
        try (CsvFile csv = CsvFile.create(
                out.resolve("per_class.csv"),
                "class",
                "name",
                "images",
                "unreadable",
                "predicted",
                "correct",
                "precision",
                "recall",
                "f1-score",
                "recall_low",
                "recall_high")) {
            for (int c = 0; c < numbers.length; c++) {
                long[] counts = figures.ofClass(c);
                Interval interval = Interval.wilson(counts[3], counts[0]).percent();
                csv.row(
                        Integer.toString(numbers[c]),
                        CsvFile.text(names.get(c)),
                        Long.toString(counts[0]),
                        Long.toString(counts[1]),
                        Long.toString(counts[2]),
                        Long.toString(counts[3]),
                        Float.toString(each.precision()[c]),
                        Float.toString(each.recall()[c]),
                        Float.toString(each.f1()[c]),
                        Double.toString(interval.low()),
                        Double.toString(interval.high()));
            }
            csv.finish();
        }
    }

    /** The cells that are not zero, row by row. */
    private static void confusion(Path out, Figures figures, int... numbers) throws IOException {
        Path file = out.resolve("confusion.csv");
        ConfusionMatrix matrix = figures.confusion();
        try (CsvFile csv = CsvFile.create(file, "label", "predicted", "images")) {
            for (int label = 0; label < numbers.length; label++) {
                for (int predicted = 0; predicted < numbers.length; predicted++) {
                    int count = matrix.count(label, predicted);
                    if (count > 0) {
                        csv.row(
                                Integer.toString(numbers[label]),
                                Integer.toString(numbers[predicted]),
                                Integer.toString(count));
                    }
                }
            }
            csv.finish();
        }
    }
}
