package io.mocozoo.train;

import io.mocozoo.train.torch.Precision;
import java.util.OptionalDouble;

/**
 * How a step is computed, whatever it learns.
 *
 * @param precision of products of matrices
 * @param lossScale of that precision; moves on with every step
 * @param microBatch images the backbone sees at once, 0 for all. The gradient stays that of the whole batch, except where
 *     batch norms of the backbone take their statistics from each piece, or drop path draws in another order
 * @param part images, over all replicas, that have a loss of their own, 0 for all; the gradients of a batch's parts are averaged
 * @param largestNorm gradients longer than this together are scaled down
 */
public record Numbers(Precision precision, LossScale lossScale, int microBatch, int part, OptionalDouble largestNorm) {
    /** Single precision, the batch at once. */
    public static Numbers plain(OptionalDouble largestNorm) {
        return new Numbers(Precision.FP32, new LossScale(Precision.FP32), 0, 0, largestNorm);
    }
}
