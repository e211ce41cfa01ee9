package io.mocozoo.train.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.mocozoo.train.torch.TorchFunctions;
import java.util.Collection;

/** Gradients scaled down together where their common length is too large. */
public final class NormClip {
    private NormClip() {}

    /** The L2 norm over all gradients. */
    public static double norm(TorchFunctions torch, NDManager step, Collection<NDArray> gradients) {
        NDArray norms = torch.update(step, "norms", new TorchFunctions.Lists().list("g", gradients));
        double square = 0;
        for (double one : norms.toType(DataType.FLOAT64, false).toDoubleArray()) {
            square += one * one;
        }
        return Math.sqrt(square);
    }

    /** Multiplies every gradient by min(1, largest / (norm + 1e-6)). */
    public static void clip(
            TorchFunctions torch, NDManager step, Collection<NDArray> gradients, double norm, double largest) {
        double factor = Math.min(1, largest / (norm + 1e-6));
        if (factor < 1) {
            scale(torch, step, gradients, factor);
        }
    }

    /** Multiplies every gradient. */
    public static void scale(TorchFunctions torch, NDManager step, Collection<NDArray> gradients, double factor) {
        torch.update(
                step, "scale", new TorchFunctions.Lists().list("g", gradients).one(step.create(factor)));
    }
}
