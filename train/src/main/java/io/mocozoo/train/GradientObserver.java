package io.mocozoo.train;

import ai.djl.ndarray.NDArray;
import java.util.Map;

/** Looks at the gradients of a step before they are clipped and used. */
@FunctionalInterface
public interface GradientObserver {
    /** Sees them by parameter; they belong to the step. */
    void gradients(Map<String, NDArray> gradients);
}
