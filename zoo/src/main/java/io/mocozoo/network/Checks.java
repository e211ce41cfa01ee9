package io.mocozoo.network;

/** The checks that records of sizes share. */
final class Checks {
    private Checks() {}

    static void positive(String name, int value) {
        if (value <= 0) {
            throw new IllegalArgumentException(name + " must be positive, found " + value);
        }
    }
}
