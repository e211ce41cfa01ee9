package io.mocozoo.train.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.mocozoo.train.torch.TorchFunctions;

/**
 * Cross-entropy with soft targets, the mean over the batch of -sum t log softmax(x); targets may be smoothed.
 *
 * @param smoothing share e of a target spread over all classes: t becomes t (1 - e) + e / classes
 */
public record CrossEntropy(double smoothing) {
    public CrossEntropy {
        if (!(smoothing >= 0 && smoothing < 1)) {
            throw new IllegalArgumentException("smoothing must be in [0, 1), found " + smoothing);
        }
    }

    /**
     * The loss of a batch.
     *
     * @param step owns the result
     * @param logits [n, classes]
     * @param targets probabilities, row-major, [n, classes]
     * @return a scalar, in nats
     */
    public NDArray loss(TorchFunctions torch, NDManager step, NDArray logits, double... targets) {
        long classes = logits.getShape().get(1);
        double[] smooth = targets.clone();
        for (int i = 0; i < smooth.length; i++) {
            smooth[i] = smooth[i] * (1 - smoothing) + smoothing / classes;
        }
        NDArray t = step.create(smooth, new Shape(logits.getShape().get(0), classes));
        NDArray same = logits.getDataType() == DataType.FLOAT64 ? t : t.toType(logits.getDataType(), false);
        return torch.call(step, "crossEntropy", logits, same);
    }
}
