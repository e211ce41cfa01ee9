package io.mocozoo.checkpoint;

import io.mocozoo.checkpoint.PickleValues.PyTuple;

/** Checks that a tensor's offset, sizes and strides, as a pickle gives them, stay within its storage. */
final class TensorLayout {
    private static final int MOST_DIMENSIONS = 64;

    private TensorLayout() {}

    static StridedTensor check(
            Storage storage, Object offset, Object sizes, Object strides, ReadLimits limits, Where where)
            throws CheckpointFormatException {
        long first = number(offset, "a storage offset", Long.MAX_VALUE, where);
        PyTuple sizeTuple = tuple(sizes, "sizes", where);
        PyTuple strideTuple = tuple(strides, "strides", where);
        int rank = sizeTuple.size();
        if (strideTuple.size() != rank || rank > MOST_DIMENSIONS) {
            throw where.problem("a tensor has " + rank + " sizes and " + strideTuple.size()
                    + " strides; expected as many of one as of the other, at most " + MOST_DIMENSIONS + damaged());
        }
        int[] shape = new int[rank];
        long[] steps = new long[rank];
        for (int d = 0; d < rank; d++) {
            shape[d] = (int) number(sizeTuple.get(d), "a tensor's size", Integer.MAX_VALUE, where);
            steps[d] = number(strideTuple.get(d), "a tensor's stride", Long.MAX_VALUE, where);
        }
        try {
            long count = Shapes.elementCount(shape);
            if (count > limits.elements()) {
                throw where.problem("a tensor of " + count + " elements; expected at most " + limits.elements()
                        + ". Raise ReadLimits.elements if the file is trusted");
            }
            long last = first;
            for (int d = 0; d < rank && count > 0; d++) {
                last = Math.addExact(last, Math.multiplyExact(shape[d] - 1L, steps[d]));
            }
            if (count > 0 && last >= storage.elementCount()) {
                throw where.problem("a tensor reaches element " + last + " of storage '" + Where.clip(storage.key())
                        + "', which holds " + storage.elementCount() + damaged());
            }
        } catch (ArithmeticException e) {
            throw where.problem("a tensor's sizes and strides go beyond 64 bits" + damaged());
        }
        return new StridedTensor(storage, first, shape, steps);
    }

    private static PyTuple tuple(Object value, String what, Where where) throws CheckpointFormatException {
        if (value instanceof PyTuple tuple) {
            return tuple;
        }
        throw where.problem("a tensor's " + what + " are a tuple, found " + PickleValues.describe(value) + damaged());
    }

    private static long number(Object value, String what, long most, Where where) throws CheckpointFormatException {
        if (value instanceof Long number && number >= 0 && number <= most) {
            return number;
        }
        throw where.problem(
                what + " is an integer from 0 to " + most + ", found " + PickleValues.describe(value) + damaged());
    }

    private static String damaged() {
        return "; the file is damaged or forged, fetch it again";
    }
}
