package io.mocozoo.train.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.mocozoo.network.Ops;
import io.mocozoo.network.Output;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * The layers over arrays, forwards and, by the engine's gradients, backwards. Everything a step computes belongs to
 * the step's manager and dies with it.
 */
public final class TorchOps implements Ops<NDArray> {
    private static final int COLOURS = 3;

    private final TorchFunctions functions;
    private final NDManager step;
    private final Parameters parameters;
    private final Pass pass;
    private final Precision precision;
    private final String scope;
    private final Set<Output> wanted;
    private final Map<Output, NDArray> results;
    private final DropPath dropPath;

    /**
     * Branches of residual blocks left out at random, for each image by itself.
     *
     * @param rate of the last block; the first is never left out, those between in proportion
     * @param random decides
     */
    public record DropPath(double rate, RandomGenerator random) {
        /** Nothing is left out. */
        public static final DropPath NONE = new DropPath(0, new SplittableRandom(0));

        public DropPath {
            if (!(rate >= 0 && rate < 1)) {
                throw new IllegalArgumentException("the rate of drop path must be in [0, 1), found " + rate);
            }
        }
    }

    /**
     * An interpreter for one step.
     *
     * @param step owner of what is computed
     * @param pass what the forward pass is for
     * @param precision of products of matrices
     * @param dropPath which branches are left out
     */
    public TorchOps(
            TorchFunctions functions,
            NDManager step,
            Parameters parameters,
            Pass pass,
            Precision precision,
            DropPath dropPath) {
        this(
                functions,
                step,
                parameters,
                pass,
                precision,
                dropPath,
                "",
                EnumSet.noneOf(Output.class),
                new EnumMap<>(Output.class));
    }

    private TorchOps(
            TorchFunctions functions,
            NDManager step,
            Parameters parameters,
            Pass pass,
            Precision precision,
            DropPath dropPath,
            String scope,
            Set<Output> wanted,
            Map<Output, NDArray> results) {
        this.functions = functions;
        this.step = step;
        this.parameters = parameters;
        this.pass = pass;
        this.precision = precision;
        this.dropPath = dropPath;
        this.scope = scope;
        this.wanted = wanted;
        this.results = results;
    }

    /** The results the network has named so far. */
    public Map<Output, NDArray> results() {
        return results;
    }

    /** The owner of what is computed. */
    NDManager manager() {
        return step;
    }

    NDArray call(String function, NDArray... arguments) {
        return pass.gradients()
                ? functions.call(step, function, arguments)
                : functions.value(step, function, arguments);
    }

    private NDArray product(String function, NDArray... arguments) {
        return call(function + precision.suffix(), arguments);
    }

    private NDArray own(String key) {
        return parameters.get(scope + key);
    }

    /** An array whose first size stands for a number: functions take arrays alone. */
    private NDArray number(int value) {
        return step.zeros(new Shape(value));
    }

    /** A multiple, in the precision of x. */
    NDArray times(NDArray x, double factor) {
        NDArray scalar = x.getDataType() == DataType.FLOAT64
                ? step.create(factor)
                : step.create((float) factor).toType(x.getDataType(), false);
        return call("multiply", x, scalar);
    }

    @Override
    public TorchOps at(String below) {
        return new TorchOps(
                functions, step, parameters, pass, precision, dropPath, scope + below + ".", wanted, results);
    }

    @Override
    public NDArray conv2d(String key, NDArray x, int in, int out, int kernel, int stride, int padding, boolean bias) {
        if (padding != kernel / 2 || stride < 1 || stride > 2) {
            throw new IllegalArgumentException("a convolution of kernel " + kernel + ", stride " + stride + ", padding "
                    + padding + " is not one of ours: padding must be half the kernel, stride 1 or 2");
        }
        NDArray laid = in == COLOURS ? call("channelsLast", x) : x; // what follows keeps the layout it is given
        return bias
                ? product("convBias" + stride, laid, own(key + ".weight"), own(key + ".bias"))
                : product("conv" + stride, laid, own(key + ".weight"));
    }

    @Override
    public NDArray batchNorm(String key, NDArray x, int channels, boolean affine) {
        NDArray mean = own(key + ".running_mean");
        NDArray variance = own(key + ".running_var");
        if (pass.movesStatistics()) {
            functions.update(
                    step, "count", new TorchFunctions.Lists().list("g", List.of(own(key + ".num_batches_tracked"))));
        }
        String affinity = affine ? "batchNorm" : "batchNormPlain";
        List<NDArray> arguments = new ArrayList<>(List.of(x));
        if (affine) {
            arguments.addAll(List.of(own(key + ".weight"), own(key + ".bias")));
        }
        if (pass.batchStatistics() && !pass.movesStatistics()) {
            return call(affinity + "Again", arguments.toArray(NDArray[]::new));
        }
        arguments.addAll(List.of(mean, variance));
        return call(affinity + (pass.batchStatistics() ? "" : "Eval"), arguments.toArray(NDArray[]::new));
    }

