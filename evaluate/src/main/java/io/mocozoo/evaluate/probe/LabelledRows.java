package io.mocozoo.evaluate.probe;

import java.io.UncheckedIOException;
import java.util.stream.IntStream;

/** Rows of features with their labels, read as they are wanted. Safe for many threads. */
interface LabelledRows {
    int count();

    int width();

    int label(int row);

    /**
     * Reads some rows.
     *
     * @param from the first
     * @param rows how many
     * @param into gets them one after the other
     * @param at where in it they begin
     * @throws UncheckedIOException if they cannot be read
     */
    void read(int from, int rows, float[] into, int at);

    /** Rows that a buffer of some 4 MiB takes at once. */
    default int some() {
        return Math.max(1, (1 << 20) / width());
    }

    /** The same rows in memory. */
    static LabelledRows held(LabelledRows rows) {
        int some = rows.some();
        float[][] blocks = IntStream.range(0, (rows.count() + some - 1) / some)
                .mapToObj(block -> {
                    int size = Math.min(some, rows.count() - block * some);
                    float[] values = new float[size * rows.width()];
                    rows.read(block * some, size, values, 0);
                    return values;
                })
                .toArray(float[][]::new);
        return new LabelledRows() {
            @Override
            public int count() {
                return rows.count();
            }

            @Override
            public int width() {
                return rows.width();
            }

            @Override
            public int label(int row) {
                return rows.label(row);
            }

            @Override
            public void read(int from, int count, float[] into, int at) {
                for (int done = 0; done < count; ) {
                    int row = from + done;
                    int size = Math.min(count - done, some - row % some);
                    System.arraycopy(
                            blocks[row / some], row % some * width(), into, at + done * width(), size * width());
                    done += size;
                }
            }
        };
    }
}
