package io.mocozoo.image;

import java.util.Arrays;

/**
 * Pillow's two-pass resize of 8-bit RGB, to the bit: weights of 22 bits, across the rows first, rounded to 8 bits
 * between the passes. Computes a window of the result and reads only the source samples that the window needs.
 *
 * <p>Owns its scratch, so it serves one thread at a time.
 *
 * <p>How it is fast on Java 17: two source rows travel in the halves of one {@code long}, so one multiplication serves
 * both; the pass down the columns runs over whole rows of {@code int}, which the compiler turns into vector code; rows
 * between the passes live in a ring that stays in the cache.
 */
final class Resampler {
    private static final int HALF = 1 << (Axis.PRECISION - 1);
    private static final long HALVES = HALF + ((long) HALF << 32);

    private long[] pair = new long[0]; // two source rows, one in each half
    private long[] pairSums = new long[0];
    private int[][] ring = new int[0][];
    private int[] sums = new int[0];
    private byte[] row = new byte[0];

    /** Takes finished rows of the window, in order; {@code rgb} is scratch, valid until the call returns. */
    interface Rows {
        void put(byte[] rgb, int length);
    }

    /** The part of a resize from the size of {@code image} to outWidth x outHeight that is [x, x+width) x [y, y+height). */
    void resize(
            RgbImage image,
            Interpolation interpolation,
            long outWidth,
            long outHeight,
            long x,
            long y,
            int width,
            int height,
            Rows target) {
        Axis across = outWidth == image.width() ? null : Axis.of(image.width(), outWidth, x, width, interpolation);
        Axis down = outHeight == image.height() ? null : Axis.of(image.height(), outHeight, y, height, interpolation);
        int samples = 3 * width;
        int ringRows = down == null ? 2 : down.taps + 2;
        allocate(image.width(), samples, ringRows);
        int begin = down == null ? (int) y : down.begin();
        int end = down == null ? (int) y + height : down.end();
        int ready = begin; // source rows below this one have passed through the first pass
        int[][] window = new int[down == null ? 1 : down.taps][];
        for (int i = 0; i < height; i++) {
            int first = down == null ? (int) y + i : down.first[i];
            int last = down == null ? first : first + down.count[i] - 1;
            for (; ready <= last; ready += 2) {
                int second = Math.min(ready + 1, end - 1);
                int[] a = ring[(ready - begin) % ringRows];
                int[] b = ring[(ready + 1 - begin) % ringRows];
                if (across == null) {
                    copyRow(image, ready, (int) x, a, samples);
                    copyRow(image, second, (int) x, b, samples);
                } else {
                    acrossRows(image, ready, second, across, a, b);
                }
            }
            if (down == null) {
                narrow(ring[(first - begin) % ringRows], row, samples);
            } else {
                for (int j = 0; j < window.length; j++) {
                    window[j] = ring[(Math.min(first + j, last) - begin) % ringRows]; // spare taps weigh nothing
                }
                downColumns(window, down, i, samples);
                narrow(sums, row, samples);
            }
            target.put(row, samples);
        }
    }

    private void allocate(int inWidth, int samples, int ringRows) {
        int pairLength = 3 * (inWidth + 4); // spare taps read past the end and weigh nothing
        if (pair.length < pairLength) {
            pair = new long[pairLength];
        }
        if (row.length < samples) {
            pairSums = new long[samples];
            sums = new int[samples];
            row = new byte[samples];
            ring = new int[0][];
        }
        if (ring.length < ringRows) {
            int had = ring.length;
            ring = Arrays.copyOf(ring, ringRows);
            for (int i = had; i < ringRows; i++) {
                ring[i] = new int[row.length];
            }
        }
    }

    private static void copyRow(RgbImage image, int y, int x, int[] to, int samples) {
        byte[] rgb = image.rgb();
        int from = 3 * (y * image.width() + x);
        for (int i = 0; i < samples; i++) {
            to[i] = rgb[from + i] & 0xff;
        }
    }

    private void acrossRows(RgbImage image, int y0, int y1, Axis axis, int[] out0, int[] out1) {
        int begin = axis.begin();
        int stride = 3 * image.width();
        join(image.rgb(), y0 * stride + 3 * begin, y1 * stride + 3 * begin, 3 * (axis.end() - begin), pair);
        int samples = 3 * axis.size();
        Arrays.fill(pairSums, 0, samples, HALVES);
        for (int j = 0; j < axis.taps; j += axis.block()) {
            if (axis.block() == 3) {
                addThree(pair, axis, j, pairSums);
            } else {
                addFour(pair, axis, j, pairSums);
            }
        }
        part(pairSums, samples, out0, out1);
        clip(out0, samples);
        clip(out1, samples);
    }

