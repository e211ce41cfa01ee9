package io.mocozoo.checkpoint;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mocozoo.store.AtomicFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Writes safetensors files; reading is {@link Checkpoint#open}. */
public final class Safetensors {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int ALIGNMENT = 8;

    private Safetensors() {}

    /**
     * Writes tensors to a new file, beside the target and then moved into place; an existing file is replaced. The same
     * input gives the same bytes: metadata is sorted, tensors keep the order of the map in the header, and their data
     * lie in the order of falling element size, so that every tensor is aligned to its element. One tensor is held in
     * memory at a time, and one that lies in a mapped file not even that.
     *
     * @param target the file to write; folders on the way are made
     * @param tensors by key; each at most 2 GiB; {@code __metadata__} is no key
     * @param metadata strings about the file; empty leaves the entry out
     * @throws IllegalArgumentException if a key is {@code __metadata__}
     * @see <a href="https://huggingface.co/docs/safetensors/index#format">Safetensors: format</a>
     */
    public static void write(Path target, Map<String, ? extends StoredTensor> tensors, Map<String, String> metadata)
            throws IOException {
        if (tensors.containsKey("__metadata__")) {
            throw new IllegalArgumentException("__metadata__ is reserved by the format; rename the tensor");
        }
        List<Map.Entry<String, StoredTensor>> data = byElementSize(tensors);
        byte[] header = header(tensors, data, metadata);
        try (AtomicFile file = AtomicFile.create(target)) {
            ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            file.write(length.putLong(header.length).flip());
            file.write(ByteBuffer.wrap(header));
            for (Map.Entry<String, StoredTensor> entry : data) {
                file.write(entry.getValue().toBytes());
            }
            file.commit();
        }
    }

    private static List<Map.Entry<String, StoredTensor>> byElementSize(Map<String, ? extends StoredTensor> tensors) {
        Comparator<Map.Entry<String, StoredTensor>> falling =
                Comparator.comparingInt(e -> -e.getValue().dtype().bytes());
        return tensors.entrySet().stream()
                .map(e -> Map.entry(e.getKey(), (StoredTensor) e.getValue()))
                .sorted(falling) // stable: equal sizes keep their order
                .toList();
    }

    private static byte[] header(
            Map<String, ? extends StoredTensor> tensors,
            List<Map.Entry<String, StoredTensor>> data,
            Map<String, String> metadata)
            throws IOException {
        Map<String, Long> begins = new LinkedHashMap<>();
        long at = 0;
        for (Map.Entry<String, StoredTensor> entry : data) {
            begins.put(entry.getKey(), at);
            at = Math.addExact(at, bytes(entry.getValue()));
        }
        ObjectNode root = JSON.createObjectNode();
        if (!metadata.isEmpty()) {
            ObjectNode sorted = root.putObject("__metadata__");
            new TreeMap<>(metadata).forEach(sorted::put);
        }
        for (Map.Entry<String, ? extends StoredTensor> entry : tensors.entrySet()) {
            StoredTensor tensor = entry.getValue();
            long begin = begins.getOrDefault(entry.getKey(), 0L);
            ObjectNode node = root.putObject(entry.getKey());
            node.put("dtype", name(tensor.dtype()));
            ArrayNode shape = node.putArray("shape");
            Arrays.stream(tensor.shape()).forEach(shape::add);
            node.putArray("data_offsets").add(begin).add(begin + bytes(tensor));
        }
        byte[] json = JSON.writeValueAsBytes(root);
        byte[] padded = Arrays.copyOf(json, (json.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
        Arrays.fill(padded, json.length, padded.length, (byte) ' ');
        return padded;
    }

    private static long bytes(StoredTensor tensor) {
        return Math.multiplyExact(tensor.elementCount(), (long) tensor.dtype().bytes());
    }

    /** The format's name of a type. */
    static String name(DType dtype) {
        return switch (dtype) {
            case FLOAT64 -> "F64";
            case FLOAT32 -> "F32";
            case FLOAT16 -> "F16";
            case BFLOAT16 -> "BF16";
            case INT64 -> "I64";
            case INT32 -> "I32";
            case INT16 -> "I16";
            case INT8 -> "I8";
            case UINT8 -> "U8";
            case BOOL -> "BOOL";
        };
    }

    static Optional<DType> dtype(String name) {
        return Arrays.stream(DType.values())
                .filter(dtype -> name(dtype).equals(name))
                .findFirst();
    }

    static List<String> dtypes() {
        return Arrays.stream(DType.values()).map(Safetensors::name).toList();
    }
}
