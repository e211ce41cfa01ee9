package io.mocozoo.evaluate.probe;

import java.util.Arrays;
import java.util.BitSet;
import java.util.stream.IntStream;

/** Every fifth row of each class, or the others, in their order: both have the classes' shares of all rows. */
final class Fold implements LabelledRows {
    static final int PARTS = 5;

    private final LabelledRows all;
    private final int[] places;

    private Fold(LabelledRows all, int... places) {
        this.all = all;
        this.places = places;
    }

    /**
     * A part of some rows.
     *
     * @param held whether it is every fifth of a class, the fifth of them being the first; where no class has five, every
     *     fifth of all
     */
    static Fold of(LabelledRows all, boolean held) {
        BitSet fifths = fifths(all);
        return new Fold(
                all,
                IntStream.range(0, all.count())
                        .filter(row -> fifths.get(row) == held)
                        .toArray());
    }

    private static BitSet fifths(LabelledRows all) {
        BitSet fifths = new BitSet(all.count());
        int[] seen = new int[1];
        for (int row = 0; row < all.count(); row++) {
            int label = all.label(row);
            seen = label < seen.length ? seen : Arrays.copyOf(seen, Math.max(label + 1, 2 * seen.length));
            fifths.set(row, ++seen[label] % PARTS == 0);
        }
        if (fifths.isEmpty()) {
            for (int row = PARTS - 1; row < all.count(); row += PARTS) {
                fifths.set(row);
            }
        }
        return fifths;
    }

    @Override
    public int count() {
        return places.length;
    }

    @Override
    public int width() {
        return all.width();
    }

    @Override
    public int label(int row) {
        return all.label(places[row]);
    }

    @Override
    public void read(int from, int rows, float[] into, int at) {
        for (int row = from; row < from + rows; ) {
            int next = row + 1;
            while (next < from + rows && places[next] == places[next - 1] + 1) {
                next++;
            }
            all.read(places[row], next - row, into, at + (row - from) * width());
            row = next;
        }
    }
}
