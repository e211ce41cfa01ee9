package io.mocozoo.checkpoint;

import io.mocozoo.store.AtomicFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * NumPy's file format for one array, in C order and little-endian.
 *
 * <pre>
 * 0x93 NUMPY 6 | version 2 | header length 2 (from version 2: 4)
 * | {'descr': '&lt;f4', 'fortran_order': False, 'shape': (2, 3), } | data
 * </pre>
 *
 * @see <a href="https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html">numpy.lib.format</a>
 */
public final class Npy {
    static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    private static final int ALIGNMENT = 64;
    private static final int MOST_BYTES = Integer.MAX_VALUE - 8;

    private Npy() {}

    /**
     * An array in memory.
     *
     * @param dtype the type of its elements
     * @param shape the sizes of its dimensions; empty for a scalar
     * @param data its elements, row-major, little-endian, from position 0; read only
     */
    @SuppressWarnings("ArrayRecordComponent") // copied in and out; nobody compares whole arrays with equals
    public record Array(DType dtype, int[] shape, ByteBuffer data) {
        /** Copies the shape, and takes a read-only view of the data. */
        public Array {
            shape = shape.clone();
            data = data.asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
        }

        /** The sizes of the dimensions, as a copy. */
        @Override
        public int[] shape() {
            return shape.clone();
        }

        /** The elements, as a view with a position of its own. */
        @Override
        public ByteBuffer data() {
            return data.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        }

        /** The number of elements. */
        public int elementCount() {
            return data.remaining() / dtype.bytes();
        }

        /** All elements as float32, row-major, in a new array. */
        public float[] toFloats() {
            float[] values = new float[elementCount()];
            Floats.decode(dtype, data(), values, 0);
            return values;
        }

        /**
         * All elements of an int64 array, row-major, in a new array.
         *
         * @throws IllegalStateException if the array is of another type
         */
        public long[] toLongs() {
            if (dtype != DType.INT64) {
                throw new IllegalStateException("expected int64, found " + dtype.torchName());
            }
            long[] values = new long[elementCount()];
            data().asLongBuffer().get(values);
            return values;
        }

        /**
         * All elements of a float64 array, row-major, in a new array.
         *
         * @throws IllegalStateException if the array is of another type
         */
        public double[] toDoubles() {
            if (dtype != DType.FLOAT64) {
                throw new IllegalStateException("expected float64, found " + dtype.torchName());
            }
            double[] values = new double[elementCount()];
            data().asDoubleBuffer().get(values);
            return values;
        }
    }

