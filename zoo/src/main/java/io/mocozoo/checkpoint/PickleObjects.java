package io.mocozoo.checkpoint;

import io.mocozoo.checkpoint.PickleValues.Global;
import io.mocozoo.checkpoint.PickleValues.PyTuple;

/** What the names in a pickle mean. Implementations make data; they never look up a class and never call anything. */
interface PickleObjects {
    /** A name was read; remembered if it is not known. */
    Global global(String module, String name, Where where) throws CheckpointFormatException;

    /** What calling {@code global} would have made. */
    Object reduce(Global global, PyTuple arguments, Where where) throws CheckpointFormatException;

    /** What a persistent id stands for. */
    Object persistent(Object id, Where where) throws CheckpointFormatException;
}
