package io.mocozoo.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A tensor as torch means it: element [i, j, ...] lies at offset + i * stride0 + j * stride1 + ... of a storage. */
final class StridedTensor implements StoredTensor {
    private static final int CHUNK_ELEMENTS = 1 << 20;

    private final Storage storage;
    private final long offset;
    private final int[] shape;
    private final long[] strides;
    private final long elementCount;
    private final boolean contiguous;

    /** The caller has checked that every element lies in the storage. */
    StridedTensor(Storage storage, long offset, int[] shape, long[] strides) {
        this.storage = storage;
        this.offset = offset;
        this.shape = shape;
        this.strides = strides;
        this.elementCount = Shapes.elementCount(shape);
        this.contiguous = Shapes.isContiguous(shape, strides);
    }

    Storage storage() {
        return storage;
    }

    @Override
    public DType dtype() {
        return storage.dtype();
    }

    @Override
    public int[] shape() {
        return shape.clone();
    }

    @Override
    public long elementCount() {
        return elementCount;
    }

    @Override
    public float[] toFloats() throws IOException {
        float[] values = new float[arrayLength(elementCount, "floats")];
        int at = 0;
        while (at < values.length) {
            int count = Math.min(CHUNK_ELEMENTS, values.length - at);
            Floats.decode(dtype(), contiguous ? stored(at, count) : gathered(at, count), values, at);
            at += count;
        }
        return values;
    }

    @Override
    public ByteBuffer toBytes() throws IOException {
        int count = arrayLength(elementCount, "elements");
        arrayLength(Math.multiplyExact(elementCount, (long) dtype().bytes()), "bytes");
        ByteBuffer bytes = contiguous ? stored(0, count) : gathered(0, count);
        return bytes.order() == ByteOrder.LITTLE_ENDIAN ? bytes : swapped(bytes);
    }

    private static int arrayLength(long length, String unit) {
        if (length > Integer.MAX_VALUE - 8) {
            throw new IllegalStateException(
                    "a tensor of " + length + " " + unit + " is more than one array holds; expected at most 2^31 - 9");
        }
        return (int) length;
    }

    /** Elements of a contiguous tensor where they lie, in the byte order they are stored in. */
    private ByteBuffer stored(long from, int count) throws IOException {
        long first = count == 0 ? 0 : (offset + from) * dtype().bytes();
        return storage.bytes().slice(first, count * dtype().bytes()).order(storage.order());
    }

    /** Elements number {@code from} to {@code from + count} in row-major order, copied together. */
    private ByteBuffer gathered(long from, int count) throws IOException {
        int width = dtype().bytes();
        ByteBuffer out = ByteBuffer.allocate(count * width).order(storage.order());
        ByteRegion bytes = storage.bytes();
        long spanBytes = (span() + 1) * width;
        // One view over all elements where the map allows it; else one small view per element.
        ByteBuffer all = spanBytes <= Integer.MAX_VALUE && bytes.isInOnePiece(offset * width, spanBytes)
                ? bytes.slice(offset * width, (int) spanBytes)
                : null;
        int[] index = index(from);
        long at = 0;
        for (int d = 0; d < shape.length; d++) {
            at += index[d] * strides[d];
        }
        for (int i = 0; i < count; i++) {
            if (all != null) {
                out.put(i * width, all, (int) (at * width), width);
            } else {
                out.put(i * width, bytes.slice((offset + at) * width, width), 0, width);
            }
            at += advance(index);
        }
        return out;
    }

    /** The distance from the first to the last element in the storage. */
    private long span() {
        long last = 0;
        for (int d = 0; d < shape.length; d++) {
            last += (shape[d] - 1) * strides[d];
        }
        return last;
    }

    private int[] index(long number) {
        int[] index = new int[shape.length];
        long rest = number;
        for (int d = shape.length - 1; d >= 0; d--) {
            index[d] = (int) (rest % shape[d]);
            rest /= shape[d];
        }
        return index;
    }

    /** Steps to the next index in row-major order; returns how far that is in the storage. */
    private long advance(int[] index) {
        long step = 0;
        for (int d = shape.length - 1; d >= 0; d--) {
            if (++index[d] < shape[d]) {
                return step + strides[d];
            }
            step -= (index[d] - 1) * strides[d];
            index[d] = 0;
        }
        return step;
    }

    private ByteBuffer swapped(ByteBuffer big) {
        int width = dtype().bytes();
        ByteBuffer little = ByteBuffer.allocate(big.remaining()).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < little.capacity(); i++) {
            little.put(i, big.get(i - i % width + (width - 1 - i % width)));
        }
        return little;
    }
}
