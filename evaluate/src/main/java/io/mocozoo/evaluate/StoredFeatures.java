package io.mocozoo.evaluate;

import io.mocozoo.checkpoint.NpyRows;
import io.mocozoo.evaluate.file.CsvFile;
import io.mocozoo.evaluate.file.RunException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Features as an {@link Extraction} leaves them. Labels and names are in memory, the features are read from their
 * file, of whatever size, as they are wanted. Holds the file open until it is closed; safe for many threads.
 */
public final class StoredFeatures implements AutoCloseable {
    private static final int BLOCK_FLOATS = 1 << 22;
    private static final int UNLABELLED = -1;

    private final Rows rows;
    private final int[] labels;
    private final List<String> paths;
    private final int unreadable;

    /** Where features come from. */
    private interface Rows {
        int width();

        void read(int from, int count, float[] into, int at) throws IOException;

        void close() throws IOException;
    }

    private StoredFeatures(Rows rows, int[] labels, List<String> paths, int unreadable) {
        this.rows = rows;
        this.labels = labels;
        this.paths = paths;
        this.unreadable = unreadable;
    }

    /**
     * Features in memory.
     *
     * @param values row by row; not copied
     * @param width numbers of a row
     * @param labels one a row
     * @param paths one a row
     * @param unreadable images without a row
     * @throws IllegalArgumentException if they do not fit together
     */
    public static StoredFeatures of(float[] values, int width, int[] labels, List<String> paths, int unreadable) {
        if (width < 1 || values.length != (long) width * labels.length || paths.size() != labels.length) {
            throw new IllegalArgumentException(values.length + " numbers, rows of " + width + ", " + labels.length
                    + " labels, " + paths.size() + " paths");
        }
        Rows rows = new Rows() {
            @Override
            public int width() {
                return width;
            }

            @Override
            public void read(int from, int count, float[] into, int at) {
                System.arraycopy(values, from * width, into, at, count * width);
            }

            @Override
            public void close() {}
        };
        return new StoredFeatures(rows, labels.clone(), List.copyOf(paths), unreadable);
    }

    /**
     * Opens the folder of a finished extraction.
     *
     * @throws RunException if it is none
     */
    public static StoredFeatures open(Path folder) throws IOException {
        Path file = folder.resolve(Extraction.FEATURES + ".npy");
        Path parquet = folder.resolve(Extraction.FEATURES + ".parquet");
        if (!Files.isRegularFile(file) && Files.isRegularFile(parquet)) {
            throw new RunException(
                    parquet + ": expected features as .npy, which are read row by row here, found them as"
                            + " Parquet alone; the command that wrote them writes both, without running the model again, with"
                            + " --resume --format npy");
        }
        if (!Files.isRegularFile(file)) {
            throw new RunException(folder + ": expected stored features with " + file.getFileName()
                    + ", found none; write them with extract NAME --data ROOT --out " + folder);
        }
        NpyRows features = NpyRows.open(file);
        try {
            return of(features, folder.resolve(Extraction.IMAGES));
        } catch (IOException | RuntimeException e) {
            features.close();
            throw e;
        }
    }

    private static StoredFeatures of(NpyRows features, Path images) throws IOException {
        int count = features.count();
        int[] labels = new int[count];
        List<String> paths = new ArrayList<>();
        int[] unreadable = {0};
        CsvFile.read(images, (line, row) -> {
            if (line == 1) {
                return;
            }
            if (row.length != 3) {
                throw new RunException(
                        images + ", line " + line + ": expected path, label, row; found " + row.length + " fields");
            }
            if (row[2].isEmpty()) {
                unreadable[0]++;
                return;
            }
            if (paths.size() >= count
                    || !row[2].equals(Integer.toString(paths.size()))
                    || !row[1].matches("\\d{0,9}")) {
                throw new RunException(images + ", line " + line + ": expected a label and row " + paths.size() + " of "
                        + count + ", found label '" + row[1] + "' and row '" + row[2] + "'");
            }
            labels[paths.size()] = row[1].isEmpty() ? UNLABELLED : Integer.parseInt(row[1]);
            paths.add(CsvFile.name(row[0]));
        });
        if (paths.size() != count) {
            throw new RunException(images + ": expected " + count + " images, found " + paths.size());
        }
        Rows rows = new Rows() {
            @Override
            public int width() {
                return features.width();
            }

            @Override
            public void read(int from, int some, float[] into, int at) throws IOException {
                features.read(from, some, into, at);
            }

            @Override
            public void close() throws IOException {
                features.close();
            }
        };
        return new StoredFeatures(rows, labels, List.copyOf(paths), unreadable[0]);
    }

    /** How many rows there are. */
    public int count() {
        return labels.length;
    }

    /** Numbers of a row. */
    public int width() {
        return rows.width();
    }

    /** The label of a row, from 0; negative if its image has none. */
    public int label(int row) {
        return labels[row];
    }

    /** The name of a row's image. */
    public String path(int row) {
        return paths.get(row);
    }

    /** Images without a row. */
    public int unreadable() {
        return unreadable;
    }

    /**
     * Reads some rows.
     *
     * @param from the first
     * @param count how many
     * @param into gets them one after the other
     * @param at where in it they begin
     */
    public void read(int from, int count, float[] into, int at) throws IOException {
        rows.read(from, count, into, at);
    }

    /** Takes rows with their labels. */
    @FunctionalInterface
    public interface Receiver {
        /** Some rows, one after the other; both arrays are the receiver's to keep. */
        void accept(float[] values, int... labels) throws IOException;
    }

    /** Goes through all rows in their order, in blocks of some 16 MiB. */
    public void forEachBlock(Receiver receiver) throws IOException {
        int most = Math.max(1, BLOCK_FLOATS / width());
        for (int from = 0; from < count(); from += most) {
            int some = Math.min(most, count() - from);
            float[] values = new float[some * width()];
            read(from, some, values, 0);
            receiver.accept(values, Arrays.copyOfRange(labels, from, from + some));
        }
    }

    @Override
    public void close() throws IOException {
        rows.close();
    }
}
