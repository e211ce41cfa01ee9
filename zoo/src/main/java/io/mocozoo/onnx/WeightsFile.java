package io.mocozoo.onnx;

import io.mocozoo.store.AtomicFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Weights beside a graph: one file that several graphs of the same weights share.
 *
 * @param name the file's name; it lies in the graph's folder
 * @param offsets where each weight begins, in bytes
 */
public record WeightsFile(String name, Map<String, Long> offsets) {
    /** Weights begin on a page, so that a runtime can map them. */
    private static final long ALIGNMENT = 4096;

    /** Smaller weights stay in the graph: shapes, and constants that only one of the graphs has. */
    private static final long SMALLEST = 1024;

    public WeightsFile {
        offsets = Collections.unmodifiableMap(new LinkedHashMap<>(offsets));
    }

    /** Lays the weights of a model out, in their order. */
    public static WeightsFile plan(String name, OnnxModel model) {
        Map<String, Long> offsets = new LinkedHashMap<>();
        long at = 0;
        for (Initializer weight : model.initializers()) {
            if (weight.byteCount() >= SMALLEST) {
                offsets.put(weight.name(), at);
                at = Math.addExact(at, weight.byteCount() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
            }
        }
        return new WeightsFile(name, offsets);
    }

    /** Writes the weights of the model this was planned for. */
    public void write(List<Initializer> weights, Path folder) throws IOException {
        AtomicFile.write(folder.resolve(name), channel -> {
            for (Initializer weight : weights) {
                if (offsets.containsKey(weight.name())) {
                    pad(channel, Objects.requireNonNull(offsets.get(weight.name())));
                    copy(weight, channel);
                }
            }
        });
    }

    private static void pad(FileChannel channel, long offset) throws IOException {
        ByteBuffer zeros = ByteBuffer.allocate(Math.toIntExact(offset - channel.position()));
        while (zeros.hasRemaining()) {
            channel.write(zeros);
        }
    }

    /** Writes one weight's values and holds them to their announced size. */
    static void copy(Initializer weight, FileChannel channel) throws IOException {
        ByteBuffer bytes = weight.payload().bytes();
        if (bytes.remaining() != weight.byteCount()) {
            throw new IOException("weight " + weight.name() + " has " + bytes.remaining() + " bytes, expected "
                    + weight.byteCount() + " for " + weight.dims());
        }
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
