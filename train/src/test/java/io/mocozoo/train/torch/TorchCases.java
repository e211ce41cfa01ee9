package io.mocozoo.train.torch;

import static io.mocozoo.train.torch.Formulas.affine;
import static io.mocozoo.train.torch.Formulas.convolution;
import static io.mocozoo.train.torch.Formulas.mean;
import static io.mocozoo.train.torch.Formulas.normed;
import static io.mocozoo.train.torch.Formulas.spread;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Functions of the archive, arguments for them, and what they should be. */
final class TorchCases {
    private TorchCases() {}

    /** What an argument is to its function. */
    enum Role {
        /** Gradients flow to it. */
        LEARNS,
        /** As LEARNS, and above zero: a variance, a temperature. */
        SPREAD,
        /** Never asked for gradients; above zero. */
        FIXED,
        /** Nothing but its sizes counts. */
        LIKE,
        /** Row numbers: 1, 2, 0, 1, 2, ... */
        LABELS
    }

    /** An argument. */
    record Argument(Role role, List<Integer> sizes) {
        Values draw(SplittableRandom random) {
            return Values.of(
                    i -> switch (role) {
                        case LEARNS -> random.nextGaussian();
                        case SPREAD, FIXED -> random.nextDouble(0.5, 1.5);
                        case LIKE -> 0;
                        case LABELS -> (i[0] + 1) % 3;
                    },
                    sizes.stream().mapToInt(Integer::intValue).toArray());
        }

        NDArray array(NDManager manager, Values values) {
            NDArray array = engine(manager, values);
            if (role == Role.LABELS) {
                return array.toType(DataType.INT64, true);
            }
            array.setRequiresGradient(learns());
            return array;
        }

        boolean learns() {
            return role == Role.LEARNS || role == Role.SPREAD;
        }
    }

    /**
     * A function and what it should be.
     *
     * @param function its name
     * @param arguments in their order
     * @param formula its definition
     */
    record Case(String function, List<Argument> arguments, Function<Values[], Values> formula) {
        @Override
        public String toString() {
            return function + arguments.stream().map(Argument::sizes).toList();
        }

        boolean learns() {
            return arguments.stream().anyMatch(Argument::learns);
        }
    }

    static Argument learns(Integer... sizes) {
        return new Argument(Role.LEARNS, List.of(sizes));
    }

    static Argument is(Role role, Integer... sizes) {
        return new Argument(role, List.of(sizes));
    }

    private static Case of(String function, Function<Values[], Values> formula, Argument... arguments) {
        return new Case(function, List.of(arguments), formula);
    }

    private static Values one(double number) {
        return Values.of(i -> number);
    }

    /** All but those that change lists in place. */
    static Stream<Case> functions() {
        return Stream.of(products(), norms(), layers(), heads()).flatMap(List::stream);
    }

    /** Those with gradients. */
    static Stream<Case> learning() {
        return functions().filter(Case::learns);
    }

    private static List<Case> products() {
        Argument x = learns(2, 2, 5, 4);
        Argument w = learns(3, 2, 3, 3);
        Argument b = learns(3);
        return List.of(
                of("conv1", a -> convolution(a[0], a[1], 1, 1, c -> 0), x, w),
                of("conv1", a -> convolution(a[0], a[1], 1, 0, c -> 0), x, learns(3, 2, 1, 1)),
                of("conv2", a -> convolution(a[0], a[1], 2, 1, c -> 0), x, w),
                of("conv2", a -> convolution(a[0], a[1], 2, 3, c -> 0), x, learns(1, 2, 7, 7)),
                of("convBias1", a -> convolution(a[0], a[1], 1, 1, a[2]::at), x, w, b),
                of("convBias2", a -> convolution(a[0], a[1], 2, 1, a[2]::at), x, w, b),
                of("patches", a -> convolution(a[0], a[1], 2, 0, a[2]::at), learns(2, 2, 4, 6), learns(3, 2, 2, 2), b),
                of("linear", a -> Formulas.linear(a[0], a[1], c -> 0), learns(2, 3, 4), learns(5, 4)),
                of("linearBias", a -> Formulas.linear(a[0], a[1], a[2]::at), learns(2, 4, 2), learns(3, 2), b),
                of("attention", a -> Formulas.attention(a[0], 2), learns(2, 4, 18), is(Role.LIKE, 2)),
                of("attention", a -> Formulas.attention(a[0], 1), learns(1, 3, 6), is(Role.LIKE, 1)));
    }

