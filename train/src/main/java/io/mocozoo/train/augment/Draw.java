package io.mocozoo.train.augment;

import java.util.random.RandomGenerator;

/** What is drawn from random numbers; numbers as the reference draws them, one each. */
public final class Draw {
    private Draw() {}

    /** Uniform from low to high; equal ends are allowed, and cost a number too. */
    static double uniform(RandomGenerator random, double low, double high) {
        return low + (high - low) * random.nextDouble();
    }

    /** Whether something of this probability happens. */
    static boolean happens(RandomGenerator random, double probability) {
        return random.nextDouble() < probability;
    }

    /** A permutation of 0..n - 1 (Fisher and Yates). */
    public static int[] permutation(RandomGenerator random, int n) {
        int[] all = new int[n];
        for (int i = 0; i < n; i++) {
            all[i] = i;
        }
        for (int i = n - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int swap = all[i];
            all[i] = all[j];
            all[j] = swap;
        }
        return all;
    }

    static void probability(String name, double value) {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException(name + " must be 0 to 1, found " + value);
        }
    }
}
