package io.mocozoo.train;

import io.mocozoo.network.Ops;
import io.mocozoo.network.Output;
import java.util.function.Predicate;

/**
 * A network of which some layers are run in another way: they stand still while the others learn.
 *
 * @param scope of the state-dict keys
 * @param isStill by key, or by scope for operations that have none
 * @param still runs what stands still
 * @param learning runs the rest, and keeps the named results
 */
record StagedOps<T>(String scope, Predicate<String> isStill, Ops<T> still, Ops<T> learning) implements Ops<T> {
    private Ops<T> of(String key) {
        return isStill.test(scope + key) ? still : learning;
    }

    @Override
    public Ops<T> at(String below) {
        return new StagedOps<>(scope + below + ".", isStill, still.at(below), learning.at(below));
    }

    @Override
    public T conv2d(String key, T x, int in, int out, int kernel, int stride, int padding, boolean bias) {
        return of(key).conv2d(key, x, in, out, kernel, stride, padding, bias);
    }

    @Override
    public T batchNorm(String key, T x, int channels, boolean affine) {
        return of(key).batchNorm(key, x, channels, affine);
    }

    @Override
    public T layerNorm(String key, T x, int width, double epsilon) {
        return of(key).layerNorm(key, x, width, epsilon);
    }

    @Override
    public T linear(String key, T x, int in, int out, boolean bias) {
        return of(key).linear(key, x, in, out, bias);
    }

    @Override
    public T linearMap(String key, T x, int in, int out) {
        return of(key).linearMap(key, x, in, out);
    }

    @Override
    public T selfAttention(String key, T x, int width, int heads) {
        return of(key).selfAttention(key, x, width, heads);
    }

    @Override
    public T classAttention(String key, T x, int width, int heads) {
        return of(key).classAttention(key, x, width, heads);
    }

    @Override
    public T patchTokens(T image, int width, int patch, int grid) {
        return of("patch_embed").patchTokens(image, width, patch, grid);
    }

    @Override
    public T relu(T x) {
        return of("").relu(x);
    }

    @Override
    public T gelu(T x) {
        return of("").gelu(x);
    }

    @Override
    public T maxPool(T x, int kernel, int stride, int padding) {
        return of("").maxPool(x, kernel, stride, padding);
    }

    @Override
    public T globalAveragePool(T x) {
        return of("").globalAveragePool(x);
    }

    @Override
    public T token(T x, int index) {
        return of("").token(x, index);
    }

    @Override
    public T residual(T x, T branch, double depth) {
        return of("").residual(x, branch, depth);
    }

    @Override
    public T output(Output name, T x) {
        return learning.output(name, x);
    }

    @Override
    public boolean wants(Output name) {
        return learning.wants(name);
    }
}