    private static List<Case> norms() {
        Argument x = learns(3, 2, 2, 3);
        Argument rows = learns(5, 2);
        Argument w = learns(2);
        Argument running = is(Role.FIXED, 2);
        Argument spread = is(Role.SPREAD, 2);
        return List.of(
                of("batchNorm", a -> affine(normed(a[0]), 1, a[1], a[2]), x, w, w, running, running),
                of("batchNorm", a -> affine(normed(a[0]), 1, a[1], a[2]), rows, w, w, running, running),
                of("batchNormPlain", a -> normed(a[0]), x, running, running),
                of("batchNormPlain", a -> normed(a[0]), rows, running, running),
                of("batchNormEval", a -> affine(normed(a[0], a[3], a[4]), 1, a[1], a[2]), x, w, w, running, running),
                of("batchNormPlainEval", a -> normed(a[0], a[1], a[2]), x, running, running),
                of("batchNormPlainEval", a -> normed(a[0], a[1], a[2]), rows, running, running),
                of("batchNormAgain", a -> affine(normed(a[0]), 1, a[1], a[2]), x, w, w),
                of("batchNormPlainAgain", a -> normed(a[0]), rows),
                of("channelMean", a -> Values.of(i -> mean(a[0].channel(i[0])), 2), x),
                of("channelMean", a -> Values.of(i -> mean(a[0].channel(i[0])), 2), rows),
                of("channelSpread", a -> Values.of(i -> spread(a[1].at(i), a[0].channel(i[0])), 2), x, w),
                of("channelSpread", a -> Values.of(i -> spread(a[1].at(i), a[0].channel(i[0])), 2), rows, w),
                of("batchNormShared", a -> affine(normed(a[0], a[1], a[2]), 1, a[3], a[4]), x, w, spread, w, w),
                of("batchNormShared", a -> affine(normed(a[0], a[1], a[2]), 1, a[3], a[4]), rows, w, spread, w, w),
                of("batchNormSharedPlain", a -> normed(a[0], a[1], a[2]), x, w, spread),
                of(
                        "layerNorm",
                        a -> affine(Formulas.layerNormed(a[0]), 2, a[1], a[2]),
                        learns(2, 3, 4),
                        learns(4),
                        learns(4)));
    }

    private static List<Case> layers() {
        Argument x = learns(2, 3, 5, 4);
        return List.of(
                of("pad", a -> Values.of(i -> a[0].or(0, i), 2, 3, 6, 6), x, is(Role.LIKE, 1, 1, 3, 3)),
                of("pad", a -> Values.of(i -> a[0].or(0, i), 2, 3, 5, 5), x, is(Role.LIKE, 1, 1, 5, 5)),
                of("channelsLast", a -> a[0], learns(2, 3, 4, 5)),
                of("gelu", a -> Values.of(i -> Formulas.gelu(a[0].at(i)), 4, 5), learns(4, 5)),
                of("relu", a -> Values.of(i -> Math.max(0, a[0].at(i)), 4, 5), learns(4, 5)),
                of("maxPool", a -> Formulas.maxPool(a[0]), x),
                of("mean", a -> Values.of(i -> Values.sum(20, k -> a[0].at(i[0], i[1], k / 4, k % 4)) / 20, 2, 3), x),
                of("tokens", a -> Formulas.tokens(a[0], a[1], a[2]), x, learns(1, 1, 3), learns(1, 21, 3)),
                of(
                        "resized",
                        a -> Formulas.resized(a[0], 3, 5, 4),
                        learns(1, 10, 2),
                        is(Role.LIKE, 2, 2, 5, 4),
                        is(Role.LIKE, 3)),
                of(
                        "resized",
                        a -> Formulas.resized(a[0], 4, 2, 3),
                        learns(1, 17, 2),
                        is(Role.LIKE, 1, 2, 2, 3),
                        is(Role.LIKE, 4)),
                of("token", a -> Values.of(i -> a[0].at(i[0], 0, i[1]), 2, 3), learns(2, 4, 3), is(Role.LIKE, 1)),
                of("token", a -> Values.of(i -> a[0].at(i[0], 2, i[1]), 2, 3), learns(2, 4, 3), is(Role.LIKE, 3)),
                of("add", a -> Values.of(i -> a[0].at(i) + a[1].at(i), 3, 4), learns(3, 4), learns(3, 4)),
                of("multiply", a -> Values.of(i -> a[0].at(i) * a[1].at(i), 3, 4), learns(3, 4), learns(3, 4)),
                of("multiply", a -> Values.of(i -> a[0].at(i) * a[1].at(), 3, 4), learns(3, 4), learns()),
                of("multiply", a -> Values.of(i -> a[0].at(i) * a[1].at(i[0], 0), 3, 4), learns(3, 4), learns(3, 1)));
    }

    private static List<Case> heads() {
        Argument p = learns(3, 4);
        Argument labels = is(Role.LABELS, 3, 1);
        return List.of(
                of("normalised", a -> Formulas.normalised(a[0]), p),
                of("normalised", a -> Formulas.normalised(a[0]), is(Role.LIKE, 2, 3)), // zeros stay zeros
                of("contrast", a -> one(Formulas.contrast(a[0], a[1], a[2], a[3].at())), p, p, labels, is(Role.SPREAD)),
                of(
                        "contrast",
                        a -> one(Formulas.contrast(a[0], a[1], a[2], a[3].at())),
                        p,
                        learns(6, 4),
                        labels,
                        is(Role.SPREAD)),
                of("crossEntropy", a -> one(Formulas.crossEntropy(a[0], a[1])), p, p),
                of("dot", a -> one(Values.dot(a[0], a[1])), p, p),
                of("deviation", a -> one(Formulas.deviation(a[0])), is(Role.FIXED, 5, 3)),
                of("detached", a -> a[0], is(Role.FIXED, 5, 3)));
    }

    /** The same array in the engine. */
    static NDArray engine(NDManager manager, Values values) {
        return manager.create(
                values.entries(),
                new Shape(IntStream.of(values.sizes()).asLongStream().toArray()));
    }
}
