package io.mocozoo.checkpoint;

import io.mocozoo.checkpoint.PickleValues.Opaque;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/** The arguments of a pickle's instructions: numbers, strings and lines, checked against the bytes that are left. */
final class PickleInput {
    private static final int LINE_BYTES = 4096;

    private final ByteBuffer bytes;
    private final Where where;
    private final ReadLimits limits;
    private final long base;

    /**
     * Reads from the position of {@code bytes} on.
     *
     * @param base where position 0 lies in the file or entry, for messages
     */
    PickleInput(ByteBuffer bytes, Where where, ReadLimits limits, long base) {
        this.bytes = bytes.order(ByteOrder.LITTLE_ENDIAN);
        this.where = where;
        this.limits = limits;
        this.base = base;
    }

    ReadLimits limits() {
        return limits;
    }

    int position() {
        return bytes.position();
    }

    Where here(int at) {
        return where.in("byte " + (base + at));
    }

    CheckpointFormatException problem(int at, String text) {
        return here(at).problem(text);
    }

    private void need(long count) throws CheckpointFormatException {
        if (count > bytes.remaining()) {
            throw problem(
                    bytes.position(),
                    "the pickle wants " + Long.toUnsignedString(count) + " more bytes, " + bytes.remaining()
                            + " are left; the file is cut short or damaged, fetch it again");
        }
    }

    int u1() throws CheckpointFormatException {
        need(1);
        return bytes.get() & 0xff;
    }

    int u2() throws CheckpointFormatException {
        need(2);
        return bytes.getShort() & 0xffff;
    }

    int i4() throws CheckpointFormatException {
        need(4);
        return bytes.getInt();
    }

    long u4() throws CheckpointFormatException {
        return Integer.toUnsignedLong(i4());
    }

    /** An eight-byte length; beyond 2^63 it is as good as infinite. */
    long u8() throws CheckpointFormatException {
        need(8);
        long value = bytes.getLong();
        return value < 0 ? Long.MAX_VALUE : value;
    }

    double bigEndianDouble() throws CheckpointFormatException {
        need(8);
        return Double.longBitsToDouble(Long.reverseBytes(bytes.getLong()));
    }

    /** A string of that many bytes; a very long one stays undecoded. */
    Object text(long length) throws CheckpointFormatException {
        need(length);
        if (length > limits.stringBytes()) {
            return opaque(length);
        }
        return decode((int) length, StandardCharsets.UTF_8);
    }

    private Opaque opaque(long length) throws CheckpointFormatException {
        view(length);
        return new Opaque(length);
    }

    /** The next bytes, not copied. */
    ByteBuffer view(long length) throws CheckpointFormatException {
        need(length);
        ByteBuffer view = bytes.slice(bytes.position(), (int) length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.position(bytes.position() + (int) length);
        return view;
    }

    private String decode(int length, Charset charset) {
        byte[] text = new byte[length];
        bytes.get(text);
        return new String(text, charset);
    }

    /** A little-endian two's complement integer. */
    Object integer(long length) throws CheckpointFormatException {
        need(length);
        if (length > limits.integerBytes()) {
            throw problem(
                    position(),
                    "an integer of " + length + " bytes; expected at most " + limits.integerBytes()
                            + ". No checkpoint needs it: do not use this file");
        }
        byte[] digits = new byte[(int) length];
        for (int i = digits.length - 1; i >= 0; i--) {
            digits[i] = bytes.get();
        }
        return digits.length == 0 ? (Object) 0L : shortest(new BigInteger(digits));
    }

    static Object shortest(BigInteger value) {
        return value.bitLength() < Long.SIZE ? (Object) value.longValue() : value;
    }

    /** The text up to the end of the line. */
    String line() throws CheckpointFormatException {
        int start = bytes.position();
        int end = start;
        int last = Math.min(bytes.limit(), start + LINE_BYTES);
        while (end < last && bytes.get(end) != '\n') {
            end++;
        }
        if (end == last) {
            throw problem(
                    start,
                    "a line without an end; expected one within " + LINE_BYTES
                            + " bytes. The file is damaged, fetch it again");
        }
        String line = decode(end - start, StandardCharsets.UTF_8);
        bytes.position(end + 1);
        return line;
    }
}
