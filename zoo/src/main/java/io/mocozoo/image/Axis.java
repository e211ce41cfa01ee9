package io.mocozoo.image;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The weights of one axis of a resize, for a window of its outputs: output {@code from + i} is the sum over j of
 * source sample {@code first[i] + j} times {@code weights[j][i]}, in units of 2^-22.
 *
 * <p>Every output has the same number of taps, so that whole rows are weighed at once; the spare ones weigh nothing and
 * may lie past the end of the source.
 */
final class Axis {
    /** Bits after the point of a weight: Pillow's precision for 8-bit samples. */
    static final int PRECISION = 22;

    private static final int CACHED = 128;
    private static final Map<Key, Axis> CACHE = new LinkedHashMap<>(2 * CACHED, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Axis> eldest) {
            return size() > CACHED;
        }
    };
    /** Larger tables belong to odd pictures that hardly come twice. */
    private static final int MAX_CACHED_WEIGHTS = 1 << 16;

    final int[] first;
    final int[] count;
    final int taps;
    final int[][] weights;

    private record Key(int inSize, long outSize, long from, int size, Interpolation interpolation) {}

    private Axis(Key key) {
        if (key.inSize == key.outSize) { // Pillow skips the pass
            first = IntStream.range((int) key.from, (int) key.from + key.size).toArray();
            count = filled(key.size, 1);
            taps = 1;
            weights = new int[][] {filled(key.size, 1 << PRECISION)};
            return;
        }
        double scale = (double) key.inSize / key.outSize;
        double stretch = Math.max(scale, 1.0);
        double support = key.interpolation.support() * stretch;
        this.first = new int[key.size];
        this.count = new int[key.size];
        int widest = 1;
        for (int i = 0; i < key.size; i++) {
            double centre = (key.from + i + 0.5) * scale;
            first[i] = Math.max(0, (int) (centre - support + 0.5));
            count[i] = Math.min(key.inSize, (int) (centre + support + 0.5)) - first[i];
            widest = Math.max(widest, count[i]);
        }
        this.taps = widest;
        this.weights = new int[taps][key.size];
        double[] exact = new double[widest];
        for (int i = 0; i < key.size; i++) {
            double centre = (key.from + i + 0.5) * scale;
            double sum = 0.0;
            for (int j = 0; j < count[i]; j++) {
                exact[j] = key.interpolation.weight((j + first[i] - centre + 0.5) * (1.0 / stretch));
                sum += exact[j];
            }
            for (int j = 0; j < count[i]; j++) {
                double weight = sum == 0.0 ? exact[j] : exact[j] / sum;
                weights[j][i] = (int) (Math.copySign(0.5, weight) + weight * (1 << PRECISION));
            }
        }
    }

    /**
     * The weights of outputs {@code from} to {@code from + size - 1} of a resize from {@code inSize} to {@code outSize}
     * samples; only these are computed.
     *
     * @see <a href="https://github.com/python-pillow/Pillow/blob/main/src/libImaging/Resample.c">Pillow, Resample.c:
     *     precompute_coeffs, normalize_coeffs_8bpc</a>
     */
    static Axis of(int inSize, long outSize, long from, int size, Interpolation interpolation) {
        var key = new Key(inSize, outSize, from, size, interpolation);
        synchronized (CACHE) {
            Axis known = CACHE.get(key);
            if (known != null) {
                return known;
            }
        }
        var axis = new Axis(key);
        if ((long) axis.taps * axis.size() <= MAX_CACHED_WEIGHTS) {
            synchronized (CACHE) {
                CACHE.put(key, axis);
            }
        }
        return axis;
    }

    private static int[] filled(int size, int value) {
        int[] array = new int[size];
        Arrays.fill(array, value);
        return array;
    }

    int size() {
        return first.length;
    }

    /** The first source sample that any output of the window needs. */
    int begin() {
        return first[0];
    }

    /** One past the last source sample that any output of the window needs. */
    int end() {
        int last = first.length - 1;
        return first[last] + count[last];
    }
}
