package io.mocozoo.train.torch;

import static io.mocozoo.train.torch.Values.sum;

import java.util.function.IntToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** What the functions are by their definitions, an entry at a time. */
final class Formulas {
    private static final double A = -0.75; // PyTorch's bicubic kernel; Pillow's is -0.5

    private Formulas() {}

    static Values convolution(Values x, Values w, int stride, int padding, IntToDoubleFunction bias) {
        int k = w.size(2);
        return Values.of(
                i -> bias.applyAsDouble(i[1])
                        + sum(
                                x.size(1),
                                c -> sum(
                                        k,
                                        p -> sum(
                                                k,
                                                q -> w.at(i[1], c, p, q)
                                                        * x.or(
                                                                0,
                                                                i[0],
                                                                c,
                                                                i[2] * stride + p - padding,
                                                                i[3] * stride + q - padding)))),
                x.size(0),
                w.size(0),
                (x.size(2) + 2 * padding - k) / stride + 1,
                (x.size(3) + 2 * padding - k) / stride + 1);
    }

    static Values linear(Values x, Values w, IntToDoubleFunction bias) {
        return Values.of(
                i -> bias.applyAsDouble(i[2]) + sum(w.size(1), k -> x.at(i[0], i[1], k) * w.at(i[2], k)),
                x.size(0),
                x.size(1),
                w.size(0));
    }

    /** softmax(q k' / sqrt(d)) v of every head; x is [n, l, q|k|v, heads, d] with the last three in one. */
    static Values attention(Values x, int heads) {
        int l = x.size(1);
        int width = x.size(2) / 3;
        int d = width / heads;
        return Values.of(
                i -> {
                    int head = i[2] / d * d;
                    double[] scores = new double[l];
                    for (int j = 0; j < l; j++) {
                        int key = j;
                        double product = sum(d, e -> x.at(i[0], i[1], head + e) * x.at(i[0], key, width + head + e));
                        scores[j] = product / Math.sqrt(d);
                    }
                    double[] log = logSoftmax(scores);
                    return sum(l, j -> Math.exp(log[j]) * x.at(i[0], j, 2 * width + i[2]));
                },
                x.size(0),
                l,
                width);
    }

    static double[] logSoftmax(double... x) {
        double all = Math.log(DoubleStream.of(x).map(Math::exp).sum());
        return DoubleStream.of(x).map(v -> v - all).toArray();
    }

    static double mean(double... x) {
        return DoubleStream.of(x).sum() / x.length;
    }

    /** The mean square of what differs from a centre. */
    static double spread(double centre, double... x) {
        return mean(DoubleStream.of(x).map(v -> (v - centre) * (v - centre)).toArray());
    }

    static double variance(double... x) {
        return spread(mean(x), x);
    }

    static double length(double... x) {
        return Math.sqrt(DoubleStream.of(x).map(v -> v * v).sum());
    }

    /** Batch norm by any statistics. */
    static Values normed(Values x, IntToDoubleFunction mean, IntToDoubleFunction variance) {
        return Values.of(
                i -> (x.at(i) - mean.applyAsDouble(i[1])) / Math.sqrt(variance.applyAsDouble(i[1]) + 1e-5), x.sizes());
    }

    /** Batch norm by the batch's own statistics. */
    static Values normed(Values x) {
        return normed(x, c -> mean(x.channel(c)), c -> variance(x.channel(c)));
    }

    /** Batch norm by statistics that are given. */
    static Values normed(Values x, Values mean, Values variance) {
        return normed(x, mean::at, variance::at);
    }

    /** A factor and a summand for every index of an axis. */
    static Values affine(Values x, int axis, Values w, Values b) {
        return Values.of(i -> x.at(i) * w.at(i[axis]) + b.at(i[axis]), x.sizes());
    }

