package io.mocozoo.checkpoint;

import java.nio.ByteBuffer;

/** Elements of any type as float32. */
final class Floats {
    private Floats() {}

    /** Decodes all of {@code bytes}, in its own byte order, into {@code out} from {@code at} on. */
    static void decode(DType dtype, ByteBuffer bytes, float[] out, int at) {
        int count = bytes.remaining() / dtype.bytes();
        int start = bytes.position();
        switch (dtype) {
            case FLOAT32 -> bytes.asFloatBuffer().get(out, at, count);
            case FLOAT64 -> {
                for (int i = 0; i < count; i++) {
                    out[at + i] = (float) bytes.getDouble(start + 8 * i);
                }
            }
            case FLOAT16 -> {
                for (int i = 0; i < count; i++) {
                    out[at + i] = Half.toFloat(bytes.getShort(start + 2 * i));
                }
            }
            case BFLOAT16 -> {
                for (int i = 0; i < count; i++) {
                    out[at + i] = Half.bfloat16ToFloat(bytes.getShort(start + 2 * i));
                }
            }
            case INT64 -> {
                for (int i = 0; i < count; i++) {
                    out[at + i] = bytes.getLong(start + 8 * i);
                }
            }
            case INT32 -> {
                for (int i = 0; i < count; i++) {
                    out[at + i] = bytes.getInt(start + 4 * i);
                }
            }
            case INT16 -> {
                for (int i = 0; i < count; i++) {
                    out[at + i] = bytes.getShort(start + 2 * i);
                }
            }
            case INT8 -> {
                for (int i = 0; i < count; i++) {
                    out[at + i] = bytes.get(start + i);
                }
            }
            case UINT8 -> {
                for (int i = 0; i < count; i++) {
                    out[at + i] = bytes.get(start + i) & 0xff;
                }
            }
            case BOOL -> {
                for (int i = 0; i < count; i++) {
                    out[at + i] = bytes.get(start + i) == 0 ? 0 : 1;
                }
            }
        }
    }
}
