package io.mocozoo.checkpoint;

/** The arithmetic of tensor sizes and strides. */
final class Shapes {
    private Shapes() {}

    /**
     * The product of the sizes, 0 as soon as one of them is 0.
     *
     * @throws ArithmeticException if it does not fit 64 bits
     * @throws IllegalArgumentException if a size is negative
     */
    static long elementCount(int[] shape) {
        long count = 1;
        boolean empty = false;
        for (int size : shape) {
            if (size < 0) {
                throw new IllegalArgumentException("a size must not be negative, found " + size);
            }
            empty |= size == 0;
            count = empty ? 0 : Math.multiplyExact(count, (long) size);
        }
        return count;
    }

    /** The strides of a row-major tensor, in elements. */
    static long[] rowMajor(int[] shape) {
        long[] strides = new long[shape.length];
        long stride = 1;
        for (int d = shape.length - 1; d >= 0; d--) {
            strides[d] = stride;
            stride *= Math.max(1, shape[d]);
        }
        return strides;
    }

    /** Whether elements lie in row-major order without gaps; the stride of a dimension of size 1 says nothing. */
    static boolean isContiguous(int[] shape, long[] strides) {
        long expected = 1;
        boolean contiguous = true;
        for (int d = shape.length - 1; d >= 0; d--) {
            if (shape[d] == 0) {
                return true; // no elements, whatever the strides
            }
            contiguous &= shape[d] == 1 || strides[d] == expected;
            expected *= shape[d];
        }
        return contiguous;
    }
}
