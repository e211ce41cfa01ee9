package io.mocozoo.runtime;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Objects;

/** Single-precision numbers of a shape, row-major; immutable. */
public final class Tensor {
    private final int[] shape;
    private final float[] values;

    private Tensor(float[] values, int[] shape) {
        this.values = values;
        this.shape = shape;
    }

    /**
     * A tensor of these values.
     *
     * @param values row-major; copied
     * @param shape sizes; their product is the number of values
     * @throws IllegalArgumentException if it is not
     */
    public static Tensor of(float[] values, int... shape) {
        return owning(values.clone(), shape.clone());
    }

    /** The same without copies, for arrays that nobody else will write. */
    static Tensor owning(float[] values, int... shape) {
        if (elements(shape) != values.length) {
            throw new IllegalArgumentException(
                    "shape " + Arrays.toString(shape) + " does not hold " + values.length + " values");
        }
        return new Tensor(values, shape);
    }

    /** Zeros of a shape. */
    public static Tensor zeros(int... shape) {
        return owning(new float[Math.toIntExact(elements(shape))], shape.clone());
    }

    private static long elements(int[] shape) {
        long count = 1;
        for (int size : shape) {
            if (size < 0) {
                throw new IllegalArgumentException("a size must not be negative, found " + Arrays.toString(shape));
            }
            count = Math.multiplyExact(count, (long) size);
        }
        return count;
    }

    /** Sizes, the outermost first; a copy. */
    public int[] shape() {
        return shape.clone();
    }

    /** Number of axes. */
    public int rank() {
        return shape.length;
    }

    /** The size of one axis. */
    public int size(int axis) {
        return shape[axis];
    }

    /** Number of values. */
    public int elementCount() {
        return values.length;
    }

    /** All values, row-major; a copy. */
    public float[] toArray() {
        return values.clone();
    }

    /** All values, row-major; a read-only view. */
    public FloatBuffer buffer() {
        return FloatBuffer.wrap(values).asReadOnlyBuffer();
    }

    /**
     * Entry i of the first axis as a tensor of one axis less.
     *
     * @throws IndexOutOfBoundsException if there is none
     */
    public Tensor row(int i) {
        Objects.checkIndex(i, shape[0]);
        int[] rest = Arrays.copyOfRange(shape, 1, shape.length);
        int each = Math.toIntExact(elements(rest));
        return owning(Arrays.copyOfRange(values, i * each, (i + 1) * each), rest);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Tensor that && Arrays.equals(shape, that.shape) && Arrays.equals(values, that.values);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(shape) * 31 + Arrays.hashCode(values);
    }

    @Override
    public String toString() {
        return "Tensor" + Arrays.toString(shape);
    }
}
