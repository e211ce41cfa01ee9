package io.mocozoo.network;

/**
 * The layers our networks are made of, at the level where an exporter may fuse and a trainer may differentiate.
 *
 * <p>Keys are state-dict names relative to the scope made by {@link #at}; the layer {@code "conv1"} at
 * {@code "backbone"} owns {@code backbone.conv1.weight}. Shapes are given as n images, c channels, h x w pixels, l
 * tokens, d embedding width.
 *
 * @param <T> what flows between layers: a shape, a graph value, an array
 */
public interface Ops<T> {
    /** The same operations below a scope; {@code at("backbone").at("layer1.0")} reads {@code backbone.layer1.0.*}. */
    Ops<T> at(String scope);

    /** A convolution with equal padding on all sides, [n, in, h, w] to [n, out, h', w']. */
    T conv2d(String key, T x, int in, int out, int kernel, int stride, int padding, boolean bias);

    /** Batch normalisation with running statistics, epsilon 1e-5; [n, c, h, w] or [n, c]. */
    T batchNorm(String key, T x, int channels, boolean affine);

    /** Layer normalisation over the last axis. */
    T layerNorm(String key, T x, int width, double epsilon);

    /** An affine map of the last axis, [..., in] to [..., out]. */
    T linear(String key, T x, int in, int out, boolean bias);

    /**
     * The layer {@link #linear} reads, with its bias, at each pixel, [n, in, h, w] to [n, out, h, w]. Called only where
     * {@link #wants} asks for it.
     */
    T linearMap(String key, T x, int in, int out);

    /**
     * Multi-head self-attention with biased {@code qkv} and {@code proj} below the key, [n, l, d] to [n, l, d]. The
     * outputs of {@code qkv} are q, k, v, each head-major.
     */
    T selfAttention(String key, T x, int width, int heads);

    /**
     * The attention of token 0 to all tokens in the layer {@link #selfAttention} reads, after the softmax, [n, l, d]
     * to [n, heads, l]. Called only where {@link #wants} asks for it.
     */
    T classAttention(String key, T x, int width, int heads);

    /**
     * Images to tokens: zeros are added right and below up to a multiple of the patch, each patch is projected, the
     * class token goes first and positions (for grid x grid patches, resized bicubically for other sizes) are added;
     * [n, 3, h, w] to [n, 1 + l, width]. Reads {@code patch_embed.projection}, {@code cls_token}, {@code pos_embed}.
     */
    T patchTokens(T image, int width, int patch, int grid);

    /** max(x, 0). */
    T relu(T x);

    /** The exact GELU, x / 2 * (1 + erf(x / sqrt 2)). */
    T gelu(T x);

    /** The largest value of each window; the padding never wins. */
    T maxPool(T x, int kernel, int stride, int padding);

    /** The mean over h and w, [n, c, h, w] to [n, c]. */
    T globalAveragePool(T x);

    /** One token of each image, [n, l, d] to [n, d]. */
    T token(T x, int index);

    /**
     * x + branch.
     *
     * @param depth where the block stands, 0 for the first and 1 for the last; a trainer scales its drop path by it
     */
    T residual(T x, T branch, double depth);

    /** Names a value as a result; kept where asked for. Returns x. */
    T output(Output name, T x);

    /** Whether an output that costs extra work to compute is asked for. */
    boolean wants(Output name);
}