    /**
     * What replicas found together.
     *
     * @param mean of each channel, over the images of all
     * @param variance of each channel: the mean square of what differs from that mean
     * @param replicas whose images they are
     */
    record Statistics(NDArray mean, NDArray variance, int replicas) {}

    /** Batch norm by the statistics of all replicas. */
    NDArray batchNorm(String key, NDArray x, Statistics statistics, boolean affine) {
        if (pass.movesStatistics()) {
            functions.update(
                    step, "count", new TorchFunctions.Lists().list("g", List.of(own(key + ".num_batches_tracked"))));
            double n = (double) x.getShape().size() / x.getShape().get(1) * statistics.replicas();
            NDArray unbiased = times(statistics.variance(), n / (n - 1));
            functions.update(
                    step,
                    "average",
                    new TorchFunctions.Lists()
                            .list("a", List.of(own(key + ".running_mean"), own(key + ".running_var")))
                            .list("b", List.of(statistics.mean(), unbiased))
                            .one(step.create(0.1)));
        }
        return affine
                ? call(
                        "batchNormShared",
                        x,
                        statistics.mean(),
                        statistics.variance(),
                        own(key + ".weight"),
                        own(key + ".bias"))
                : call("batchNormSharedPlain", x, statistics.mean(), statistics.variance());
    }

    @Override
    public NDArray layerNorm(String key, NDArray x, int width, double epsilon) {
        if (epsilon != 1e-6) {
            throw new IllegalArgumentException("our layer norms have epsilon 1e-6, found " + epsilon);
        }
        return call("layerNorm", x, own(key + ".weight"), own(key + ".bias"));
    }

    @Override
    public NDArray linear(String key, NDArray x, int in, int out, boolean bias) {
        return bias
                ? product("linearBias", x, own(key + ".weight"), own(key + ".bias"))
                : product("linear", x, own(key + ".weight"));
    }

    @Override
    public NDArray linearMap(String key, NDArray x, int in, int out) {
        throw new UnsupportedOperationException("class maps are looked at in a converted model, not while training");
    }

    @Override
    public NDArray selfAttention(String key, NDArray x, int width, int heads) {
        TorchOps at = at(key);
        NDArray qkv = at.linear("qkv", x, width, 3 * width, true);
        return at.linear("proj", product("attention", qkv, number(heads)), width, width, true);
    }

    @Override
    public NDArray classAttention(String key, NDArray x, int width, int heads) {
        throw new UnsupportedOperationException(
                "attention maps are looked at in a converted model, not while training");
    }

    @Override
    public NDArray patchTokens(NDArray image, int width, int patch, int grid) {
        NDArray weight = own("patch_embed.projection.weight");
        NDArray patches = product("patches", call("pad", image, weight), weight, own("patch_embed.projection.bias"));
        NDArray positions = own("pos_embed");
        if (patches.getShape().get(2) != grid || patches.getShape().get(3) != grid) {
            positions = call("resized", positions, patches, number(grid));
        }
        return call("tokens", patches, own("cls_token"), positions);
    }

    @Override
    public NDArray relu(NDArray x) {
        return call("relu", x);
    }

    @Override
    public NDArray gelu(NDArray x) {
        return call("gelu", x);
    }

    @Override
    public NDArray maxPool(NDArray x, int kernel, int stride, int padding) {
        if (kernel != 3 || stride != 2 || padding != 1) {
            throw new IllegalArgumentException("our max pooling is 3x3, stride 2, padding 1");
        }
        return call("maxPool", x);
    }

    @Override
    public NDArray globalAveragePool(NDArray x) {
        return call("mean", x);
    }

    @Override
    public NDArray token(NDArray x, int index) {
        return call("token", x, number(index + 1));
    }

    @Override
    public NDArray residual(NDArray x, NDArray branch, double depth) {
        double keep = 1 - dropPath.rate() * depth;
        if (keep == 1) {
            return call("add", x, branch);
        }
        int n = Math.toIntExact(branch.getShape().get(0));
        float[] factors = new float[n];
        for (int i = 0; i < n; i++) {
            factors[i] = dropPath.random().nextDouble() < keep ? (float) (1 / keep) : 0;
        }
        long[] sizes = new long[branch.getShape().dimension()];
        Arrays.fill(sizes, 1);
        sizes[0] = n;
        NDArray mask = step.create(factors, new Shape(sizes)).toType(branch.getDataType(), false);
        return call("add", x, call("multiply", branch, mask));
    }

    @Override
    public NDArray output(Output name, NDArray x) {
        results.put(name, x);
        return x;
    }

    @Override
    public boolean wants(Output name) {
        return wanted.contains(name);
    }
}
