package io.mocozoo.convert.graph;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A value of a graph under construction: a name, or an affine layer that is still open for the batch norm that may
 * follow it and becomes a node when anything else asks for its name.
 */
final class Value {
    private final int rank;
    private final @Nullable Open open;
    private @Nullable String name;

    private Value(int rank, @Nullable String name, @Nullable Open open) {
        this.rank = rank;
        this.name = name;
        this.open = open;
    }

    static Value named(String name, int rank) {
        return new Value(rank, name, null);
    }

    static Value open(int rank, Open layer) {
        return new Value(rank, null, layer);
    }

    /** Axes, the batch included. */
    int rank() {
        return rank;
    }

    /** The name; emits an open layer as it is. */
    String name() {
        if (name == null && open != null) {
            name = open.emit.apply(null);
        }
        if (name == null) {
            throw new IllegalStateException("a value has neither name nor layer");
        }
        return name;
    }

    /** The layer, if it is still open. */
    @Nullable
    Open layer() {
        return name == null ? open : null;
    }

    /**
     * An affine layer not yet emitted.
     *
     * @param key of the layer
     * @param bias whether it has one
     * @param emit makes the node, with the weights of a folded norm or its own
     */
    record Open(String key, boolean bias, Function<@Nullable Folded, String> emit) {}
}
