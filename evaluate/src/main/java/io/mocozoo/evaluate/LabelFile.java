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
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What is right for each image, by numbers of classes: lines of text whose last word is one ({@code path label}); a table
 * whose column {@code label}, else its last one, holds one, several with spaces between, or none; or a {@code .npy} of
 * integers [n].
 */
final class LabelFile {
    private static final Set<DType> NARROW = EnumSet.of(DType.INT32, DType.INT16, DType.INT8, DType.UINT8, DType.BOOL);

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
        return read(file, false);
    }

    /** Reads a file of any number of classes an image: each word of a line of text is one then, and a blank line has none. */
    static LabelFile readSets(Path file) throws IOException {
        return read(file, true);
    }

    private static LabelFile read(Path file, boolean sets) throws IOException {
        LabelFile labels = new LabelFile(file);
        String name = file.toString().toLowerCase(Locale.ROOT);
        if (name.endsWith(".npy")) {
            labels.readArray();
        } else if (name.endsWith(".csv")) {
            labels.readTable();
        } else {
            labels.readText(sets);
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
        int[] columns = {-1, -1}; // of paths and labels; none is the first, the last
        CsvFile.read(file, (line, fields) -> {
            int named = Arrays.asList(fields).indexOf("label");
            if (line == 1 && named >= 0) {
                columns[0] = Arrays.asList(fields).indexOf("path");
                columns[1] = named;
                return;
            }
            int label = columns[1] < 0 ? fields.length - 1 : columns[1];
            int path = columns[0] < 0 && label > 0 ? 0 : columns[0];
            if (label >= fields.length || path >= fields.length) {
                throw new RunException(file + ", line " + line + ": expected at least " + (Math.max(label, path) + 1)
                        + " fields, found " + fields.length);
            }
            lines.add(new Line(path < 0 ? "" : CsvFile.name(fields[path]), numbers(line, fields[label])));
        });
    }

    private void readText(boolean sets) throws IOException {
        long line = 0;
        for (String text : Files.readAllLines(file)) {
            line++;
            String stripped = text.strip();
            if (sets) {
                lines.add(new Line("", numbers(line, stripped)));
            } else if (!stripped.isEmpty()) {
                int space = stripped.lastIndexOf(' ');
                lines.add(new Line(
                        space < 0 ? "" : stripped.substring(0, space).strip(),
                        number(line, stripped.substring(space + 1))));
            }
        }
    }

    private int[] numbers(long line, String field) throws RunException {
        String stripped = field.strip();
        String[] words = stripped.isEmpty() ? new String[0] : stripped.split("\\s+");
        int[] numbers = new int[words.length];
        for (int i = 0; i < words.length; i++) {
            numbers[i] = number(line, words[i]);
        }
        return numbers;
    }

    /** Whole numbers of an array of integers or truth values. */
    static long[] numbers(Path file, Npy.Array array) throws RunException {
        DType type = array.dtype();
        if (type == DType.INT64) {
            return array.toLongs();
        }
        if (!NARROW.contains(type)) {
            throw new RunException(file + ": expected labels of an integer type, found " + type.torchName());
        }
        ByteBuffer data = array.data();
        long[] numbers = new long[array.elementCount()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = switch (type) {
                case INT32 -> data.getInt();
                case INT16 -> data.getShort();
                case INT8 -> data.get();
                case UINT8 -> Byte.toUnsignedInt(data.get());
                default -> data.get() == 0 ? 0 : 1;
            };
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
        for (Line line : lines) {
            int[] before = byPath.put(line.path, line.classes);
            if (before != null && !Arrays.equals(before, line.classes)) {
                throw new RunException(file + ": expected one label of " + line.path + ", found "
                        + Arrays.toString(before) + " and " + Arrays.toString(line.classes));
            }
        }
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
