package io.mocozoo.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import io.mocozoo.train.torch.ReplicatedOps;
import java.util.ArrayList;
import java.util.List;

/** A batch cut into pieces that fit into memory. */
final class Pieces {
    private Pieces() {}

    /**
     * Rows of a batch.
     *
     * @param from first row
     * @param to behind the last row
     */
    record Range(long from, long to) {
        /** These rows of an array, as a piece of their own that belongs to a manager. */
        NDArray of(NDArray batch, NDManager owner) {
            NDArray rows = batch.get(new NDIndex("{}:{}", from, to));
            rows.attach(owner);
            return rows;
        }

        /** These rows of every replica's array, as pieces that belong to those who compute with them. */
        List<NDArray> of(List<NDArray> batches, ReplicatedOps ops) {
            List<NDArray> rows = new ArrayList<>();
            for (int i = 0; i < batches.size(); i++) {
                rows.add(of(batches.get(i), ops.manager(i)));
            }
            return rows;
        }

        long size() {
            return to - from;
        }
    }

    /** Ranges of a number of rows that together are all of a batch; one range if the number is 0. */
    static List<Range> of(long batch, int rows) {
        if (rows == 0) {
            return List.of(new Range(0, batch));
        }
        List<Range> ranges = new ArrayList<>();
        for (long from = 0; from < batch; from += rows) {
            ranges.add(new Range(from, Math.min(batch, from + rows)));
        }
        return ranges;
    }
}
