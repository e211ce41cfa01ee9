package io.mocozoo.convert.graph;

import io.mocozoo.checkpoint.DType;
import io.mocozoo.checkpoint.Half;
import io.mocozoo.checkpoint.StoredTensor;
import io.mocozoo.onnx.ElementType;
import io.mocozoo.onnx.Initializer;
import io.mocozoo.onnx.Precision;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/** The tensors of a checkpoint as weights of a graph; read one at a time, when they are written. */
final class Weights {
    /** What makes the values of a weight. */
    @FunctionalInterface
    interface Values {
        float[] get() throws IOException;
    }

    private final Map<String, StoredTensor> tensors;
    private final Precision precision;

    Weights(Map<String, StoredTensor> tensors, Precision precision) {
        this.tensors = tensors;
        this.precision = precision;
    }

    float[] floats(String key) throws IOException {
        return tensor(key).toFloats();
    }

    private StoredTensor tensor(String key) {
        StoredTensor tensor = tensors.get(key);
        if (tensor == null) {
            throw new IllegalStateException("no weight " + key + "; keys are checked before a graph is made");
        }
        return tensor;
    }

    /** The tensor of a key as it lies in the checkpoint, without a copy where it already has the type asked for. */
    Initializer asIs(String key, long... dims) {
        if (precision == Precision.FP32 && tensor(key).dtype() == DType.FLOAT32) {
            return new Initializer(
                    key, ElementType.FLOAT, list(dims), () -> tensor(key).toBytes());
        }
        return made(key, () -> floats(key), dims);
    }

    /** A weight made from others. */
    Initializer made(String name, Values values, long... dims) {
        ElementType type = precision == Precision.FP32 ? ElementType.FLOAT : ElementType.FLOAT16;
        return new Initializer(name, type, list(dims), () -> bytes(values.get(), precision));
    }

    /** A weight that stays in single precision whatever the graph computes in. */
    Initializer single(String name, Values values, long... dims) {
        return new Initializer(name, ElementType.FLOAT, list(dims), () -> bytes(values.get(), Precision.FP32));
    }

    private static List<Long> list(long... dims) {
        return LongStream.of(dims).boxed().toList();
    }

    private static ByteBuffer bytes(float[] values, Precision precision) {
        int width = precision == Precision.FP32 ? Float.BYTES : Short.BYTES;
        ByteBuffer bytes =
                ByteBuffer.allocate(Math.multiplyExact(values.length, width)).order(ByteOrder.LITTLE_ENDIAN);
        if (precision == Precision.FP32) {
            bytes.asFloatBuffer().put(values);
        } else {
            for (float value : values) {
                bytes.putShort(Half.fromFloat(value));
            }
            bytes.flip();
        }
        return bytes;
    }

    /** A matrix [rows, columns] turned into [columns, rows], by blocks that fit the cache. */
    float[] transposed(String key, int rows, int columns) throws IOException {
        float[] from = floats(key);
        float[] to = new float[from.length];
        int block = 32;
        for (int r0 = 0; r0 < rows; r0 += block) {
            for (int c0 = 0; c0 < columns; c0 += block) {
                int r1 = Math.min(rows, r0 + block);
                int c1 = Math.min(columns, c0 + block);
                for (int c = c0; c < c1; c++) {
                    for (int r = r0; r < r1; r++) {
                        to[c * rows + r] = from[r * columns + c];
                    }
                }
            }
        }
        return to;
    }
}
