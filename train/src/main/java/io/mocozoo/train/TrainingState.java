package io.mocozoo.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.mocozoo.checkpoint.Checkpoint;
import io.mocozoo.checkpoint.CheckpointFormatException;
import io.mocozoo.checkpoint.DType;
import io.mocozoo.checkpoint.ReadLimits;
import io.mocozoo.checkpoint.Safetensors;
import io.mocozoo.checkpoint.StoredTensor;
import io.mocozoo.train.torch.TorchFunctions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * Arrays of a training to a safetensors file and back, bit for bit: weights under mmpretrain's keys, the optimiser's under
 * {@code optimizer.}; where weights are averaged, the averages have the keys and the weights that learn are under {@code raw.}; numbers and the recipe in the metadata.
 */
final class TrainingState {
    private static final String CHECKSUM = "checksum";

    private TrainingState() {}

    /** Writes a file, with a checksum of the arrays in its metadata; it appears whole or not at all. */
    static void write(Path target, Map<String, NDArray> arrays, Map<String, String> metadata) throws IOException {
        Map<String, StoredTensor> tensors = new LinkedHashMap<>();
        arrays.forEach((name, array) -> tensors.put(name, new OfArray(array)));
        Map<String, String> checked = new TreeMap<>(metadata);
        checked.put(CHECKSUM, checksum(tensors, arrays.keySet()));
        Safetensors.write(target, tensors, checked);
    }

    /** CRC-32C of names, types, sizes and bytes. */
    private static String checksum(Map<String, StoredTensor> tensors, Collection<String> names) throws IOException {
        CRC32C crc = new CRC32C();
        for (String name : names) {
            StoredTensor tensor = Objects.requireNonNull(tensors.get(name));
            String head = name + " " + tensor.dtype() + " " + Arrays.toString(tensor.shape());
            crc.update(head.getBytes(StandardCharsets.UTF_8));
            crc.update(tensor.toBytes());
        }
        return Long.toHexString(crc.getValue());
    }

    /** What a file says of itself. */
    static Map<String, String> metadata(Path file) throws IOException {
        try (Checkpoint checkpoint = Checkpoint.open(file, ReadLimits.DEFAULT)) {
            return checkpoint.metadata();
        }
    }

    /** Sets arrays to what a file holds of the same names; every one must be there. */
    static void read(Path file, Map<String, NDArray> arrays, TorchFunctions torch) throws IOException {
        try (Checkpoint checkpoint = Checkpoint.open(file, ReadLimits.DEFAULT)) {
            Map<String, StoredTensor> tensors = checkpoint.allTensors();
            for (String name : arrays.keySet()) {
                if (!tensors.containsKey(name)) {
                    throw new IOException(file + " lacks " + name + "; it was written by another recipe");
                }
            }
            String expected = checkpoint.metadata().getOrDefault(CHECKSUM, "none");
            String found = checksum(tensors, arrays.keySet());
            if (!found.equals(expected)) {
                throw new CheckpointFormatException(
                        file,
                        "tensors",
                        null,
                        "expected arrays with the checksum " + expected + ", found " + found + "; the file is damaged");
            }
            for (Map.Entry<String, NDArray> entry : arrays.entrySet()) {
                StoredTensor tensor = Objects.requireNonNull(tensors.get(entry.getKey()));
                ByteBuffer bytes = tensor.toBytes();
                ByteBuffer direct = ByteBuffer.allocateDirect(bytes.remaining()).order(ByteOrder.nativeOrder());
                direct.put(bytes).flip();
                set(entry.getValue(), direct, torch);
            }
        }
    }

    /** Sets an array to some bytes; the engine's own way to do that warns of what it uses itself. */
    private static void set(NDArray target, ByteBuffer bytes, TorchFunctions torch) {
        try (NDManager scope = torch.manager().newSubManager()) {
            NDArray read = scope.create(bytes, target.getShape(), target.getDataType());
            torch.update(
                    scope,
                    "copy",
                    new TorchFunctions.Lists().list("a", List.of(target)).list("b", List.of(read)));
        }
    }

    /** Sets a counter. */
    static void set(NDArray counter, long value, TorchFunctions torch) {
        set(
                counter,
                ByteBuffer.allocateDirect(Long.BYTES)
                        .order(ByteOrder.nativeOrder())
                        .putLong(value)
                        .flip(),
                torch);
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
