package io.mocozoo.train.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.mocozoo.network.Ops;
import io.mocozoo.network.Output;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The layers over a batch whose rows are spread over replicas: a value is a list with every replica's part of it. All
 * layers but one see rows by themselves; batch norm takes its statistics from all replicas, so that n replicas of b images
 * compute what one of n * b does.
 */
public final class ReplicatedOps implements Ops<List<NDArray>> {
    private final List<TorchOps> parts;
    private final Pass pass;
    private final Collective collective;

    ReplicatedOps(List<TorchOps> parts, Pass pass, Collective collective) {
        this.parts = List.copyOf(parts);
        this.pass = pass;
        this.collective = collective;
    }

    /** A computation of one replica. */
    private interface Part {
        NDArray of(TorchOps ops, NDArray x);
    }

    /** A computation of one replica from two of its values. */
    private interface Pair {
        NDArray of(TorchOps ops, NDArray x, NDArray y);
    }

    private List<NDArray> pairs(List<NDArray> x, List<NDArray> y, Pair pair) {
        List<NDArray> results = new ArrayList<>(parts.size());
        for (int i = 0; i < parts.size(); i++) {
            results.add(pair.of(parts.get(i), x.get(i), y.get(i)));
        }
        return results;
    }

    private List<NDArray> each(List<NDArray> x, Part part) {
        List<NDArray> results = new ArrayList<>(parts.size());
        for (int i = 0; i < parts.size(); i++) {
            results.add(part.of(parts.get(i), x.get(i)));
        }
        return results;
    }

    /** Who owns what a replica computes. */
    public NDManager manager(int replica) {
        return parts.get(replica).manager();
    }

    /** What the network has named so far, of a replica. */
    public Map<Output, NDArray> results(int replica) {
        return parts.get(replica).results();
    }

    /** The same values without a past: no gradient flows through them. */
    public List<NDArray> detached(List<NDArray> x) {
        return each(x, (ops, own) -> ops.call("detached", own));
    }

    /** Sums, part by part. */
    public List<NDArray> sum(List<NDArray> x, List<NDArray> y) {
        return pairs(x, y, (ops, a, b) -> ops.call("add", a, b));
    }

    /** Each part's sum of products, a scalar. */
    public List<NDArray> dot(List<NDArray> x, List<NDArray> y) {
        return pairs(x, y, (ops, a, b) -> ops.call("dot", a, b));
    }

    /** The sum over this process's replicas of a scalar each, where the first one lies. */
    public NDArray total(List<NDArray> scalars) {
        NDArray total = scalars.get(0);
        for (NDArray other : scalars.subList(1, scalars.size())) {
            total = parts.get(0).call("add", total, LocalCollective.moved(other, total));
        }
        return total;
    }

    /** A share of a scalar of the first replica. */
    public NDArray share(NDArray scalar, double factor) {
        return factor == 1 ? scalar : parts.get(0).times(scalar, factor);
    }

    /** The mean over all replicas of a scalar each, where the first one lies. */
    public NDArray mean(List<NDArray> scalars) {
        if (collective.replicas() == 1) {
            return scalars.get(0);
        }
        NDArray sum = collective.allReduce(scalars).get(0);
        return parts.get(0).times(sum, 1.0 / collective.replicas());
    }

    @Override
    public ReplicatedOps at(String scope) {
        return new ReplicatedOps(parts.stream().map(ops -> ops.at(scope)).toList(), pass, collective);
    }

    @Override
    public List<NDArray> batchNorm(String key, List<NDArray> x, int channels, boolean affine) {
        if (collective.replicas() == 1 || !pass.batchStatistics()) {
            return each(x, (ops, own) -> ops.batchNorm(key, own, channels, affine));
        }
        List<NDArray> means = share(collective.allReduce(each(x, (ops, own) -> ops.call("channelMean", own))));
        List<NDArray> variances =
                share(collective.allReduce(pairs(x, means, (ops, own, mean) -> ops.call("channelSpread", own, mean))));
        List<NDArray> results = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            TorchOps.Statistics statistics =
                    new TorchOps.Statistics(means.get(i), variances.get(i), collective.replicas());
            results.add(parts.get(i).batchNorm(key, x.get(i), statistics, affine));
        }
        return results;
    }

    private List<NDArray> share(List<NDArray> sums) {
        return each(sums, (ops, sum) -> ops.times(sum, 1.0 / collective.replicas()));
    }

    @Override
    public List<NDArray> conv2d(
            String key, List<NDArray> x, int in, int out, int kernel, int stride, int padding, boolean bias) {
        return each(x, (ops, own) -> ops.conv2d(key, own, in, out, kernel, stride, padding, bias));
    }

    @Override
    public List<NDArray> layerNorm(String key, List<NDArray> x, int width, double epsilon) {
        return each(x, (ops, own) -> ops.layerNorm(key, own, width, epsilon));
    }

    @Override
    public List<NDArray> linear(String key, List<NDArray> x, int in, int out, boolean bias) {
        return each(x, (ops, own) -> ops.linear(key, own, in, out, bias));
    }

    @Override
    public List<NDArray> linearMap(String key, List<NDArray> x, int in, int out) {
        return each(x, (ops, own) -> ops.linearMap(key, own, in, out));
    }

    @Override
    public List<NDArray> selfAttention(String key, List<NDArray> x, int width, int heads) {
        return each(x, (ops, own) -> ops.selfAttention(key, own, width, heads));
    }

    @Override
    public List<NDArray> classAttention(String key, List<NDArray> x, int width, int heads) {
        return each(x, (ops, own) -> ops.classAttention(key, own, width, heads));
    }

    @Override
    public List<NDArray> patchTokens(List<NDArray> image, int width, int patch, int grid) {
        return each(image, (ops, own) -> ops.patchTokens(own, width, patch, grid));
    }

    @Override
    public List<NDArray> relu(List<NDArray> x) {
        return each(x, TorchOps::relu);
    }

    @Override
    public List<NDArray> gelu(List<NDArray> x) {
        return each(x, TorchOps::gelu);
    }

    @Override
    public List<NDArray> maxPool(List<NDArray> x, int kernel, int stride, int padding) {
        return each(x, (ops, own) -> ops.maxPool(own, kernel, stride, padding));
    }

    @Override
    public List<NDArray> globalAveragePool(List<NDArray> x) {
        return each(x, TorchOps::globalAveragePool);
    }

    @Override
    public List<NDArray> token(List<NDArray> x, int index) {
        return each(x, (ops, own) -> ops.token(own, index));
    }

    @Override
    public List<NDArray> residual(List<NDArray> x, List<NDArray> branch, double depth) {
        return pairs(x, branch, (ops, own, ownBranch) -> ops.residual(own, ownBranch, depth));
    }

    @Override
    public List<NDArray> output(Output name, List<NDArray> x) {
        return each(x, (ops, own) -> ops.output(name, own));
    }

    @Override
    public boolean wants(Output name) {
        return parts.get(0).wants(name);
    }
}