    static Values layerNormed(Values x) {
        return Values.of(
                i -> {
                    double[] token = IntStream.range(0, x.size(2))
                            .mapToDouble(k -> x.at(i[0], i[1], k))
                            .toArray();
                    return (x.at(i) - mean(token)) / Math.sqrt(variance(token) + 1e-6);
                },
                x.sizes());
    }

    /** x times the normal distribution function of x, whose series has positive terms alone. */
    static double gelu(double x) {
        double term = x;
        double series = 0;
        for (int n = 1; Math.abs(term) > 1e-18; n++) {
            series += term;
            term *= x * x / (2 * n + 1);
        }
        return x * (0.5 + series * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI));
    }

    /** The largest of 3x3, every other row and column. */
    static Values maxPool(Values x) {
        return Values.of(
                i -> IntStream.range(0, 9)
                        .mapToDouble(k ->
                                x.or(Double.NEGATIVE_INFINITY, i[0], i[1], i[2] * 2 + k / 3 - 1, i[3] * 2 + k % 3 - 1))
                        .max()
                        .orElseThrow(),
                x.size(0),
                x.size(1),
                (x.size(2) + 1) / 2,
                (x.size(3) + 1) / 2);
    }

    /** Positions of another grid than g x g by bicubic interpolation; the class token's stays. */
    static Values resized(Values p, int g, int h, int w) {
        return Values.of(
                i -> {
                    if (i[1] == 0) {
                        return p.at(0, 0, i[2]);
                    }
                    int row = (i[1] - 1) / w;
                    int column = (i[1] - 1) % w;
                    double y = (row + 0.5) * g / h - 0.5;
                    double x = (column + 0.5) * g / w - 0.5;
                    int top = (int) Math.floor(y) - 1;
                    int left = (int) Math.floor(x) - 1;
                    return sum(
                            4,
                            r -> sum(
                                    4,
                                    c -> cubic(y - top - r)
                                            * cubic(x - left - c)
                                            * p.at(0, 1 + inside(top + r, g) * g + inside(left + c, g), i[2])));
                },
                1,
                1 + h * w,
                p.size(2));
    }

    private static int inside(int index, int size) {
        return Math.min(Math.max(index, 0), size - 1);
    }

    /** Keys' kernel. */
    private static double cubic(double distance) {
        double t = Math.abs(distance);
        if (t <= 1) {
            return (A + 2) * t * t * t - (A + 3) * t * t + 1;
        }
        return t < 2 ? A * (t * t * t - 5 * t * t + 8 * t - 4) : 0;
    }

    static Values tokens(Values x, Values c, Values p) {
        int w = x.size(3);
        return Values.of(
                i -> p.at(0, i[1], i[2])
                        + (i[1] == 0 ? c.at(0, 0, i[2]) : x.at(i[0], i[2], (i[1] - 1) / w, (i[1] - 1) % w)),
                x.size(0),
                1 + x.size(2) * w,
                x.size(1));
    }

    static Values normalised(Values x) {
        return Values.of(i -> x.at(i) / Math.max(length(x.row(i[0])), 1e-12), x.sizes());
    }

    /** 2 t times the mean of -log softmax(p k' / t) at the labels. */
    static double contrast(Values p, Values k, Values labels, double t) {
        double sum = sum(p.size(0), i -> {
            double[] scores = IntStream.range(0, k.size(0))
                    .mapToDouble(j -> sum(p.size(1), e -> p.at(i, e) * k.at(j, e)) / t)
                    .toArray();
            return -logSoftmax(scores)[(int) labels.at(i, 0)];
        });
        return 2 * t * sum / p.size(0);
    }

    static double crossEntropy(Values x, Values t) {
        double sum = sum(x.size(0), i -> {
            double[] log = logSoftmax(x.row(i));
            return -sum(log.length, j -> t.at(i, j) * log[j]);
        });
        return sum / x.size(0);
    }

    /** The mean standard deviation of normalised rows. */
    static double deviation(Values x) {
        Values u = normalised(x);
        return sum(x.size(1), c -> Math.sqrt(variance(u.channel(c)))) / x.size(1);
    }
}
