package io.mocozoo.train.augment;

import java.util.random.RandomGenerator;

/** Random numbers as the reference draws them: one number each. */
final class Draw {
    private Draw() {}

    /** Uniform from low to high; equal ends are allowed, and cost a number too. */
    static double uniform(RandomGenerator random, double low, double high) {
        return low + (high - low) * random.nextDouble();
    }

    /** Whether something of this probability happens. */
    static boolean happens(RandomGenerator random, double probability) {
        return random.nextDouble() < probability;
    }

    static void probability(String name, double value) {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException(name + " must be 0 to 1, found " + value);
        }
    }
}
