package io.mocozoo.train.torch;

import ai.djl.ndarray.NDArray;
import java.util.List;

/**
 * What the replicas of a training tell each other. A process holds one replica or several, and speaks for all of its own at
 * once: lists go by replica, in the order of their ranks, and every result lies where its replica's argument lies and
 * belongs to the same manager. Replicas take the same steps in the same order, over the same number of images each.
 */
public interface Collective {
    /** Replicas of the whole training, in all processes; at least 1. */
    int replicas();

    /** The rank of this process's first replica, from 0; its others follow. */
    int firstRank();

    /**
     * Sums over all replicas.
     *
     * @param own an array of every replica of this process, all of one shape
     * @return the sum, of the same shape, for every replica of this process; gradients flow back to every addend
     */
    List<NDArray> allReduce(List<NDArray> own);

    /**
     * The rows of all replicas.
     *
     * @param own rows of every replica of this process, [n, ...] each
     * @return [n * replicas, ...] in the order of ranks, for every replica of this process
     */
    List<NDArray> allGather(List<NDArray> own);
}
