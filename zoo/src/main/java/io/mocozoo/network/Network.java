package io.mocozoo.network;

import java.util.EnumSet;
import java.util.Set;

/** A whole network: a backbone and what stands on it. */
public sealed interface Network permits Classifier, MocoV3 {
    /** The encoder. */
    Backbone backbone();

    /** Runs the network, naming every result it has; image is [n, 3, h, w], normalised. */
    <T> void forward(Ops<T> ops, T image);

    /** The results given unless others are asked for. */
    Set<Output> defaultOutputs();

    /** Where the published FLOPs are read. */
    Output costAt();

    /** Every result this network can give. */
    default Set<Output> outputs() {
        EnumSet<Output> all = EnumSet.copyOf(defaultOutputs());
        all.addAll(backbone().extras());
        return all;
    }
}
