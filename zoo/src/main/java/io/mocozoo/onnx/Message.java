package io.mocozoo.onnx;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * One protocol-buffer message under construction: tagged fields in the order they are added.
 *
 * @see <a href="https://protobuf.dev/programming-guides/encoding/">Protocol buffers, encoding</a>
 */
final class Message {
    private static final int VARINT = 0;
    private static final int LENGTH = 2;
    private static final int FIXED32 = 5;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    Message number(int field, long value) {
        varint(((long) field << 3) | VARINT);
        varint(value);
        return this;
    }

    Message real(int field, float value) {
        varint(((long) field << 3) | FIXED32);
        out.writeBytes(ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putFloat(value)
                .array());
        return this;
    }

    /** Text, left out where it is empty as protocol buffers do by default. */
    Message text(int field, String value) {
        return value.isEmpty() ? this : bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    Message bytes(int field, byte[] value) {
        length(field, value.length);
        out.writeBytes(value);
        return this;
    }

    Message message(int field, Message value) {
        return bytes(field, value.toBytes());
    }

    /** The head of a field whose bytes follow outside this message. */
    Message length(int field, long bytes) {
        varint(((long) field << 3) | LENGTH);
        varint(bytes);
        return this;
    }

    /** The bytes of another message without a head of their own. */
    Message append(Message other) {
        out.writeBytes(other.toBytes());
        return this;
    }

    private void varint(long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            out.write((int) ((rest & 0x7F) | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
    }

    long size() {
        return out.size();
    }

    byte[] toBytes() {
        return out.toByteArray();
    }
}