    /**
     * Reads a whole file, at most 2 GiB of data.
     *
     * @throws CheckpointFormatException if it is no such file, is in Fortran order or big-endian, holds another type
     *     than those of {@link DType}, its length is not what its header says, or it is larger
     * @see NpyRows for files of any size
     */
    public static Array read(Path file) throws IOException {
        Where where = new Where(file);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            NpyHeader header = NpyHeader.read(channel, where);
            if (header.dataBytes() > MOST_BYTES) {
                throw where.problem("it holds " + header.dataBytes() + " bytes of data; expected at most " + MOST_BYTES
                        + " (2 GiB), which one array in memory can have. Save a part of it:"
                        + " numpy.save(part, numpy.load(file, mmap_mode='r')[:n])");
            }
            ByteBuffer data = ByteBuffer.allocate((int) header.dataBytes());
            header.fill(channel, 0, data, where);
            return new Array(header.dtype(), header.shape(), data.flip());
        }
    }

    /**
     * Writes a float32 array. As all writers here: beside the target, then moved into place.
     *
     * @param shape the sizes of the dimensions; empty for a scalar
     * @param values row-major
     * @throws IllegalArgumentException if the shape does not hold that many values
     */
    public static void write(Path target, int[] shape, float[] values) throws IOException {
        write(target, StoredTensor.ofFloats(values, shape));
    }

    /**
     * Writes an int64 array.
     *
     * @param shape the sizes of the dimensions; empty for a scalar
     * @param values row-major
     * @throws IllegalArgumentException if the shape does not hold that many values
     */
    public static void write(Path target, int[] shape, long[] values) throws IOException {
        write(target, StoredTensor.ofLongs(values, shape));
    }

    /**
     * Writes an array of bytes, unsigned.
     *
     * @param shape the sizes of the dimensions; empty for a scalar
     * @param values row-major
     * @throws IllegalArgumentException if the shape does not hold that many values
     */
    public static void write(Path target, int[] shape, byte[] values) throws IOException {
        write(target, StoredTensor.ofBytes(DType.UINT8, ByteBuffer.wrap(values), shape));
    }

    /**
     * Writes a tensor of any type that NumPy knows.
     *
     * @throws IllegalArgumentException if it is bfloat16, which NumPy does not know
     */
    public static void write(Path target, StoredTensor tensor) throws IOException {
        String sizes =
                Arrays.stream(tensor.shape()).mapToObj(size -> size + ",").collect(Collectors.joining(" "));
        boolean several = tensor.shape().length > 1;
        ByteBuffer header = header(tensor.dtype(), several ? sizes.substring(0, sizes.length() - 1) : sizes, 0);
        try (AtomicFile file = AtomicFile.create(target)) {
            file.write(header);
            file.write(tensor.toBytes());
            file.commit();
        }
    }

    /** A header of version 1.0, padded with spaces so that the data are aligned and it is at least that long. */
    private static ByteBuffer header(DType dtype, String sizes, int least) {
        String text = "{'descr': '" + NpyHeader.descr(dtype) + "', 'fortran_order': False, 'shape': (" + sizes + "), }";
        int total = Math.max(least, (10 + text.length() + 1 + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
        ByteBuffer header = ByteBuffer.allocate(total).order(ByteOrder.LITTLE_ENDIAN);
        header.put(MAGIC).put((byte) 1).put((byte) 0).putShort((short) (total - 10));
        header.put(text.getBytes(StandardCharsets.US_ASCII));
        while (header.remaining() > 1) {
            header.put((byte) ' ');
        }
        return header.put((byte) '\n').flip();
    }

    /**
     * Writes a float32 array row by row, as many as come: [rows, ...]. The file appears when
     * {@link #finish} is called; closed without it, nothing is left. For one thread.
     */
    public static final class Writer implements AutoCloseable {
        private static final int HEADER_BYTES = 128; // room for any number of rows
        private static final int BUFFER_BYTES = 1 << 16;

        private final AtomicFile file;
        private final int width;
        private final String rowSizes;
        private final ByteBuffer buffer;
        private long rows;

        /**
         * Begins a file.
         *
         * @param target the file to write; folders on the way are made
         * @param rowShape the sizes of a row's axes, at least 1 value in all
         */
        public Writer(Path target, int... rowShape) throws IOException {
            this.width = Arrays.stream(rowShape).reduce(1, Math::multiplyExact);
            if (width < 1) {
                throw new IllegalArgumentException(
                        "a row must have at least 1 value, found shape " + Arrays.toString(rowShape));
            }
            this.rowSizes =
                    Arrays.stream(rowShape).mapToObj(size -> ", " + size).collect(Collectors.joining());
            this.buffer = ByteBuffer.allocate(Math.max(BUFFER_BYTES, Math.multiplyExact(width, Float.BYTES)))
                    .order(ByteOrder.LITTLE_ENDIAN);
            this.file = AtomicFile.create(target);
            file.write(headerOf(0));
        }

        private ByteBuffer headerOf(long count) {
            return header(DType.FLOAT32, rowSizes.isEmpty() ? count + "," : count + rowSizes, HEADER_BYTES);
        }

        /**
         * Appends a row.
         *
         * @throws IllegalArgumentException if it has another width
         */
        public void append(float[] row) throws IOException {
            if (row.length != width) {
                throw new IllegalArgumentException("expected a row of " + width + " values, found " + row.length);
            }
            if (buffer.remaining() < width * Float.BYTES) {
                flush();
            }
            buffer.asFloatBuffer().put(row);
            buffer.position(buffer.position() + width * Float.BYTES);
            rows++;
        }

        private void flush() throws IOException {
            file.write(buffer.flip());
            buffer.clear();
        }

        /** Completes the header and moves the file into place; nothing can be appended afterwards. */
        public void finish() throws IOException {
            flush();
            file.rewrite(0, headerOf(rows));
            file.commit();
        }

        /** Throws the file away unless it is finished. Harmless when repeated. */
        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
