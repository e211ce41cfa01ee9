package io.mocozoo.onnx;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A cursor over one protocol-buffer message in a mapped file; every length is checked against its message. */
final class Wire {
    private final Path file;
    private final ByteBuffer bytes;
    private final int depth;
    private int field;
    private int kind;
    private int end;

    /** The message between the buffer's position and limit. */
    Wire(Path file, ByteBuffer bytes, int depth) {
        this.file = file;
        this.bytes = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        this.depth = depth;
        this.end = bytes.position();
    }

    /** Goes to the next field, past whatever of the last one was not read. */
    boolean next() throws OnnxFormatException {
        bytes.position(end);
        if (!bytes.hasRemaining()) {
            return false;
        }
        long tag = varint();
        field = (int) (tag >>> 3);
        kind = (int) (tag & 7);
        if (field == 0 || tag >>> 32 != 0) {
            throw problem("a field tag", "tag " + tag);
        }
        int at = bytes.position();
        switch (kind) {
            case 0 -> {
                varint();
                end = bytes.position();
                bytes.position(at);
            }
            case 1 -> end = skip(8);
            case 2 -> {
                long length = varint();
                if (length < 0 || length > bytes.remaining()) {
                    throw problem("at most " + bytes.remaining() + " bytes", "a field of " + length + " bytes");
                }
                end = bytes.position() + (int) length;
            }
            case 5 -> end = skip(4);
            default -> throw problem("a wire type of 0, 1, 2 or 5", "type " + kind);
        }
        return true;
    }

    private int skip(int count) throws OnnxFormatException {
        if (bytes.remaining() < count) {
            throw problem(count + " more bytes", "the end");
        }
        return bytes.position() + count;
    }

    int field() {
        return field;
    }

    long number() throws OnnxFormatException {
        if (kind != 0) {
            throw problem("a number in field " + field, "wire type " + kind);
        }
        return varint();
    }

    String text() throws OnnxFormatException {
        ByteBuffer value = block();
        if (value.remaining() > 1 << 20) {
            throw problem("text of at most 1 MiB in field " + field, value.remaining() + " bytes");
        }
        return StandardCharsets.UTF_8.decode(value).toString();
    }

    /** The message in this field. */
    Wire message() throws OnnxFormatException {
        if (depth > 32) {
            throw problem("messages at most 32 deep", "one more");
        }
        return new Wire(file, block(), depth + 1);
    }

    /** The bytes of this field without copying them. */
    ByteBuffer block() throws OnnxFormatException {
        if (kind != 2) {
            throw problem("a block in field " + field, "wire type " + kind);
        }
        ByteBuffer value = bytes.duplicate();
        value.limit(end);
        return value;
    }

    private long varint() throws OnnxFormatException {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (!bytes.hasRemaining()) {
                throw problem("the rest of a number", "the end");
            }
            byte b = bytes.get();
            value |= (long) (b & 0x7F) << shift;
            if (b >= 0) {
                return value;
            }
        }
        throw problem("a number of at most 10 bytes", "a longer one");
    }

    OnnxFormatException problem(String expected, String found) {
        return new OnnxFormatException(
                file, bytes.position(), "expected " + expected + ", found " + found + "; this is no ONNX model");
    }
}
