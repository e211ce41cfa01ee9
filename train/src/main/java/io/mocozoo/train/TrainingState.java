package io.mocozoo.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import io.mocozoo.checkpoint.Checkpoint;
import io.mocozoo.checkpoint.DType;
import io.mocozoo.checkpoint.ReadLimits;
import io.mocozoo.checkpoint.Safetensors;
import io.mocozoo.checkpoint.StoredTensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Arrays of a training to a safetensors file and back, bit for bit: weights under mmpretrain's keys, the optimiser's under
 * {@code optimizer.}; where weights are averaged, the averages have the keys and the weights that learn are under {@code raw.}; numbers and the recipe in the metadata.
 */
final class TrainingState {
    private TrainingState() {}

    /** Writes a file; it appears whole or not at all. */
    static void write(Path target, Map<String, NDArray> arrays, Map<String, String> metadata) throws IOException {
        Map<String, StoredTensor> tensors = new LinkedHashMap<>();
        arrays.forEach((name, array) -> tensors.put(name, new OfArray(array)));
        Safetensors.write(target, tensors, metadata);
    }

    /** What a file says of itself. */
    static Map<String, String> metadata(Path file) throws IOException {
        try (Checkpoint checkpoint = Checkpoint.open(file, ReadLimits.DEFAULT)) {
            return checkpoint.metadata();
        }
    }

    /** Sets arrays to what a file holds of the same names; every one must be there. */
    static void read(Path file, Map<String, NDArray> arrays) throws IOException {
        try (Checkpoint checkpoint = Checkpoint.open(file, ReadLimits.DEFAULT)) {
            Map<String, StoredTensor> tensors = checkpoint.allTensors();
            for (Map.Entry<String, NDArray> entry : arrays.entrySet()) {
                StoredTensor tensor = tensors.get(entry.getKey());
                if (tensor == null) {
                    throw new IOException(file + " lacks " + entry.getKey() + "; it was written by another recipe");
                }
                ByteBuffer bytes = tensor.toBytes();
                ByteBuffer direct = ByteBuffer.allocateDirect(bytes.remaining()).order(ByteOrder.nativeOrder());
                direct.put(bytes).flip();
                entry.getValue().set(direct);
            }
        }
    }

    /** An array as a tensor to be written. */
    private record OfArray(NDArray array) implements StoredTensor {
        @Override
        public DType dtype() {
            DataType type = array.getDataType();
            return switch (type) {
                case FLOAT32 -> DType.FLOAT32;
                case FLOAT64 -> DType.FLOAT64;
                case INT64 -> DType.INT64;
                default -> throw new IllegalStateException("no such array in a training: " + type);
            };
        }

        @Override
        public int[] shape() {
            long[] shape = array.getShape().getShape();
            int[] sizes = new int[shape.length];
            for (int i = 0; i < sizes.length; i++) {
                sizes[i] = Math.toIntExact(shape[i]);
            }
            return sizes;
        }

        @Override
        public long elementCount() {
            return array.size();
        }

        @Override
        public float[] toFloats() {
            return array.toFloatArray();
        }

        @Override
        public ByteBuffer toBytes() {
            ByteBuffer bytes = Objects.requireNonNull(array.toByteBuffer());
            return bytes.order(ByteOrder.LITTLE_ENDIAN);
        }
    }
}