    private static void join(byte[] rgb, int from0, int from1, int samples, long[] pair) {
        for (int i = 0; i < samples; i++) {
            pair[i] = (rgb[from0 + i] & 0xffL) | (rgb[from1 + i] & 0xffL) << 32;
        }
    }

    private static void addThree(long[] pair, Axis axis, int tap, long[] sums) {
        int[] first = axis.first;
        int[] weights = axis.weights;
        int begin = axis.begin() - tap;
        int k = tap;
        int to = 0;
        for (int i = 0; i < first.length; i++) {
            int p = 3 * (first[i] - begin);
            long k0 = weights[k];
            long k1 = weights[k + 1];
            long k2 = weights[k + 2];
            sums[to] += pair[p] * k0 + pair[p + 3] * k1 + pair[p + 6] * k2;
            sums[to + 1] += pair[p + 1] * k0 + pair[p + 4] * k1 + pair[p + 7] * k2;
            sums[to + 2] += pair[p + 2] * k0 + pair[p + 5] * k1 + pair[p + 8] * k2;
            k += axis.taps;
            to += 3;
        }
    }

    private static void addFour(long[] pair, Axis axis, int tap, long[] sums) {
        int[] first = axis.first;
        int[] weights = axis.weights;
        int begin = axis.begin() - tap;
        int k = tap;
        int to = 0;
        for (int i = 0; i < first.length; i++) {
            int p = 3 * (first[i] - begin);
            long k0 = weights[k];
            long k1 = weights[k + 1];
            long k2 = weights[k + 2];
            long k3 = weights[k + 3];
            sums[to] += pair[p] * k0 + pair[p + 3] * k1 + pair[p + 6] * k2 + pair[p + 9] * k3;
            sums[to + 1] += pair[p + 1] * k0 + pair[p + 4] * k1 + pair[p + 7] * k2 + pair[p + 10] * k3;
            sums[to + 2] += pair[p + 2] * k0 + pair[p + 5] * k1 + pair[p + 8] * k2 + pair[p + 11] * k3;
            k += axis.taps;
            to += 3;
        }
    }

    /** The two sums of each long: the low one is signed and has borrowed from the high one. */
    private static void part(long[] pairSums, int samples, int[] out0, int[] out1) {
        for (int i = 0; i < samples; i++) {
            long sum = pairSums[i];
            out0[i] = (int) sum;
            out1[i] = (int) ((sum - (int) sum) >> 32);
        }
    }

    private void downColumns(int[][] window, Axis axis, int i, int samples) {
        int[] weights = axis.weights;
        int k = i * axis.taps;
        Arrays.fill(sums, 0, samples, HALF);
        for (int j = 0; j < axis.taps; j += axis.block()) {
            if (axis.block() == 3) {
                addRows(
                        window[j],
                        weights[k + j],
                        window[j + 1],
                        weights[k + j + 1],
                        window[j + 2],
                        weights[k + j + 2],
                        sums,
                        samples);
            } else {
                addRows(window[j], weights[k + j], window[j + 1], weights[k + j + 1], sums, samples);
                addRows(window[j + 2], weights[k + j + 2], window[j + 3], weights[k + j + 3], sums, samples);
            }
        }
        clip(sums, samples);
    }

    private static void addRows(int[] a, int ka, int[] b, int kb, int[] c, int kc, int[] sums, int samples) {
        for (int i = 0; i < samples; i++) {
            sums[i] += a[i] * ka + b[i] * kb + c[i] * kc;
        }
    }

    private static void addRows(int[] a, int ka, int[] b, int kb, int[] sums, int samples) {
        for (int i = 0; i < samples; i++) {
            sums[i] += a[i] * ka + b[i] * kb;
        }
    }

    private static void clip(int[] sums, int samples) {
        for (int i = 0; i < samples; i++) {
            sums[i] = Math.max(0, Math.min(255, sums[i] >> Axis.PRECISION));
        }
    }

    private static void narrow(int[] from, byte[] to, int samples) {
        for (int i = 0; i < samples; i++) {
            to[i] = (byte) from[i];
        }
    }
}
