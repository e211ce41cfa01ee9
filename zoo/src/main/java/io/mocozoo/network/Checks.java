package io.mocozoo.network;

/** The checks that records of sizes share. */
final class Checks {
    // Far above any model, and low enough that a stranger's card cannot ask for more than memory holds names.

    static final int MOST_LAYERS = 1000;
    static final int MOST_CLASSES = 1 << 20;
    static final int WIDEST = 1 << 16;
    static final int LARGEST_SIDE = 1 << 14;

    private Checks() {}

    static void positive(String name, int value, int most) {
        if (value < 1 || value > most) {
            throw new IllegalArgumentException(name + " must be positive, at most " + most + ", found " + value);
        }
    }
}
