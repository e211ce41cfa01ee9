package io.mocozoo.network;

import java.util.List;

/**
 * One entry of a network's state dict.
 *
 * @param name mmpretrain's key
 * @param shape sizes, empty for a scalar
 * @param kind what it is
 */
public record Key(String name, List<Integer> shape, Kind kind) {
    public Key {
        shape = List.copyOf(shape);
    }

    /** What an entry of a state dict is. */
    public enum Kind {
        /** Counted in Params, trained or frozen. */
        PARAMETER,
        /** A running statistic, float32. */
        STATISTIC,
        /** A counter, int64; nothing that runs a network reads it. */
        COUNTER
    }

    /** Values in it. */
    public long elements() {
        return shape.stream().mapToLong(Integer::longValue).reduce(1, Math::multiplyExact);
    }
}
