package io.mocozoo.evaluate;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Results of consecutive images as bytes that check themselves; in a file, or on their way from another machine.
 *
 * <pre>
 * "BLK1" 4 | payload bytes 4 | images 4 | index of the first image 8 | payload | CRC-32C of all before 4
 * </pre>
 *
 * Little-endian.
 *
 * @param images how many
 * @param payload their results one after the other
 * @param bytes length of the block as a whole
 */
record ResultBlock(int images, ByteBuffer payload, long bytes) {
    private static final int MAGIC = 0x314B4C42; // BLK1
    private static final int PREFIX_BYTES = 4 + 4 + 4 + 8;
    private static final int MOST_PAYLOAD_BYTES = 1 << 30;

    static ByteBuffer littleEndian(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    static int crc(ByteBuffer bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.slice(0, length));
        return (int) crc.getValue();
    }

    /**
     * The bytes of a block.
     *
     * @param first index of the first image
     * @param results at least one
     */
    static ByteBuffer encode(long first, List<ImageResult> results) {
        List<ByteBuffer> rows = results.stream().map(ImageResult::encoded).toList();
        int payload = rows.stream().mapToInt(ByteBuffer::remaining).reduce(0, Math::addExact);
        ByteBuffer block = littleEndian(PREFIX_BYTES + payload + 4);
        block.putInt(MAGIC).putInt(payload).putInt(results.size()).putLong(first);
        rows.forEach(block::put);
        return block.putInt(crc(block, PREFIX_BYTES + payload)).flip();
    }

    /** The next block of a stream; null at the end of what is whole. */
    static @Nullable ResultBlock next(InputStream in, long first) throws IOException {
        DataInputStream data = new DataInputStream(in);
        byte[] prefix = data.readNBytes(PREFIX_BYTES);
        if (prefix.length < PREFIX_BYTES) {
            return null;
        }
        ByteBuffer fields = ByteBuffer.wrap(prefix).order(ByteOrder.LITTLE_ENDIAN);
        int magic = fields.getInt();
        int payloadBytes = fields.getInt();
        int count = fields.getInt();
        if (magic != MAGIC
                || payloadBytes < 0
                || payloadBytes > MOST_PAYLOAD_BYTES
                || count < 1
                || fields.getLong() != first) {
            return null;
        }
        byte[] rest = data.readNBytes(payloadBytes + 4);
        if (rest.length < payloadBytes + 4) {
            return null;
        }
        CRC32C crc = new CRC32C();
        crc.update(prefix);
        crc.update(rest, 0, payloadBytes);
        ByteBuffer payload = ByteBuffer.wrap(rest).order(ByteOrder.LITTLE_ENDIAN);
        if (payload.getInt(payloadBytes) != (int) crc.getValue()) {
            return null;
        }
        return new ResultBlock(count, payload.limit(payloadBytes), PREFIX_BYTES + payloadBytes + 4L);
    }

    /**
     * The results of exactly one block.
     *
     * @throws IOException if the bytes are not those of a whole block that begins with that image
     */
    static List<ImageResult> decode(byte[] bytes, long first) throws IOException {
        ResultBlock block = next(new ByteArrayInputStream(bytes), first);
        if (block == null || block.bytes != bytes.length) {
            throw new IOException("the results from image " + first + " on came damaged: expected a whole block, found "
                    + bytes.length + " bytes that are none; go on with --resume");
        }
        return block.results();
    }

    /** The results, once: reading moves the payload on. */
    List<ImageResult> results() {
        List<ImageResult> results = new ArrayList<>(images);
        for (int i = 0; i < images; i++) {
            results.add(ImageResult.decode(payload));
        }
        return results;
    }
}
