package io.mocozoo.checkpoint;

import io.mocozoo.checkpoint.PickleValues.Global;
import io.mocozoo.checkpoint.PickleValues.Opaque;
import io.mocozoo.checkpoint.PickleValues.PyTuple;
import java.nio.ByteBuffer;

/** What the names in a pickle mean. Implementations make data; they never look up a class and never call anything. */
interface PickleObjects {
    /** A name was read; remembered if it is not known. */
    Global global(String module, String name, Where where) throws CheckpointFormatException;

    /** What calling {@code global} would have made. */
    Object reduce(Global global, PyTuple arguments, Where where) throws CheckpointFormatException;

    /** What bytes stand for, a view of the pickle; in a checkpoint no tensor lies in them. */
    default Object bytes(ByteBuffer bytes) {
        return new Opaque(bytes.remaining());
    }

    /** What a persistent id stands for. */
    Object persistent(Object id, Where where) throws CheckpointFormatException;
}
