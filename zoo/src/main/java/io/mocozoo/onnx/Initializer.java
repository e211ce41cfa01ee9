package io.mocozoo.onnx;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * A weight.
 *
 * @param name its name
 * @param type its element type
 * @param dims its sizes, empty for a scalar
 * @param payload its values, read when they are written
 */
public record Initializer(String name, ElementType type, List<Long> dims, Payload payload) {
    public Initializer {
        dims = List.copyOf(dims);
    }

    /** Where values come from. */
    @FunctionalInterface
    public interface Payload {
        /** All values, little-endian and row-major, from position to limit. */
        ByteBuffer bytes() throws IOException;
    }

    /** Bytes of all values. */
    public long byteCount() {
        return dims.stream().mapToLong(Long::longValue).reduce(type.bytes(), Math::multiplyExact);
    }

    /** A short list of whole numbers, such as a shape. */
    public static Initializer of(String name, long... values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asLongBuffer().put(values);
        return new Initializer(name, ElementType.INT64, List.of((long) values.length), bytes::duplicate);
    }

    /** One whole number. */
    public static Initializer scalar(String name, long value) {
        return new Initializer(
                name, ElementType.INT64, List.of(), of(name, value).payload());
    }

    /** Single-precision numbers of a shape. */
    public static Initializer of(String name, List<Long> dims, float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return new Initializer(name, ElementType.FLOAT, dims, bytes::duplicate);
    }
}
