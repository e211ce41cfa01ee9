package io.mocozoo.onnx;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * One protocol-buffer message under construction: tagged fields in the order they are added. ONNX files are made of these,
 * and the event files of a training.
 *
 * @see <a href="https://protobuf.dev/programming-guides/encoding/">Protocol buffers, encoding</a>
 */
public final class Message {
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int LENGTH = 2;
    private static final int FIXED32 = 5;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    /** A message without fields. */
    public Message() {}

    /** A whole number, as a varint; negative ones take ten bytes. */
    public Message number(int field, long value) {
        varint(((long) field << 3) | VARINT);
        varint(value);
        return this;
    }

    /** A number of double precision. */
    public Message real(int field, double value) {
        varint(((long) field << 3) | FIXED64);
        out.writeBytes(ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putDouble(value)
                .array());
        return this;
    }

    /** A number of single precision. */
    public Message real(int field, float value) {
        varint(((long) field << 3) | FIXED32);
        out.writeBytes(ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putFloat(value)
                .array());
        return this;
    }

    /** Text, left out where it is empty as protocol buffers do by default. */
    public Message text(int field, String value) {
        return value.isEmpty() ? this : bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    /** Bytes as they are, or the packed values of a repeated field. */
    public Message bytes(int field, byte[] value) {
        length(field, value.length);
        out.writeBytes(value);
        return this;
    }

    /** A message within this one. */
    public Message message(int field, Message value) {
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

    /** The message so far. */
    public byte[] toBytes() {
        return out.toByteArray();
    }
}
