package io.mocozoo.train.augment;

import io.mocozoo.image.RgbImage;

/**
 * Pillow's Gaussian blur, to the bit: three box blurs across the rows, then three down the columns, each rounded to 8
 * bits. A box of fractional radius weighs its two outermost samples less; beyond the edge the outermost sample goes on.
 *
 * <p>Java 17 makes vector code of loops over {@code int[]} that use one index: each pass is such a loop over whole rows,
 * and across the rows it runs over shifted copies of one.
 *
 * @see <a href="https://github.com/python-pillow/Pillow/blob/main/src/libImaging/BoxBlur.c">Pillow, BoxBlur.c</a>
 */
public final class GaussianBlur {
    private static final int PASSES = 3;
    private static final int ONE = 1 << 24;
    private static final int HALF = 1 << 23;
    private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

    private GaussianBlur() {}

    /**
     * A blurred copy.
     *
     * @param sigma standard deviation in pixels, 0 to 1000
     * @throws IllegalArgumentException if sigma is out of its range
     */
    public static RgbImage apply(RgbImage image, double sigma) {
        byte[] rgb = image.rgb().clone();
        inPlace(rgb, image.width(), sigma);
        return new RgbImage(image.width(), image.height(), rgb);
    }

    static void inPlace(byte[] rgb, int width, double sigma) {
        if (!(sigma >= 0 && sigma <= 1000)) {
            throw new IllegalArgumentException("sigma must be 0 to 1000 pixels, found " + sigma);
        }
        Box box = Box.of((float) sigma);
        SCRATCH.get().blur(rgb, width, rgb.length / (3 * width), box);
    }

    /**
     * One of the boxes.
     *
     * @param radius whole samples to either side
     * @param inner weight of the samples within it, in units of 2^-24
     * @param outer weight of the next sample on either side
     */
    private record Box(int radius, int inner, int outer) {
        /** The box of which three in a row have the variance of the Gaussian; all in float32, as Pillow has it. */
        static Box of(float sigma) {
            float variance = sigma * sigma / PASSES;
            float length = (float) Math.sqrt(12.0 * variance + 1.0);
            float whole = (float) Math.floor((length - 1.0) / 2.0);
            float part = (2 * whole + 1) * (whole * (whole + 1) - 3 * variance);
            part /= 6 * (variance - (whole + 1) * (whole + 1));
            float radius = whole + part;
            int inside = (int) radius;
            int inner = (int) (ONE / (radius * 2 + 1));
            return new Box(inside, inner, (ONE - (2 * inside + 1) * inner) / 2);
        }

        /** Weighs 2 radius + 3 rows into one. */
        void weigh(int[][] rows, int[] to, int size) {
            if (radius == 0) {
                weigh3(rows[0], rows[1], rows[2], inner, outer, to, size);
            } else if (radius == 1) {
                weigh5(rows[0], rows[1], rows[2], rows[3], rows[4], inner, outer, to, size);
            } else {
                add(rows[1], rows[2], to, size);
                for (int j = 3; j < rows.length - 1; j++) {
                    add(rows[j], to, size);
                }
                weighSum(rows[0], rows[rows.length - 1], inner, outer, to, size);
            }
        }

        // Sums stay below 2^32: they are unsigned, and shifted so.

        private static void weigh3(int[] a, int[] b, int[] c, int inner, int outer, int[] to, int size) {
            for (int i = 0; i < size; i++) {
                to[i] = (b[i] * inner + (a[i] + c[i]) * outer + HALF) >>> 24;
            }
        }

        private static void weigh5(
                int[] a, int[] b, int[] c, int[] d, int[] e, int inner, int outer, int[] to, int size) {
            for (int i = 0; i < size; i++) {
                to[i] = ((b[i] + c[i] + d[i]) * inner + (a[i] + e[i]) * outer + HALF) >>> 24;
            }
        }

        private static void add(int[] a, int[] b, int[] to, int size) {
            for (int i = 0; i < size; i++) {
                to[i] = a[i] + b[i];
            }
        }

        private static void add(int[] a, int[] to, int size) {
            for (int i = 0; i < size; i++) {
                to[i] += a[i];
            }
        }

        private static void weighSum(int[] first, int[] last, int inner, int outer, int[] to, int size) {
            for (int i = 0; i < size; i++) {
                to[i] = (to[i] * inner + (first[i] + last[i]) * outer + HALF) >>> 24;
            }
        }
    }

    /** Rows of samples as integers; serves one thread. */
    private static final class Scratch {
        private int[][] from = new int[0][0];
        private int[][] to = new int[0][0];
        private int[][] shifted = new int[0][0];
        private int[] padded = new int[0];

        void blur(byte[] rgb, int width, int height, Box box) {
            int size = 3 * width;
            int reach = box.radius + 1;
            from = grown(from, height, size);
            to = grown(to, height, size);
            shifted = grown(shifted, 2 * reach + 1, size);
            if (padded.length < size + 6 * reach) {
                padded = new int[size + 6 * reach];
            }
            int[][] window = new int[2 * reach + 1][];
            for (int y = 0; y < height; y++) {
                int[] row = from[y];
                for (int i = 0, at = y * size; i < size; i++, at++) {
                    row[i] = rgb[at] & 0xff;
                }
                System.arraycopy(shifted, 0, window, 0, window.length);
                for (int pass = 0; pass < PASSES; pass++) {
                    shift(row, size, reach);
                    box.weigh(window, row, size);
                }
            }
            for (int pass = 0; pass < PASSES; pass++) {
                for (int y = 0; y < height; y++) {
                    for (int j = 0; j < window.length; j++) {
                        window[j] = from[Math.max(0, Math.min(height - 1, y - reach + j))];
                    }
                    box.weigh(window, to[y], size);
                }
                int[][] swap = from;
                from = to;
                to = swap;
            }
            for (int y = 0; y < height; y++) {
                int[] row = from[y];
                for (int i = 0, at = y * size; i < size; i++, at++) {
                    rgb[at] = (byte) row[i];
                }
            }
        }

        /** Copies of a row moved by -reach to +reach pixels, its end pixels repeated. */
        private void shift(int[] row, int size, int reach) {
            for (int i = 0; i < 3 * reach; i++) {
                padded[i] = row[i % 3];
                padded[3 * reach + size + i] = row[size - 3 + i % 3];
            }
            System.arraycopy(row, 0, padded, 3 * reach, size);
            for (int j = 0; j <= 2 * reach; j++) {
                System.arraycopy(padded, 3 * j, shifted[j], 0, size);
            }
        }

        private static int[][] grown(int[][] rows, int count, int size) {
            if (rows.length >= count && rows[0].length >= size) {
                return rows;
            }
            return new int[Math.max(count, rows.length)][Math.max(size, rows.length == 0 ? 0 : rows[0].length)];
        }
    }
}
