package io.mocozoo.train.augment;

import java.util.random.RandomGenerator;

/** The beta distribution with two equal parameters, as a ratio of gamma variates. */
final class Beta {
    private Beta() {}

    /** A number in 0..1, its mean one half. */
    static double symmetric(double alpha, RandomGenerator random) {
        while (true) {
            double a = gamma(alpha, random);
            double b = gamma(alpha, random);
            if (a + b > 0) { // both underflow for tiny parameters only
                return a / (a + b);
            }
        }
    }

    /** Marsaglia and Tsang 2000, "A simple method for generating gamma variables", sections 2 and 6. */
    private static double gamma(double shape, RandomGenerator random) {
        if (shape < 1) {
            return gamma(shape + 1, random) * Math.pow(1 - random.nextDouble(), 1 / shape);
        }
        double d = shape - 1.0 / 3.0;
        double c = 1 / Math.sqrt(9 * d);
        while (true) {
            double x = random.nextGaussian();
            double v = 1 + c * x;
            if (v > 0) {
                v = v * v * v;
                double u = 1 - random.nextDouble();
                if (Math.log(u) < 0.5 * x * x + d - d * v + d * Math.log(v)) {
                    return d * v;
                }
            }
        }
    }
}
