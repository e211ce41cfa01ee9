package io.mocozoo.checkpoint;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** A tensor whose elements lie in memory, row-major and little-endian. */
final class HeapTensor implements StoredTensor {
    private final DType dtype;
    private final int[] shape;
    private final ByteBuffer bytes;

    private HeapTensor(DType dtype, int[] shape, ByteBuffer bytes) {
        this.dtype = dtype;
        this.shape = shape.clone();
        this.bytes = bytes;
        if (Shapes.elementCount(shape) * dtype.bytes() != bytes.capacity()) {
            throw new IllegalArgumentException("shape " + Arrays.toString(shape) + " takes "
                    + Shapes.elementCount(shape) + " elements, found " + bytes.capacity() / dtype.bytes());
        }
    }

    static HeapTensor ofFloats(float[] values, int[] shape) {
        ByteBuffer bytes = allocate(values.length, DType.FLOAT32);
        bytes.asFloatBuffer().put(values);
        return new HeapTensor(DType.FLOAT32, shape, bytes);
    }

    static HeapTensor ofLongs(long[] values, int[] shape) {
        ByteBuffer bytes = allocate(values.length, DType.INT64);
        bytes.asLongBuffer().put(values);
        return new HeapTensor(DType.INT64, shape, bytes);
    }

    static HeapTensor ofBytes(DType dtype, ByteBuffer values, int[] shape) {
        ByteBuffer bytes =
                ByteBuffer.allocate(values.remaining()).put(values.duplicate()).flip();
        return new HeapTensor(dtype, shape, bytes.order(ByteOrder.LITTLE_ENDIAN));
    }

    private static ByteBuffer allocate(int elements, DType dtype) {
        return ByteBuffer.allocate(Math.multiplyExact(elements, dtype.bytes())).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public DType dtype() {
        return dtype;
    }

    @Override
    public int[] shape() {
        return shape.clone();
    }

    @Override
    public long elementCount() {
        return bytes.capacity() / dtype.bytes();
    }

    @Override
    public float[] toFloats() {
        float[] values = new float[bytes.capacity() / dtype.bytes()];
        Floats.decode(dtype, toBytes(), values, 0);
        return values;
    }

    @Override
    public ByteBuffer toBytes() {
        return bytes.asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }
}
