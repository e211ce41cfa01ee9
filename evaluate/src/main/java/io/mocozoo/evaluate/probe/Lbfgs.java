package io.mocozoo.evaluate.probe;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;

/**
 * Minimises a smooth convex function by limited-memory BFGS, with a line search that halves until the function has
 * decreased enough.
 *
 * @see <a href="https://doi.org/10.1007/BF01589116">Liu and Nocedal 1989</a>
 */
final class Lbfgs {
    private static final int MEMORY = 10;
    private static final double SUFFICIENT = 1e-4;
    private static final int MOST_HALVINGS = 40;

    private final int mostSteps;
    private final double tolerance;

    /**
     * A minimiser.
     *
     * @param mostSteps after which it stops anyway
     * @param tolerance largest entry of the gradient at the end
     */
    Lbfgs(int mostSteps, double tolerance) {
        this.mostSteps = mostSteps;
        this.tolerance = tolerance;
    }

    /** A function with its gradient. */
    @FunctionalInterface
    interface Function {
        /** The value; the gradient is written into the given array. */
        double at(double[] x, double[] gradient);
    }

    /** A step and what it did to the gradient. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Pair(double[] step, double[] change, double inverse) {}

    /** Improves x in place; gives the number of steps. */
    int minimise(Function function, double[] x) {
        double[] gradient = new double[x.length];
        double value = function.at(x, gradient);
        Deque<Pair> pairs = new ArrayDeque<>(); // the latest first
        for (int step = 0; step < mostSteps; step++) {
            if (largest(gradient) <= tolerance) {
                return step;
            }
            double[] direction = direction(gradient, pairs);
            double slope = dot(direction, gradient);
            double length = pairs.isEmpty() ? Math.min(1, 1 / Math.sqrt(dot(gradient, gradient))) : 1;
            double[] next = new double[x.length];
            double[] nextGradient = new double[x.length];
            double nextValue = Double.POSITIVE_INFINITY;
            for (int halvings = 0; halvings < MOST_HALVINGS; halvings++, length /= 2) {
                for (int i = 0; i < x.length; i++) {
                    next[i] = x[i] + length * direction[i];
                }
                nextValue = function.at(next, nextGradient);
                if (nextValue <= value + SUFFICIENT * length * slope) {
                    break;
                }
            }
            if (!(nextValue < value)) {
                return step; // as low as the numbers go
            }
            remember(pairs, x, next, gradient, nextGradient);
            System.arraycopy(next, 0, x, 0, x.length);
            gradient = nextGradient;
            value = nextValue;
        }
        return mostSteps;
    }

    private static void remember(
            Deque<Pair> pairs, double[] x, double[] next, double[] gradient, double[] nextGradient) {
        double[] step = new double[x.length];
        double[] change = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            step[i] = next[i] - x[i];
            change[i] = nextGradient[i] - gradient[i];
        }
        double curvature = dot(step, change);
        if (curvature > 1e-12 * dot(change, change)) {
            pairs.addFirst(new Pair(step, change, 1 / curvature));
            if (pairs.size() > MEMORY) {
                pairs.removeLast();
            }
        }
    }

    /** The two loops over what is remembered. */
    private static double[] direction(double[] gradient, Deque<Pair> pairs) {
        double[] q = gradient.clone();
        double[] factors = new double[pairs.size()];
        int i = 0;
        for (Pair pair : pairs) {
            factors[i] = pair.inverse * dot(pair.step, q);
            add(q, -factors[i++], pair.change);
        }
        if (!pairs.isEmpty()) {
            Pair latest = pairs.getFirst();
            double scale = 1 / (latest.inverse * dot(latest.change, latest.change));
            for (int j = 0; j < q.length; j++) {
                q[j] *= scale;
            }
        }
        for (Iterator<Pair> oldest = pairs.descendingIterator(); oldest.hasNext(); ) {
            Pair pair = oldest.next();
            add(q, factors[--i] - pair.inverse * dot(pair.change, q), pair.step);
        }
        for (int j = 0; j < q.length; j++) {
            q[j] = -q[j];
        }
        return q;
    }

    private static void add(double[] to, double factor, double[] what) {
        for (int i = 0; i < to.length; i++) {
            to[i] += factor * what[i];
        }
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    private static double largest(double[] x) {
        double largest = 0;
        for (double value : x) {
            largest = Math.max(largest, Math.abs(value));
        }
        return largest;
    }
}
