package io.mocozoo.neighbours;

/**
 * Some features of the bank, turned so that a query meets all of them a dimension at a time. Filling is for one thread,
 * multiplying for many.
 *
 * <p>Each dimension is an array of its own: a loop over two parts of one array, at offsets that are not constants, is not
 * turned into vector instructions by the JVM, and is eight times as slow. Four dimensions go into one pass, so that sums are
 * loaded and stored once for four products; they are added in their order all the same.
 */
final class Tile {
    private static final int FLOATS = 1 << 20;
    private static final int MOST_ROWS =
            512; // with the sums of a query, 2 KiB each, four dimensions fit the first cache
    private static final int LEAST_ROWS = 8;
    private static final int DIMENSIONS =
            64; // of these 128 KiB stay in the second cache while a group of queries passes
    private static final int TURNED = 16; // a line of the cache

    private final int width;
    private final float[][] columns; // [width, rows]
    private int size;

    /** An empty tile of features of some width. */
    Tile(int width) {
        this.width = width;
        this.columns = new float[width][Math.max(LEAST_ROWS, Math.min(MOST_ROWS, FLOATS / width))];
    }

    /** How many features fit. */
    int capacity() {
        return columns[0].length;
    }

    /** Replaces what is in it by some rows of a bank. */
    void fill(float[] bank, int from, int count) {
        size = count;
        for (int first = 0; first < width; first += TURNED) {
            int last = Math.min(width, first + TURNED);
            for (int j = 0; j < count; j++) {
                int row = (from + j) * width;
                for (int d = first; d < last; d++) {
                    columns[d][j] = bank[row + d];
                }
            }
        }
    }

    /**
     * Adds the products of some queries with every feature, each sum in the order of the dimensions.
     *
     * @param queries row by row
     * @param first of them
     * @param sums one array a query, one number a feature; as many queries as arrays
     */
    void multiply(float[] queries, int first, float[][] sums) {
        for (int from = 0; from < width; from += DIMENSIONS) {
            int to = Math.min(width, from + DIMENSIONS);
            for (int i = 0; i < sums.length; i++) {
                multiply(queries, (first + i) * width, from, to, sums[i]);
            }
        }
    }

    private void multiply(float[] queries, int query, int from, int to, float[] sums) {
        int d = from;
        for (; d + 3 < to; d += 4) {
            int at = query + d;
            four(queries[at], queries[at + 1], queries[at + 2], queries[at + 3], d, sums);
        }
        for (; d < to; d++) {
            one(queries[query + d], columns[d], sums);
        }
    }

    private void four(float a, float b, float c, float e, int d, float[] sums) {
        float[] first = columns[d];
        float[] second = columns[d + 1];
        float[] third = columns[d + 2];
        float[] fourth = columns[d + 3];
        for (int j = 0; j < size; j++) {
            sums[j] = (((sums[j] + a * first[j]) + b * second[j]) + c * third[j]) + e * fourth[j];
        }
    }

    private void one(float factor, float[] column, float[] sums) {
        for (int j = 0; j < size; j++) {
            sums[j] += factor * column[j];
        }
    }
}
