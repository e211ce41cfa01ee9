package io.mocozoo.convert.graph;

/** How layers become operators. */
public enum GraphStyle {
    /** For use: batch norms folded into the layers before them, attention as one operator, weights in the order the
     * matrix product wants. */
    FUSED,
    /** For checking: every layer from elementary ONNX operators over the weights as they lie in the checkpoint. */
    PLAIN
}
