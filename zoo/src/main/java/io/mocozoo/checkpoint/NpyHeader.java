package io.mocozoo.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What stands in front of an array: a Python dict literal, in the one form that NumPy writes.
 *
 * @param dataAt where the data begin
 * @param dataBytes their length, which is that of the rest of the file
 */
@SuppressWarnings("ArrayRecordComponent") // lives for one read and is not compared
record NpyHeader(DType dtype, int[] shape, long dataAt, long dataBytes) {
    private static final Pattern DESCR = Pattern.compile("'descr':\\s*'([^']*)'");
    private static final Pattern ORDER = Pattern.compile("'fortran_order':\\s*(True|False)");
    private static final Pattern SHAPE = Pattern.compile("'shape':\\s*\\(([0-9,\\s]*)\\)");
    private static final int MOST_DIMENSIONS = 64;
    private static final int MOST_HEADER_BYTES = 1 << 16;

    /** Reads and checks it. */
    static NpyHeader read(FileChannel channel, Where where) throws IOException {
        ByteBuffer prefix = bytes(channel, 0, (int) Math.min(12, channel.size()));
        int magic = Npy.MAGIC.length;
        if (prefix.remaining() < 10 || !prefix.slice(0, magic).equals(ByteBuffer.wrap(Npy.MAGIC))) {
            throw where.problem("expected a .npy file, which begins with 0x93 NUMPY; write it with numpy.save");
        }
        int version = prefix.get(6);
        if (version < 1 || version > 3 || (version > 1 && prefix.remaining() < 12)) {
            throw where.problem("format version " + version + "; expected 1, 2 or 3");
        }
        int headerAt = version == 1 ? 10 : 12;
        long headerBytes = version == 1 ? prefix.getShort(8) & 0xffff : prefix.getInt(8) & 0xffffffffL;
        if (headerBytes > Math.min(MOST_HEADER_BYTES, channel.size() - headerAt)) {
            throw where.problem("a header of " + headerBytes + " bytes; the file is cut short, fetch it again");
        }
        String text = StandardCharsets.UTF_8
                .decode(bytes(channel, headerAt, (int) headerBytes))
                .toString();
        NpyHeader header = parse(text, headerAt + headerBytes, where);
        long follow = channel.size() - header.dataAt;
        if (header.dataBytes != follow) {
            throw where.problem("its header announces " + header.dataBytes + " bytes of data, " + follow
                    + " follow; expected the same. The file is damaged, fetch it again");
        }
        return header;
    }

    private static ByteBuffer bytes(FileChannel channel, long at, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining() && channel.read(bytes, at + bytes.position()) >= 0) {
            // one read may bring less than was asked for
        }
        return bytes.flip();
    }

    /** Fills a buffer with data from a place on. */
    void fill(FileChannel channel, long from, ByteBuffer into, Where where) throws IOException {
        long start = dataAt + from - into.position();
        while (into.hasRemaining()) {
            if (channel.read(into, start + into.position()) < 0) {
                throw where.problem("it ends at byte " + channel.size() + " of " + (dataAt + dataBytes)
                        + ", and was longer when it was opened; something else writes it");
            }
        }
    }

    private static NpyHeader parse(String text, long dataAt, Where where) throws CheckpointFormatException {
        String descr = find(DESCR, text, where);
        int[] shape = shape(find(SHAPE, text, where), where);
        // In one dimension both orders are the same, and NumPy may then claim either.
        if (find(ORDER, text, where).equals("True") && shape.length > 1) {
            throw where.problem("the array is in Fortran order; expected C order. Save numpy.ascontiguousarray(a)");
        }
        DType dtype = dtype(descr, where);
        return new NpyHeader(dtype, shape, dataAt, dataBytes(dtype, shape, where));
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

    private static long dataBytes(DType dtype, int[] shape, Where where) throws CheckpointFormatException {
        try {
            return Math.multiplyExact(Shapes.elementCount(shape), (long) dtype.bytes());
        } catch (ArithmeticException e) {
            throw where.problem("its shape takes more than 2^63 bytes; the file is damaged, fetch it again");
        }
    }
}
