package io.mocozoo.onnx;

import java.util.Arrays;
import java.util.Locale;

/** The element types we write, by their code in {@code TensorProto.DataType}. */
public enum ElementType {
    /** IEEE single. */
    FLOAT(1, 4),
    /** Unsigned byte. */
    UINT8(2, 1),
    /** Signed 64 bit. */
    INT64(7, 8),
    /** IEEE half. */
    FLOAT16(10, 2);

    private final int code;
    private final int bytes;

    ElementType(int code, int bytes) {
        this.code = code;
        this.bytes = bytes;
    }

    /** The number in the file. */
    public int code() {
        return code;
    }

    /** The name of any code, for messages. */
    public static String name(int code) {
        return Arrays.stream(values())
                .filter(type -> type.code == code)
                .findFirst()
                .map(type -> type.name().toLowerCase(Locale.ROOT))
                .orElse("element type " + code);
    }

    /** Bytes of one value. */
    public int bytes() {
        return bytes;
    }
}
