package io.mocozoo.train.torch;

import java.util.Arrays;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/** A row-major array of doubles; no sizes at all make it a single number. */
final class Values {
    private final int[] sizes;
    private final double[] entries;

    private Values(int[] sizes, double[] entries) {
        this.sizes = sizes;
        this.entries = entries;
    }

    /** What an entry is, by its index. */
    @FunctionalInterface
    interface Entry {
        double at(int... index);
    }

    /** An array written down entry by entry. */
    static Values of(Entry entry, int... sizes) {
        int count = IntStream.of(sizes).reduce(1, Math::multiplyExact);
        double[] entries = new double[count];
        int[] index = new int[sizes.length];
        for (int i = 0; i < count; i++) {
            int rest = i;
            for (int axis = sizes.length - 1; axis >= 0; axis--) {
                index[axis] = rest % sizes[axis];
                rest /= sizes[axis];
            }
            entries[i] = entry.at(index);
        }
        return new Values(sizes.clone(), entries);
    }

    /** An array of given entries. */
    static Values of(double[] entries, int... sizes) {
        return new Values(sizes.clone(), entries.clone());
    }

    /** The same with one entry moved. */
    Values moved(int entry, double by) {
        Values moved = new Values(sizes, entries.clone());
        moved.entries[entry] += by;
        return moved;
    }

    int size(int axis) {
        return sizes[axis];
    }

    int[] sizes() {
        return sizes.clone();
    }

    double[] entries() {
        return entries.clone();
    }

    double at(int... index) {
        return entries[offset(index)];
    }

    /** An entry, or something else where the index lies outside. */
    double or(double outside, int... index) {
        boolean inside = IntStream.range(0, sizes.length).allMatch(a -> index[a] >= 0 && index[a] < sizes[a]);
        return inside ? at(index) : outside;
    }

    private int offset(int... index) {
        if (index.length != sizes.length) {
            throw new IllegalArgumentException(
                    "expected " + sizes.length + " indices, found " + Arrays.toString(index));
        }
        int offset = 0;
        for (int axis = 0; axis < sizes.length; axis++) {
            offset = offset * sizes[axis] + index[axis];
        }
        return offset;
    }

    /** One row of a matrix. */
    double[] row(int row) {
        return IntStream.range(0, sizes[1]).mapToDouble(k -> at(row, k)).toArray();
    }

    /** All entries of a channel, the second axis. */
    double[] channel(int channel) {
        int inner = IntStream.of(sizes).skip(2).reduce(1, Math::multiplyExact);
        return IntStream.range(0, entries.length)
                .filter(i -> i / inner % sizes[1] == channel)
                .mapToDouble(i -> entries[i])
                .toArray();
    }

    /** The sum of c x over all entries. */
    static double dot(Values c, Values x) {
        return sum(x.entries.length, i -> c.entries[i] * x.entries[i]);
    }

    static double sum(int count, IntToDoubleFunction term) {
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += term.applyAsDouble(i);
        }
        return sum;
    }

    @Override
    public String toString() {
        return List.of(Arrays.toString(sizes), Arrays.toString(entries)).toString();
    }
}
