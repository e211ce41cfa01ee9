package io.mocozoo.network;

/**
 * The non-linear neck of MoCo v3, used as projector and as predictor: linear layers without bias, each but the last
 * followed by batch norm and ReLU, the last by a batch norm without weight and bias if asked for.
 *
 * @param layers linear layers
 * @param hidden width between them
 * @param out width of the result
 * @param lastNorm whether a batch norm without affine parameters ends it
 * @see <a href="https://arxiv.org/abs/2104.02057">Chen et al. 2021, section 4.3</a>
 */
public record Mlp(int layers, int hidden, int out, boolean lastNorm) {
    public Mlp {
        Checks.positive("layers", layers, Checks.MOST_LAYERS);
        Checks.positive("hidden", hidden, Checks.WIDEST);
        Checks.positive("out", out, Checks.WIDEST);
    }

    /** [n, in] to [n, out]; keys {@code fc0, bn0, fc1, ...} below the scope. */
    public <T> T forward(Ops<T> ops, T x, int in) {
        for (int i = 0; i < layers; i++) {
            boolean last = i == layers - 1;
            int width = last ? out : hidden;
            x = ops.linear("fc" + i, x, i == 0 ? in : hidden, width, false);
            if (!last) {
                x = ops.relu(ops.batchNorm("bn" + i, x, width, true));
            } else if (lastNorm) {
                x = ops.batchNorm("bn" + i, x, width, false);
            }
        }
        return x;
    }
}
