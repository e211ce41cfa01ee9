package io.mocozoo.goldens;

import io.mocozoo.checkpoint.DType;
import io.mocozoo.checkpoint.StoredTensor;
import io.mocozoo.runtime.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** The goldens' deterministic numbers: weights by their state-dict key and images by their stream, bit for bit. */
final class Scheme {
    private Scheme() {}

    static long fnv1a64(String text) {
        long h = 0xCBF29CE484222325L;
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            h = (h ^ (b & 0xFF)) * 0x100000001B3L;
        }
        return h;
    }

    /** Number i of a stream, in [-1, 1). */
    static double uniform(long stream, long i) {
        long z = stream + (i + 1) * 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        z = z ^ (z >>> 31);
        return ((z >>> 40) - 8388608) / 8388608.0;
    }

    /** The weight of a key, made when it is read. */
    static StoredTensor weight(String streamPrefix, String key, int... shape) {
        return new Generated(streamPrefix, key, Arrays.stream(shape).boxed().toList());
    }

    /** A normalised image batch, [n, c, h, w]. */
    static Tensor image(String stream, int... shape) {
        int n = shape[0];
        int c = shape[1];
        int h = shape[2];
        int w = shape[3];
        int gh = (h + 15) / 16;
        int gw = (w + 15) / 16;
        long dc = fnv1a64(stream + ".dc");
        long coarse = fnv1a64(stream + ".coarse");
        long fine = fnv1a64(stream + ".fine");
        float[] values = new float[n * c * h * w];
        int at = 0;
        for (int plane = 0; plane < n * c; plane++) {
            for (int y = 0; y < h; y++) {
                for (int x = 0; x < w; x++) {
                    values[at++] = (float) ((1.5 * uniform(dc, plane)
                                    + uniform(coarse, ((long) plane * gh + (y >> 4)) * gw + (x >> 4)))
                            + 0.5 * uniform(fine, ((long) plane * h + y) * w + x));
                }
            }
        }
        return Tensor.of(values, shape);
    }

    private record Generated(String streamPrefix, String key, List<Integer> dims) implements StoredTensor {
        @Override
        public DType dtype() {
            return key.endsWith("num_batches_tracked") || key.endsWith("steps") ? DType.INT64 : DType.FLOAT32;
        }

        @Override
        public int[] shape() {
            return dims.stream().mapToInt(Integer::intValue).toArray();
        }

        @Override
        public long elementCount() {
            return dims.stream().mapToLong(Integer::longValue).reduce(1, Math::multiplyExact);
        }

        @Override
        public float[] toFloats() {
            float[] values = new float[Math.toIntExact(elementCount())];
            if (dtype() == DType.INT64) {
                return values;
            }
            long stream = fnv1a64(streamPrefix + key);
            String last = key.substring(key.lastIndexOf('.') + 1);
            double scale = scale(last);
            double shift = last.equals("running_var") ? 0.5 : scale == 0.2 && !last.equals("pos_embed") ? 1.0 : 0.0;
            for (int i = 0; i < values.length; i++) {
                double u = uniform(stream, i);
                values[i] = (float) (last.equals("running_var") ? shift + u * u : shift + scale * u);
            }
            return values;
        }

        private long fanIn() {
            return elementCount() / dims.get(0);
        }

        private double scale(String last) {
            return switch (last) {
                case "running_mean", "bias" -> 0.1;
                case "running_var" -> 1.0;
                case "cls_token" -> 0.5;
                case "pos_embed" -> 0.2;
                default -> dims.size() >= 2 ? Math.sqrt(3.0 / fanIn()) : 0.2;
            };
        }

        @Override
        public ByteBuffer toBytes() {
            if (dtype() == DType.INT64) {
                return ByteBuffer.allocate(Math.toIntExact(8 * elementCount())).order(ByteOrder.LITTLE_ENDIAN);
            }
            float[] values = toFloats();
            ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asFloatBuffer().put(values);
            return bytes;
        }
    }
}
