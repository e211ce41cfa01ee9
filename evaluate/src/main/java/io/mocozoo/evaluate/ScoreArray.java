package io.mocozoo.evaluate;

import io.mocozoo.checkpoint.Npy;
import io.mocozoo.evaluate.file.RunException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/** Scores of images, a row each, from a {@code .npy} [n, columns] of floats. */
final class ScoreArray {
    private final Path file;
    private final float[] all;
    private final int rows;
    private final int columns;

    private ScoreArray(Path file, float[] all, int rows, int columns) {
        this.file = file;
        this.all = all;
        this.rows = rows;
        this.columns = columns;
    }

    /**
     * Reads a file.
     *
     * @throws RunException if it has another shape, or holds what is no number but in rows of NaN alone, which stand for
     *     images that could not be read
     */
    static ScoreArray read(Path file) throws IOException {
        Npy.Array array = Npy.read(file);
        int[] shape = array.shape();
        if (shape.length != 2 || shape[0] < 1 || shape[1] < 1) {
            throw new RunException(file + ": expected scores of shape [n, classes], found " + Arrays.toString(shape));
        }
        ScoreArray scores = new ScoreArray(file, array.toFloats(), shape[0], shape[1]);
        for (int i = 0; i < scores.rows; i++) {
            if (!isMissing(scores.row(i))) {
                refuseNonFinite(file, i, scores.row(i));
            }
        }
        return scores;
    }

    /** Refuses what is no number, naming file and row. */
    static void refuseNonFinite(Path file, int row, float... values) throws RunException {
        for (float value : values) {
            if (!Float.isFinite(value)) {
                throw new RunException(file + ", row " + row + ": expected finite numbers, found " + value);
            }
        }
    }

    /** Whether a row stands for an image that could not be read. */
    static boolean isMissing(float... values) {
        for (float value : values) {
            if (!Float.isNaN(value)) {
                return false;
            }
        }
        return true;
    }

    Path file() {
        return file;
    }

    int rows() {
        return rows;
    }

    int columns() {
        return columns;
    }

    float[] row(int i) {
        return Arrays.copyOfRange(all, i * columns, (i + 1) * columns);
    }

    float[] column(int c) {
        float[] column = new float[rows];
        for (int i = 0; i < rows; i++) {
            column[i] = all[i * columns + c];
        }
        return column;
    }
}
