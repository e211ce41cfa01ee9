package io.mocozoo.checkpoint;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Builds pickles instruction by instruction. */
final class Pickled {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    Pickled op(int... bytes) {
        for (int b : bytes) {
            out.write(b);
        }
        return this;
    }

    Pickled ascii(String text) {
        out.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
        return this;
    }

    Pickled int4(long value) {
        return op((int) value, (int) (value >> 8), (int) (value >> 16), (int) (value >> 24));
    }

    Pickled text(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        op('X').int4(utf8.length);
        out.writeBytes(utf8);
        return this;
    }

    Pickled integer(long value) {
        return value == (int) value
                ? op('J').int4(value)
                : op(0x8a, 8).int4(value).int4(value >> 32);
    }

    Pickled global(String module, String name) {
        return ascii("c" + module + "\n" + name + "\n");
    }

    Pickled orderedDict() {
        return global("collections", "OrderedDict").ascii(")R");
    }

    Pickled tuple(long... values) {
        op('(');
        for (long value : values) {
            integer(value);
        }
        return op('t');
    }

    /** A float tensor over storage {@code key}. */
    Pickled tensor(String key, long elements, long offset, long[] sizes, long[] strides) {
        return tensor("FloatStorage", key, elements, offset, sizes, strides);
    }

    Pickled tensor(String storage, String key, long elements, long offset, long[] sizes, long[] strides) {
        global("torch._utils", "_rebuild_tensor_v2").op('(');
        storage(storage, key, elements);
        return integer(offset)
                .tuple(sizes)
                .tuple(strides)
                .op(0x89)
                .orderedDict()
                .ascii("tR");
    }

    Pickled storage(String storage, String key, long elements) {
        return op('(').text("storage")
                .global("torch", storage)
                .text(key)
                .text("cpu")
                .integer(elements)
                .ascii("tQ");
    }

    byte[] stop() {
        return op('.').out.toByteArray();
    }
}
