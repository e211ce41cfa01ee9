package io.mocozoo.evaluate;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * What a model said of one image, or why there was nothing to say.
 *
 * @param predLabel the class with the largest score; with test-time augmentation that of the flipped view, as in the
 *     reference; -1 if the image could not be read
 * @param values logits of the evaluated classes, or with test-time augmentation probabilities; empty if unreadable
 * @param failure why the image could not be read; empty if it could
 */
@SuppressWarnings("ArrayRecordComponent") // a row on its way to the disk, never compared
record ImageResult(int predLabel, float[] values, String failure) {
    private static final int MOST_REASON = 2000;

    static ImageResult of(int predLabel, float[] values) {
        return new ImageResult(predLabel, values, "");
    }

    static ImageResult unreadable(String reason) {
        String text = reason.isEmpty() ? "unknown" : reason;
        return new ImageResult(-1, new float[0], text.substring(0, Math.min(MOST_REASON, text.length())));
    }

    boolean isReadable() {
        return failure.isEmpty();
    }

    // [label i32 | count of values i32 | bytes of reason i32 | values f32 ... | reason UTF-8]

    ByteBuffer encoded() {
        byte[] reason = failure.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ResultBlock.littleEndian(12 + values.length * Float.BYTES + reason.length);
        bytes.putInt(predLabel).putInt(values.length).putInt(reason.length);
        for (float value : values) {
            bytes.putFloat(value);
        }
        return bytes.put(reason).flip();
    }

    static ImageResult decode(ByteBuffer bytes) {
        int label = bytes.getInt();
        float[] values = new float[bytes.getInt()];
        byte[] reason = new byte[bytes.getInt()];
        for (int i = 0; i < values.length; i++) {
            values[i] = bytes.getFloat();
        }
        bytes.get(reason);
        return new ImageResult(label, values, new String(reason, StandardCharsets.UTF_8));
    }
}
