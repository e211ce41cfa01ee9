package io.mocozoo.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A tensor that lies in a file or in memory and is read when asked for. Tensors of a {@link Checkpoint} can be read
 * until it is closed, by several threads.
 */
public interface StoredTensor {
    /** The type of the elements as stored. */
    DType dtype();

    /** The sizes of the dimensions, outermost first, as a copy; empty for a scalar. */
    int[] shape();

    /** The product of {@link #shape()}: 1 for a scalar, 0 when a dimension is 0. */
    long elementCount();

    /**
     * All elements in row-major order as float32, in a new array. Integers and float64 are rounded to nearest, float16
     * and bfloat16 are exact, bool gives 0 and 1.
     *
     * @throws CheckpointFormatException if the stored bytes fail their checksum
     * @throws IllegalStateException if the checkpoint is closed, or the tensor has more elements than an array can
     */
    float[] toFloats() throws IOException;

    /**
     * All elements in row-major order, in their own type, little-endian: a view of the mapped file where the elements
     * lie like that, else a new buffer. Position 0, limit at the last byte, order little-endian.
     *
     * @throws CheckpointFormatException if the stored bytes fail their checksum
     * @throws IllegalStateException if the checkpoint is closed, or the tensor takes more than 2 GiB
     */
    ByteBuffer toBytes() throws IOException;

    /**
     * A float32 tensor in memory.
     *
     * @param values row-major, copied
     * @param shape the sizes of the dimensions; none for a scalar
     * @throws IllegalArgumentException if the shape does not hold that many values
     */
    static StoredTensor ofFloats(float[] values, int... shape) {
        return HeapTensor.ofFloats(values, shape);
    }

    /**
     * An int64 tensor in memory.
     *
     * @param values row-major, copied
     * @param shape the sizes of the dimensions; none for a scalar
     * @throws IllegalArgumentException if the shape does not hold that many values
     */
    static StoredTensor ofLongs(long[] values, int... shape) {
        return HeapTensor.ofLongs(values, shape);
    }

    /**
     * A tensor in memory of any type.
     *
     * @param dtype the type of the elements
     * @param bytes the elements, row-major, little-endian; copied from position to limit
     * @param shape the sizes of the dimensions; none for a scalar
     * @throws IllegalArgumentException if the shape does not hold that many bytes
     */
    static StoredTensor ofBytes(DType dtype, ByteBuffer bytes, int... shape) {
        return HeapTensor.ofBytes(dtype, bytes, shape);
    }
}
