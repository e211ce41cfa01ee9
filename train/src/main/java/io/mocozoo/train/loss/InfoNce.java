package io.mocozoo.train.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.mocozoo.train.torch.TorchFunctions;

/**
 * InfoNCE over a batch: row i of the queries should match row i of this process's keys and no other. Symmetrised by
 * the caller.
 *
 * @param temperature divides the cosine similarities; the loss is scaled by twice of it
 * @see <a href="https://arxiv.org/abs/2104.02057">Chen et al. 2021, algorithm 1</a>
 */
public record InfoNce(double temperature) {
    public InfoNce {
        if (!(temperature > 0)) {
            throw new IllegalArgumentException("the temperature must be positive, found " + temperature);
        }
    }

    /**
     * The loss of a batch.
     *
     * @param step owns the result
     * @param queries predictions of the online encoder, [n, d], any length; normalised here
     * @param keys projections of the momentum encoder of all replicas in their order, [n * replicas, d]; carry no
     *     gradient; normalised here
     * @param replica which of the replicas the queries are of
     * @return a scalar, in nats, scaled by twice the temperature
     */
    public NDArray loss(TorchFunctions torch, NDManager step, NDArray queries, NDArray keys, int replica) {
        long n = queries.getShape().get(0);
        NDArray labels =
                step.arange(0, (int) n, 1, DataType.INT64).add(n * replica).reshape(new Shape(n, 1));
        NDArray scale = queries.getDataType() == DataType.FLOAT64
                ? step.create(temperature) // 0.2 has no exact single
                : step.create((float) temperature).toType(queries.getDataType(), false);
        NDArray q = torch.call(step, "normalised", queries);
        NDArray k = torch.call(step, "normalised", torch.call(step, "detached", keys));
        return torch.call(step, "contrast", q, k, labels, scale);
    }
}
