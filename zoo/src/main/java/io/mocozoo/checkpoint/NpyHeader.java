package io.mocozoo.checkpoint;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The Python dict literal in front of an array, in the one form that NumPy writes. */
@SuppressWarnings("ArrayRecordComponent") // lives for one read and is not compared
record NpyHeader(DType dtype, int[] shape) {
    private static final Pattern DESCR = Pattern.compile("'descr':\\s*'([^']*)'");
    private static final Pattern ORDER = Pattern.compile("'fortran_order':\\s*(True|False)");
    private static final Pattern SHAPE = Pattern.compile("'shape':\\s*\\(([0-9,\\s]*)\\)");
    private static final int MOST_DIMENSIONS = 64;

    static NpyHeader parse(String text, Where where) throws CheckpointFormatException {
        String descr = find(DESCR, text, where);
        int[] shape = shape(find(SHAPE, text, where), where);
        // In one dimension both orders are the same, and NumPy may then claim either.
        if (find(ORDER, text, where).equals("True") && shape.length > 1) {
            throw where.problem("the array is in Fortran order; expected C order. Save numpy.ascontiguousarray(a)");
        }
        return new NpyHeader(dtype(descr, where), shape);
    }

    private static String find(Pattern pattern, String text, Where where) throws CheckpointFormatException {
        Matcher matcher = pattern.matcher(text);
        if (!matcher.find()) {
            throw where.problem("expected " + pattern.pattern() + " in the header, found '" + Where.clip(text)
                    + "'; write the file with numpy.save");
        }
        return matcher.group(1);
    }

    private static int[] shape(String text, Where where) throws CheckpointFormatException {
        String[] sizes = text.isBlank() ? new String[0] : text.strip().split("\\s*,\\s*", MOST_DIMENSIONS + 1);
        int count = sizes.length;
        if (count > 0 && sizes[count - 1].isEmpty()) {
            count--; // (3,)
        }
        int[] shape = new int[count];
        for (int d = 0; d < count; d++) {
            try {
                shape[d] = Integer.parseInt(sizes[d]);
            } catch (NumberFormatException e) {
                throw where.problem("'" + Where.clip(sizes[d]) + "' is no size; expected 0 to " + Integer.MAX_VALUE);
            }
        }
        return shape;
    }

    private static DType dtype(String descr, Where where) throws CheckpointFormatException {
        for (DType dtype : DType.values()) {
            if (dtype != DType.BFLOAT16 && descr(dtype).equals(descr)) {
                return dtype;
            }
        }
        throw where.problem("arrays of '" + Where.clip(descr)
                + "' are not supported; expected one of <f8 <f4 <f2 <i8 <i4 <i2 |i1 |u1 |b1."
                + " Convert with numpy.ndarray.astype");
    }

    /** NumPy's name of a type. */
    static String descr(DType dtype) {
        return switch (dtype) {
            case FLOAT64 -> "<f8";
            case FLOAT32 -> "<f4";
            case FLOAT16 -> "<f2";
            case BFLOAT16 -> throw new IllegalArgumentException("NumPy has no bfloat16; convert the tensor to float32");
            case INT64 -> "<i8";
            case INT32 -> "<i4";
            case INT16 -> "<i2";
            case INT8 -> "|i1";
            case UINT8 -> "|u1";
            case BOOL -> "|b1";
        };
    }

    long dataBytes(Where where) throws CheckpointFormatException {
        try {
            return Math.multiplyExact(Shapes.elementCount(shape), (long) dtype.bytes());
        } catch (ArithmeticException e) {
            throw where.problem("its shape takes more than 2^63 bytes; the file is damaged, fetch it again");
        }
    }
}
