package io.mocozoo.network;

/**
 * The fixed two-dimensional position embedding of MoCo v3. With q = d / 4 frequencies w_j = 10000^(-j/q), the patch
 * in row r and column c has the four blocks sin(r w), cos(r w), sin(c w), cos(c w); the class token's row is zero.
 *
 * @see <a href="https://arxiv.org/abs/2104.02057">Chen et al. 2021, section 5.1</a>
 */
public final class SinCosPositions {
    private static final double TEMPERATURE = 10000;

    private SinCosPositions() {}

    /**
     * The table, [1 + grid * grid, d], row-major. Frequencies and angles are rounded to single precision where the
     * reference rounds them; sines and cosines are within one unit in the last place of its.
     *
     * @param grid patches along a side
     * @param width d, a multiple of 4
     */
    public static float[] table(int grid, int width) {
        if (grid < 1 || width < 4 || width % 4 != 0) {
            throw new IllegalArgumentException(
                    "grid must be positive and width a multiple of 4, found " + grid + " and " + width);
        }
        int q = width / 4;
        float[] table = new float[(1 + grid * grid) * width];
        for (int j = 0; j < q; j++) {
            float frequency = 1f / (float) Math.pow(TEMPERATURE, (float) j / q);
            for (int r = 0; r < grid; r++) {
                for (int c = 0; c < grid; c++) {
                    int at = (1 + r * grid + c) * width + j;
                    table[at] = (float) Math.sin(r * frequency);
                    table[at + q] = (float) Math.cos(r * frequency);
                    table[at + 2 * q] = (float) Math.sin(c * frequency);
                    table[at + 3 * q] = (float) Math.cos(c * frequency);
                }
            }
        }
        return table;
    }
}
