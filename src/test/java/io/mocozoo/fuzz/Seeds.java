package io.mocozoo.fuzz;

import io.mocozoo.checkpoint.Checkpoint;
import io.mocozoo.checkpoint.CheckpointFormat;
import io.mocozoo.checkpoint.CheckpointFormatException;
import io.mocozoo.checkpoint.DType;
import io.mocozoo.checkpoint.Npy;
import io.mocozoo.checkpoint.ReadLimits;
import io.mocozoo.checkpoint.Safetensors;
import io.mocozoo.checkpoint.StoredTensor;
import io.mocozoo.goldens.Goldens;
import io.mocozoo.onnx.Attribute;
import io.mocozoo.onnx.Initializer;
import io.mocozoo.onnx.Node;
import io.mocozoo.onnx.OnnxModel;
import io.mocozoo.onnx.OnnxWriter;
import io.mocozoo.onnx.ValueInfo;
import io.mocozoo.onnx.WeightsFile;
import io.mocozoo.registry.Registry;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** Small files to start from: those of the golden set, and some of our own writing. */
final class Seeds {
    private static final int MOST_BYTES = 130_000;

    private Seeds() {}

    /** Golden files that load, of one container. */
    static List<byte[]> goldens(CheckpointFormat format) {
        return files(format).map(Seeds::bytes).toList();
    }

    private static Stream<Path> files(CheckpointFormat format) {
        return StreamSupport.stream(Goldens.index("checkpoints").get("files").spliterator(), false)
                .map(file -> Goldens.file(file.get("file").asText()))
                .filter(file -> format(file).equals(Optional.of(format)));
    }

    private static Optional<CheckpointFormat> format(Path file) {
        try {
            if (Files.size(file) > MOST_BYTES) {
                return Optional.empty();
            }
            try (Checkpoint checkpoint = Checkpoint.open(file, ReadLimits.DEFAULT)) {
                return Optional.of(checkpoint.format());
            }
        } catch (CheckpointFormatException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The pickles of golden zip files. */
    static List<byte[]> pickles() {
        return files(CheckpointFormat.TORCH_ZIP).map(Seeds::pickle).toList();
    }

    private static byte[] pickle(Path file) {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            ZipEntry entry = Collections.list(zip.entries()).stream()
                    .filter(candidate -> candidate.getName().endsWith("/data.pkl"))
                    .map(ZipEntry.class::cast)
                    .findFirst()
                    .orElseThrow();
            return zip.getInputStream(entry).readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<byte[]> safetensors() {
        Map<String, StoredTensor> tensors = new LinkedHashMap<>();
        tensors.put("backbone.w", StoredTensor.ofFloats(new float[] {1, 2, 3, 4, 5, 6}, 2, 3));
        tensors.put("steps", StoredTensor.ofLongs(new long[] {7}));
        tensors.put("flags", StoredTensor.ofBytes(DType.BOOL, ByteBuffer.allocate(3), 3));
        return List.of(
                written(file -> Safetensors.write(file, tensors, Map.of("classes", "[\"a\"]"))),
                written(file -> Safetensors.write(file, tensors, Map.of())));
    }

    static List<byte[]> npys() {
        return List.of(
                written(file -> Npy.write(file, new int[] {2, 3}, new float[6])),
                written(file -> Npy.write(file, new int[] {}, new long[1])));
    }

    private interface Writing {
        void to(Path file) throws IOException;
    }

    /** The built-in registry, whole and as a card or two of it. */
    static List<byte[]> registries() {
        try (InputStream in = Objects.requireNonNull(Registry.class.getResourceAsStream("registry.json"))) {
            byte[] all = in.readAllBytes();
            String text = new String(all, StandardCharsets.UTF_8);
            int second = text.indexOf("    {", text.indexOf("    {") + 1);
            String one = text.substring(0, text.lastIndexOf(',', second)) + "\n  ]\n}\n";
            return List.of(all, one.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A small graph with weights inside, and one with weights beside it. */
    static List<byte[]> onnx() {
        OnnxModel model = new OnnxModel(
                "seed",
                List.of(new ValueInfo("input", 1, List.of("n", "3", "h", "w"))),
                List.of(new ValueInfo("logits", 1, List.of("n", "3"))),
                List.of(new Node(
                        "Conv",
                        "",
                        List.of("input", "w"),
                        List.of("logits"),
                        Map.of("pads", Attribute.of(1, 1, 1, 1)))),
                List.of(Initializer.of("w", List.of(3L, 3L, 8L, 8L), new float[576])),
                Map.of("", 20L),
                Map.of("mocozoo.model", "seed"));
        return List.of(
                written(file -> OnnxWriter.write(model, file)),
                written(file -> OnnxWriter.write(model, new WeightsFile("w.bin", Map.of("w", 0L)), file)));
    }

    private static byte[] written(Writing writing) {
        try {
            Path file = Files.createTempFile(
                    Files.createDirectories(Path.of(System.getProperty("java.io.tmpdir"))), "seed", "");
            writing.to(file);
            byte[] bytes = Files.readAllBytes(file);
            Files.delete(file);
            return bytes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
