package io.mocozoo.image;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Pillow's two-pass resize of 8-bit RGB, to the bit: weights of 22 bits, across the rows first, rounded to 8 bits
 * between the passes. Computes a window of the result and reads only the source samples that the window needs.
 *
 * <p>Owns its scratch, so it serves one thread at a time.
 *
 * <p>How it is fast on Java 17, whose compiler makes vector code of loops over {@code int[]} that use one index, and of
 * nothing wider: a pixel is one {@code int}, 0x..BBGGRR. For each tap the source pixels of a whole row of outputs are
 * gathered, four bytes at a time, and all arithmetic runs over such rows. Rows between the passes live in a ring that
 * stays in the cache.
 */
final class Resampler {
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int HALF = 1 << (Axis.PRECISION - 1);

    private byte[] source = new byte[0]; // one row, with room for spare taps
    private byte[] result = new byte[0];
    private int[] red = new int[0];
    private int[] green = new int[0];
    private int[] blue = new int[0];
    private int[][] taps = new int[0][];
    private int[][] ring = new int[0][];

    /** Takes finished rows of the window, in order; {@code rgb} is scratch, valid until the call returns. */
    interface Rows {
        void put(byte[] rgb, int length);
    }

    /** The part [x, x + width) x [y, y + height) of a resize of {@code image} to outWidth x outHeight. */
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
        Axis across = Axis.of(image.width(), outWidth, x, width, interpolation);
        Axis down = Axis.of(image.height(), outHeight, y, height, interpolation);
        allocate(across, down);
        int ready = down.begin(); // source rows before this one have been through the first pass
        int[][] window = new int[down.taps][];
        for (int i = 0; i < height; i++) {
            int end = down.first[i] + down.count[i];
            for (; ready < end; ready++) {
                acrossRow(image, ready, across, ring[ready % down.taps]);
            }
            for (int j = 0; j < down.taps; j++) {
                window[j] = ring[(down.first[i] + j) % down.taps]; // spare taps weigh nothing
            }
            downRows(window, down, i, width);
            target.put(result, 3 * width);
        }
    }

    private void allocate(Axis across, Axis down) {
        int sourceBytes = 3 * (across.end() - across.begin() + across.taps) + Integer.BYTES;
        if (source.length < sourceBytes) {
            source = new byte[sourceBytes];
        }
        if (red.length < across.size()) {
            red = new int[across.size()];
            green = new int[across.size()];
            blue = new int[across.size()];
            result = new byte[3 * across.size() + 1];
            taps = new int[0][];
            ring = new int[0][];
        }
        taps = grow(taps, across.taps);
        ring = grow(ring, down.taps);
    }

    private int[][] grow(int[][] rows, int count) {
        if (rows.length >= count) {
            return rows;
        }
        int[][] grown = Arrays.copyOf(rows, count);
        for (int i = rows.length; i < count; i++) {
            grown[i] = new int[red.length];
        }
        return grown;
    }

    private void acrossRow(RgbImage image, int y, Axis axis, int[] to) {
        int begin = axis.begin();
        System.arraycopy(image.rgb(), 3 * (y * image.width() + begin), source, 0, 3 * (axis.end() - begin));
        int width = axis.size();
        if (axis.taps == 1) {
            gather(source, axis.first, begin, to);
            return;
        }
        for (int j = 0; j < axis.taps; j++) {
            gather(source, axis.first, begin - j, taps[j]);
        }
        clear(width);
        int j = 0;
        for (; j + 3 <= axis.taps; j += 3) {
            int[] a = taps[j];
            int[] b = taps[j + 1];
            int[] c = taps[j + 2];
            int[] ka = axis.weights[j];
            int[] kb = axis.weights[j + 1];
            int[] kc = axis.weights[j + 2];
            add(a, ka, b, kb, c, kc, 0, red, width);
            add(a, ka, b, kb, c, kc, 8, green, width);
            add(a, ka, b, kb, c, kc, 16, blue, width);
        }
        for (; j < axis.taps; j++) {
            add(taps[j], axis.weights[j], 0, red, width);
            add(taps[j], axis.weights[j], 8, green, width);
            add(taps[j], axis.weights[j], 16, blue, width);
        }
        pack(red, green, blue, to, width);
    }

    private void downRows(int[][] rows, Axis axis, int i, int width) {
        if (axis.taps == 1) {
            scatter(rows[0], result, width);
            return;
        }
        clear(width);
        int j = 0;
        for (; j + 3 <= axis.taps; j += 3) {
            int[] a = rows[j];
            int[] b = rows[j + 1];
            int[] c = rows[j + 2];
            int ka = axis.weights[j][i];
            int kb = axis.weights[j + 1][i];
            int kc = axis.weights[j + 2][i];
            add(a, ka, b, kb, c, kc, 0, red, width);
            add(a, ka, b, kb, c, kc, 8, green, width);
            add(a, ka, b, kb, c, kc, 16, blue, width);
        }
        for (; j < axis.taps; j++) {
            int k = axis.weights[j][i];
            add(rows[j], k, 0, red, width);
            add(rows[j], k, 8, green, width);
            add(rows[j], k, 16, blue, width);
        }
        pack(red, green, blue, red, width);
        scatter(red, result, width);
    }

    private void clear(int width) {
        Arrays.fill(red, 0, width, HALF);
        Arrays.fill(green, 0, width, HALF);
        Arrays.fill(blue, 0, width, HALF);
    }

    private static void gather(byte[] source, int[] first, int begin, int[] to) {
        for (int i = 0; i < first.length; i++) {
            to[i] = (int) INT.get(source, 3 * (first[i] - begin));
        }
    }

    private static void add(int[] a, int[] ka, int[] b, int[] kb, int[] c, int[] kc, int shift, int[] sums, int width) {
        for (int i = 0; i < width; i++) {
            sums[i] +=
                    ((a[i] >> shift) & 255) * ka[i] + ((b[i] >> shift) & 255) * kb[i] + ((c[i] >> shift) & 255) * kc[i];
        }
    }

    private static void add(int[] a, int[] ka, int shift, int[] sums, int width) {
        for (int i = 0; i < width; i++) {
            sums[i] += ((a[i] >> shift) & 255) * ka[i];
        }
    }

    private static void add(int[] a, int ka, int[] b, int kb, int[] c, int kc, int shift, int[] sums, int width) {
        for (int i = 0; i < width; i++) {
            sums[i] += ((a[i] >> shift) & 255) * ka + ((b[i] >> shift) & 255) * kb + ((c[i] >> shift) & 255) * kc;
        }
    }

    private static void add(int[] a, int ka, int shift, int[] sums, int width) {
        for (int i = 0; i < width; i++) {
            sums[i] += ((a[i] >> shift) & 255) * ka;
        }
    }

    private static void pack(int[] red, int[] green, int[] blue, int[] to, int width) {
        for (int i = 0; i < width; i++) {
            to[i] = clip(red[i]) | clip(green[i]) << 8 | clip(blue[i]) << 16;
        }
    }

    /** To 0..255 without a branch or {@code Math.max}, neither of which becomes vector code. */
    private static int clip(int sum) {
        int value = sum >> Axis.PRECISION;
        value &= ~(value >> 31); // 0 if negative
        return (value | ((255 - value) >> 31)) & 255; // all ones if above 255
    }

    /** Writes four bytes per pixel; the next pixel covers the fourth. */
    private static void scatter(int[] pixels, byte[] to, int width) {
        for (int i = 0; i < width; i++) {
            INT.set(to, 3 * i, pixels[i]);
        }
    }
}
