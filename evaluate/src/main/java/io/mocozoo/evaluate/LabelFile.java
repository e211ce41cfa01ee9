package io.mocozoo.evaluate;

import io.mocozoo.checkpoint.DType;
import io.mocozoo.checkpoint.Npy;
import io.mocozoo.evaluate.file.CsvFile;
import io.mocozoo.evaluate.file.RunException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What is right for each image, by numbers of classes: lines of text whose last word is one ({@code path label}), a table
 * ({@code path,label} or {@code label}) whose last column holds one or several with spaces between, or a {@code .npy} of
 * integers [n].
 */
final class LabelFile {
    private final Path file;
    private final List<Line> lines = new ArrayList<>();

    private LabelFile(Path file) {
        this.file = file;
    }

    /** Right classes, and perhaps of which image. */
    @SuppressWarnings("ArrayRecordComponent") // read once
    private record Line(String path, int... classes) {}

    /**
     * Reads a file.
     *
     * @throws RunException if a line is none of these; names it
     */
    static LabelFile read(Path file) throws IOException {
        LabelFile labels = new LabelFile(file);
        String name = file.toString().toLowerCase(Locale.ROOT);
        if (name.endsWith(".npy")) {
            labels.readArray();
        } else if (name.endsWith(".csv")) {
            labels.readTable();
        } else {
            labels.readText();
        }
        return labels;
    }

    private void readArray() throws IOException {
        Npy.Array array = Npy.read(file);
        if (array.shape().length != 1) {
            throw new RunException(file + ": expected labels of shape [n], found " + Arrays.toString(array.shape()));
        }
        for (long label : numbers(file, array)) {
            lines.add(new Line("", number(lines.size() + 1, Long.toString(label))));
        }
    }

    private void readTable() throws IOException {
        CsvFile.read(file, (line, fields) -> {
            String last = fields[fields.length - 1].strip();
            if (line == 1 && last.equals("label")) {
                return;
            }
            String[] words = last.split(" +");
            int[] classes = new int[words.length];
            for (int i = 0; i < words.length; i++) {
                classes[i] = number(line, words[i]);
            }
            lines.add(new Line(fields.length > 1 ? CsvFile.name(fields[0]) : "", classes));
        });
    }

    private void readText() throws IOException {
        long line = 0;
        for (String text : Files.readAllLines(file)) {
            line++;
            String stripped = text.strip();
            if (!stripped.isEmpty()) {
                int space = stripped.lastIndexOf(' ');
                lines.add(new Line(
                        space < 0 ? "" : stripped.substring(0, space).strip(),
                        number(line, stripped.substring(space + 1))));
            }
        }
    }

    /** Whole numbers of an array of int64 or int32. */
    static long[] numbers(Path file, Npy.Array array) throws RunException {
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

    private int number(long line, String text) throws RunException {
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

    private boolean hasPaths() {
        return lines.stream().anyMatch(line -> !line.path.isEmpty());
    }

    /**
     * Right classes row by row, whatever the lines say of paths.
     *
     * @param n rows of the predictions
     * @param predictions names them in errors
     */
    int[][] inOrder(int n, Path predictions) throws RunException {
        if (lines.size() != n) {
            throw new RunException(
                    file + ": expected " + n + " labels, one a row of " + predictions + ", found " + lines.size());
        }
        return lines.stream().map(Line::classes).toArray(int[][]::new);
    }

    /** Right classes of images in their order: by path, of which this file may know the end alone, or line by line. */
    int[][] of(List<String> paths, Path predictions) throws RunException {
        if (!hasPaths()) {
            return inOrder(paths.size(), predictions);
        }
        Map<String, int[]> byPath = new HashMap<>();
        lines.forEach(line -> byPath.put(line.path, line.classes));
        int[][] right = new int[paths.size()][];
        for (int i = 0; i < right.length; i++) {
            String path = paths.get(i);
            int[] classes = byPath.get(path);
            for (int at = path.indexOf('/'); classes == null && at >= 0; at = path.indexOf('/', at + 1)) {
                classes = byPath.get(path.substring(at + 1));
            }
            if (classes == null) {
                throw new RunException(file + " says nothing of " + path + ", which " + predictions + " predicts");
            }
            right[i] = classes;
        }
        return right;
    }
}
