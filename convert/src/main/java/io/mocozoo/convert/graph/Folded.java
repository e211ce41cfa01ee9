package io.mocozoo.convert.graph;

import java.io.IOException;

/**
 * A batch norm folded into the affine layer before it: with s = gamma / sqrt(variance + epsilon), the layer's weights
 * become w s and its bias beta + (b - mean) s, per output channel. In double precision, rounded once.
 */
record Folded(Weights weights, String layer, boolean biased, String norm, int channels, boolean affine) {
    static final double EPSILON = 1e-5;

    private double[] scale() throws IOException {
        float[] variance = weights.floats(norm + ".running_var");
        double[] scale = new double[channels];
        for (int c = 0; c < channels; c++) {
            scale[c] = 1 / Math.sqrt(variance[c] + EPSILON);
        }
        if (affine) {
            float[] gamma = weights.floats(norm + ".weight");
            for (int c = 0; c < channels; c++) {
                scale[c] *= gamma[c];
            }
        }
        return scale;
    }

    float[] weight() throws IOException {
        float[] w = weights.floats(layer + ".weight");
        double[] scale = scale();
        int each = w.length / channels;
        for (int c = 0, i = 0; c < channels; c++) {
            for (int end = i + each; i < end; i++) {
                w[i] = (float) (w[i] * scale[c]);
            }
        }
        return w;
    }

    float[] bias() throws IOException {
        double[] scale = scale();
        float[] mean = weights.floats(norm + ".running_mean");
        float[] own = biased ? weights.floats(layer + ".bias") : new float[channels];
        float[] beta = affine ? weights.floats(norm + ".bias") : new float[channels];
        float[] b = new float[channels];
        for (int c = 0; c < channels; c++) {
            b[c] = (float) (beta[c] + (own[c] - (double) mean[c]) * scale[c]);
        }
        return b;
    }
}
