package io.mocozoo.evaluate.probe;

/**
 * Every fifth of some rows, or the four others of each five, in their order.
 *
 * @param held whether it is every fifth: rows 4, 9, 14, ...
 */
record Fold(LabelledRows all, boolean held) implements LabelledRows {
    static final int PARTS = 5;

    @Override
    public int count() {
        int fifths = all.count() / PARTS;
        return held ? fifths : all.count() - fifths;
    }

    @Override
    public int width() {
        return all.width();
    }

    private int place(int row) {
        return held ? row * PARTS + PARTS - 1 : row + row / (PARTS - 1);
    }

    @Override
    public int label(int row) {
        return all.label(place(row));
    }

    @Override
    public void read(int from, int rows, float[] into, int at) {
        for (int row = from; row < from + rows; ) {
            int next = held ? row + 1 : Math.min(from + rows, row - row % (PARTS - 1) + PARTS - 1);
            all.read(place(row), next - row, into, at + (row - from) * width());
            row = next;
        }
    }
}
