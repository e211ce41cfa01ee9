package io.mocozoo.evaluate;

import io.mocozoo.checkpoint.Npy;
import io.mocozoo.evaluate.file.CsvFile;
import io.mocozoo.evaluate.file.RunException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Labelled features as an {@link Extraction} leaves them, in memory.
 *
 * @param values row by row
 * @param width numbers of a row
 * @param labels one a row
 * @param paths one a row
 * @param unreadable images without a row
 */
@SuppressWarnings("ArrayRecordComponent") // handed over whole, never compared
public record StoredFeatures(float[] values, int width, int[] labels, List<String> paths, int unreadable) {
    /** Checks that rows and labels fit together. */
    public StoredFeatures {
        if (width < 1 || values.length != (long) width * labels.length || paths.size() != labels.length) {
            throw new IllegalArgumentException(values.length + " numbers, rows of " + width + ", " + labels.length
                    + " labels, " + paths.size() + " paths");
        }
        paths = List.copyOf(paths);
    }

    /**
     * Reads the folder of a finished extraction.
     *
     * @throws RunException if it is none, or its images have no labels
     */
    public static StoredFeatures read(Path folder) throws IOException {
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
        Npy.Array features = Npy.read(file);
        if (features.shape().length != 2) {
            throw new RunException(
                    file + ": expected features of shape [n, width], found " + Arrays.toString(features.shape()));
        }
        int rows = features.shape()[0];
        int[] labels = new int[rows];
        List<String> paths = new ArrayList<>();
        int[] unreadable = {0};
        Path images = folder.resolve(Extraction.IMAGES);
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
            if (paths.size() >= rows || !row[2].equals(Integer.toString(paths.size())) || !row[1].matches("\\d{1,9}")) {
                throw new RunException(images + ", line " + line + ": expected a label and row " + paths.size() + " of "
                        + rows + ", found label '" + row[1] + "' and row '" + row[2] + "'");
            }
            labels[paths.size()] = Integer.parseInt(row[1]);
            paths.add(CsvFile.name(row[0]));
        });
        if (paths.size() != rows) {
            throw new RunException(images + ": expected " + rows + " images, found " + paths.size());
        }
        return new StoredFeatures(features.toFloats(), features.shape()[1], labels, paths, unreadable[0]);
    }
}
