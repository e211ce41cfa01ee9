package io.mocozoo.network;

/** Operations whose results go by no name: the momentum encoder's stages are not the model's. */
record Unnamed<T>(Ops<T> ops) implements Ops<T> {
    @Override
    public Ops<T> at(String scope) {
        return new Unnamed<>(ops.at(scope));
    }

    @Override
    public T output(Output name, T x) {
        return x;
    }

    @Override
    public boolean wants(Output name) {
        return false;
    }

    @Override
    public T conv2d(String key, T x, int in, int out, int kernel, int stride, int padding, boolean bias) {
        return ops.conv2d(key, x, in, out, kernel, stride, padding, bias);
    }

    @Override
    public T batchNorm(String key, T x, int channels, boolean affine) {
        return ops.batchNorm(key, x, channels, affine);
    }

    @Override
    public T layerNorm(String key, T x, int width, double epsilon) {
        return ops.layerNorm(key, x, width, epsilon);
    }

    @Override
    public T linear(String key, T x, int in, int out, boolean bias) {
        return ops.linear(key, x, in, out, bias);
    }

    @Override
    public T linearMap(String key, T x, int in, int out) {
        return ops.linearMap(key, x, in, out);
    }

    @Override
    public T selfAttention(String key, T x, int width, int heads) {
        return ops.selfAttention(key, x, width, heads);
    }

    @Override
    public T classAttention(String key, T x, int width, int heads) {
        return ops.classAttention(key, x, width, heads);
    }

    @Override
    public T patchTokens(T image, int width, int patch, int grid) {
        return ops.patchTokens(image, width, patch, grid);
    }

    @Override
    public T relu(T x) {
        return ops.relu(x);
    }

    @Override
    public T gelu(T x) {
        return ops.gelu(x);
    }

    @Override
    public T maxPool(T x, int kernel, int stride, int padding) {
        return ops.maxPool(x, kernel, stride, padding);
    }

    @Override
    public T globalAveragePool(T x) {
        return ops.globalAveragePool(x);
    }

    @Override
    public T token(T x, int index) {
        return ops.token(x, index);
    }

    @Override
    public T residual(T x, T branch, double depth) {
        return ops.residual(x, branch, depth);
    }
}
