package io.mocozoo.network;

import java.util.List;

/**
 * A vision transformer with pre-norm layers and a class token, as MoCo v3 uses it.
 *
 * <p>Layer norms use epsilon 1e-6. The published small model has 12 heads, not 6: six load just as well and are
 * silently wrong.
 *
 * @param embedDim width d of a token; a multiple of the heads, and of 4 for sin-cos positions
 * @param depth layers
 * @param heads attention heads
 * @param mlpDim width of the hidden layer of each feed-forward network
 * @param patch side of a square patch, in pixels
 * @param imageSize side of the square images the positions are made for, in pixels
 * @param positions how the position embedding comes about
 * @see <a href="https://arxiv.org/abs/2104.02057">Chen et al. 2021, section 5</a>
 */
public record VisionTransformer(
        int embedDim, int depth, int heads, int mlpDim, int patch, int imageSize, Positions positions)
        implements Backbone {
    private static final double EPSILON = 1e-6;

    public VisionTransformer {
        Checks.positive("embedDim", embedDim, Checks.WIDEST);
        Checks.positive("depth", depth, Checks.MOST_LAYERS);
        Checks.positive("heads", heads, Checks.WIDEST);
        Checks.positive("mlpDim", mlpDim, Checks.WIDEST);
        Checks.positive("patch", patch, Checks.LARGEST_SIDE);
        Checks.positive("imageSize", imageSize, Checks.LARGEST_SIDE);
        if (embedDim % heads != 0) {
            throw new IllegalArgumentException(
                    "embedDim must be a multiple of heads, found " + embedDim + " and " + heads);
        }
        if (positions == Positions.SINCOS && embedDim % 4 != 0) {
            throw new IllegalArgumentException(
                    "embedDim must be a multiple of 4 for sin-cos positions, found " + embedDim);
        }
    }

    /** Patches along one side of an image of {@link #imageSize}. */
    public int grid() {
        return (imageSize + patch - 1) / patch;
    }

    @Override
    public int width() {
        return embedDim;
    }

    @Override
    public String headKey() {
        return "head.layers.head";
    }

    @Override
    public int stages() {
        return depth;
    }

    @Override
    public int stage(String key) {
        String[] parts = key.split("\\.", -1);
        return switch (parts[0]) {
            case "layers" -> 1 + Integer.parseInt(parts[1]);
            case "ln1" -> depth;
            default -> 0;
        };
    }

    @Override
    public List<Output> extras() {
        return List.of(Output.TOKENS, Output.ATTENTION);
    }

    @Override
    public <T> T forward(Ops<T> ops, T image) {
        T x = ops.patchTokens(image, embedDim, patch, grid()); // [n, 3, h, w] -> [n, 1 + l, d]
        for (int i = 0; i < depth; i++) {
            x = layer(ops.at("layers." + i), x, i);
        }
        x = ops.layerNorm("ln1", x, embedDim, EPSILON);
        return ops.wants(Output.TOKENS) ? ops.token(ops.output(Output.TOKENS, x), 0) : x;
    }

    /**
     * One layer, [n, 1 + l, d] to the same; the last one gives the class token alone, [n, d], unless all tokens are
     * wanted: after its attention no token sees another, and the others would be thrown away.
     */
    private <T> T layer(Ops<T> ops, T x, int index) {
        boolean last = index == depth - 1;
        double at = index / (double) Math.max(1, depth - 1);
        T normed = ops.layerNorm("ln1", x, embedDim, EPSILON);
        if (last && ops.wants(Output.ATTENTION)) {
            ops.output(Output.ATTENTION, ops.classAttention("attn", normed, embedDim, heads));
        }
        x = ops.residual(x, ops.selfAttention("attn", normed, embedDim, heads), at);
        if (last && !ops.wants(Output.TOKENS)) {
            x = ops.token(x, 0);
        }
        T y = ops.layerNorm("ln2", x, embedDim, EPSILON);
        y = ops.gelu(ops.linear("ffn.layers.0.0", y, embedDim, mlpDim, true));
        y = ops.linear("ffn.layers.1", y, mlpDim, embedDim, true);
        return ops.residual(x, y, at);
    }

    @Override
    public <T> T pool(Ops<T> ops, T x) {
        return x;
    }
}
