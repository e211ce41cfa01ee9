package io.mocozoo.goldens;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.fasterxml.jackson.databind.JsonNode;
import io.mocozoo.checkpoint.Checkpoint;
import io.mocozoo.checkpoint.CheckpointFormat;
import io.mocozoo.checkpoint.CheckpointFormatException;
import io.mocozoo.checkpoint.DType;
import io.mocozoo.checkpoint.KeyMap;
import io.mocozoo.checkpoint.ReadLimits;
import io.mocozoo.checkpoint.Safetensors;
import io.mocozoo.checkpoint.StoredTensor;
import io.mocozoo.checkpoint.TorchZip;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every checkpoint of the golden set, good or broken, against what its index says. */
class CheckpointGoldenTest {
    /** What the hostile pickles of the set would create if anything ran them. */
    private static final Path PAYLOAD = Path.of("/tmp/zoo_pickle_payload_ran");

    private static final String VALUES = ".values.json";
    private static final Duration LIMIT = Duration.ofSeconds(10);

    @TempDir
    Path folder;

    static Stream<JsonNode> files() {
        return StreamSupport.stream(Goldens.index("checkpoints").get("files").spliterator(), false);
    }

    static Stream<JsonNode> good() {
        return files().filter(file -> !file.get("kind").asText().equals("broken"));
    }

    static Stream<JsonNode> broken() {
        return files().filter(file -> file.get("kind").asText().equals("broken"));
    }

    private static Path path(JsonNode file) {
        return Goldens.file(file.get("file").asText());
    }

    @AfterEach
    void nothingWasExecuted() {
        assertThat(PAYLOAD).doesNotExist();
    }

    @ParameterizedTest
    @MethodSource("good")
    void formatAndTopLevelKeysAreRecognised(JsonNode file) throws IOException {
        byte[] head = Arrays.copyOf(Files.readAllBytes(path(file)), 2);
        try (Checkpoint checkpoint = Checkpoint.open(path(file), ReadLimits.DEFAULT)) {
            assertThat(checkpoint.format())
                    .isEqualTo(
                            head[0] == 'P' && head[1] == 'K'
                                    ? CheckpointFormat.TORCH_ZIP
                                    : CheckpointFormat.TORCH_LEGACY);
            if (file.get("kind").asText().equals("legacy")) {
                assertThat(checkpoint.format()).isEqualTo(CheckpointFormat.TORCH_LEGACY);
            }
            List<String> keys = new ArrayList<>();
            file.get("top_level_keys").forEach(key -> keys.add(key.asText()));
            assertThat(checkpoint.topLevelKeys()).isEqualTo(keys);
            assertThat(checkpoint.warnings()).isEmpty();
            assertThat(checkpoint.emaStateDict().isPresent()).isEqualTo(keys.contains("ema_state_dict"));
            checkpoint.emaStateDict().ifPresent(ema -> assertThat(ema.keySet())
                    .isEqualTo(checkpoint.stateDict().keySet()));
        }
    }

    @ParameterizedTest
    @MethodSource("good")
    void digestInTheNameIsThatOfTheBytes(JsonNode file) throws Exception {
        assertThat(sha256(Files.readAllBytes(path(file))))
                .isEqualTo(file.get("sha256").asText());
        Checkpoint.verifyNameDigest(path(file), file.get("sha256").asText());
        Checkpoint.verifyNameDigest(path(file));
    }

    @ParameterizedTest
    @MethodSource("good")
    void tensorsAreThoseOfTheReferenceToTheBit(JsonNode file) throws Exception {
        JsonNode tensors = tensors(file);
        try (Checkpoint checkpoint = Checkpoint.open(path(file), ReadLimits.DEFAULT)) {
            assertSame(checkpoint.stateDict(), tensors);
        }
    }

    @ParameterizedTest
    @MethodSource("good")
    void tensorsSurviveBeingWrittenInBothFormats(JsonNode file) throws Exception {
        JsonNode tensors = tensors(file);
        Path safetensors = folder.resolve("a.safetensors");
        Path torch = folder.resolve("a.pth");
        try (Checkpoint checkpoint = Checkpoint.open(path(file), ReadLimits.DEFAULT)) {
            Safetensors.write(safetensors, checkpoint.stateDict(), Map.of());
            TorchZip.write(torch, checkpoint.stateDict());
        }
        for (Path written : List.of(safetensors, torch)) {
            try (Checkpoint checkpoint = Checkpoint.open(written, ReadLimits.DEFAULT)) {
                assertSame(checkpoint.stateDict(), tensors);
            }
        }
    }

    /** A training checkpoint holds what was published from it. */
    private static JsonNode tensors(JsonNode file) {
        Optional<JsonNode> described = file.has("tensors")
                ? Optional.of(file)
                : good().filter(other -> other.get("kind").asText().equals("mmpretrain_published"))
                        .filter(other -> other.path("model_config").equals(file.path("model_config")))
                        .findFirst();
        return Goldens.json(described.orElseThrow().get("tensors").asText());
    }

    private static void assertSame(Map<String, StoredTensor> stateDict, JsonNode expected) throws Exception {
        List<String> keys = new ArrayList<>();
        expected.fieldNames().forEachRemaining(key -> keys.add(key.replaceFirst("^module\\.", "")));
        assertThat(stateDict.keySet()).containsExactlyElementsOf(keys);
        for (Map.Entry<String, JsonNode> entry : expected.properties()) {
            String key = entry.getKey().replaceFirst("^module\\.", "");
            StoredTensor tensor = Objects.requireNonNull(stateDict.get(key));
            assertThat(tensor.dtype().torchName())
                    .as(key)
                    .isEqualTo(entry.getValue().get(0).asText());
            int[] shape = StreamSupport.stream(entry.getValue().get(1).spliterator(), false)
                    .mapToInt(JsonNode::asInt)
                    .toArray();
            assertThat(tensor.shape()).as(key).isEqualTo(shape);
            byte[] bytes = new byte[tensor.toBytes().remaining()];
            tensor.toBytes().get(bytes);
            assertThat(sha256(bytes).substring(0, 16))
                    .as(key)
                    .isEqualTo(entry.getValue().get(2).asText());
            assertThat(tensor.toFloats()).as(key).hasSize((int) tensor.elementCount());
        }
    }

    private static Optional<String> values(JsonNode file) {
        String name = file.get("file").asText();
        String folder = name.substring(0, name.lastIndexOf('/') + 1);
        try (Stream<Path> siblings = Files.list(Goldens.file(folder))) {
            return siblings.map(sibling -> sibling.getFileName().toString())
                    .filter(sibling -> sibling.endsWith(VALUES))
                    .map(sibling -> folder + sibling)
                    .filter(sibling -> name.startsWith(sibling.replace(VALUES, "")))
                    .findFirst();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Files whose name begins as that of a {@code <stem>.values.json} hold those values. */
    static Stream<JsonNode> withValues() {
        return good().filter(file -> values(file).isPresent());
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("withValues")
    void valuesAreThoseOfTheReference(JsonNode file) throws IOException {
        JsonNode expected = Goldens.json(values(file).orElseThrow());
        try (Checkpoint checkpoint = Checkpoint.open(path(file), ReadLimits.DEFAULT)) {
            for (Map.Entry<String, JsonNode> entry : expected.properties()) {
                StoredTensor tensor =
                        Objects.requireNonNull(checkpoint.stateDict().get(entry.getKey()));
                float[] floats = tensor.toFloats();
                assertThat(floats).hasSize(entry.getValue().size());
                for (int i = 0; i < floats.length; i++) {
                    String value = entry.getValue().get(i).asText();
                    double number = number(value);
                    assertThat(floats[i]).as(entry.getKey()).isEqualTo(Float.valueOf((float) number));
                    if (tensor.dtype() == DType.INT64) {
                        assertThat(tensor.toBytes().getLong(8 * i)).isEqualTo(Long.parseLong(value));
                    } else if (tensor.dtype() == DType.FLOAT64) {
                        assertThat(tensor.toBytes().getDouble(8 * i)).isEqualTo(Double.valueOf(number));
                    }
                }
            }
        }
    }

    private static Optional<JsonNode> publishedOfTheSameBuild(JsonNode file) {
        return good().filter(other -> other.get("kind").asText().equals("mmpretrain_published"))
                .filter(other -> build(other).equals(build(file)))
                .findFirst();
    }

    static Stream<JsonNode> ofTheOriginalScript() {
        return good().filter(file -> file.get("kind").asText().equals("facebook_moco_v3"))
                .filter(file -> publishedOfTheSameBuild(file).isPresent());
    }

    /** Both libraries' files of a network of the same build have the same keys, but for the momentum step count. */
    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("ofTheOriginalScript")
    void keysOfTheOriginalScriptBecomeThoseOfTheReference(JsonNode file) throws IOException {
        JsonNode published = publishedOfTheSameBuild(file).orElseThrow();
        try (Checkpoint original = Checkpoint.open(path(file), ReadLimits.DEFAULT);
                Checkpoint reference = Checkpoint.open(path(published), ReadLimits.DEFAULT)) {
            Set<String> expected = new HashSet<>(reference.stateDict().keySet());
            Map<String, StoredTensor> renamed = KeyMap.toMmpretrain(original.stateDict(), expected);
            expected.remove("momentum_encoder.steps");
            assertThat(renamed.keySet()).containsExactlyInAnyOrderElementsOf(expected);
        }
    }

    private static List<JsonNode> build(JsonNode file) {
        return Stream.of("/backbone/type", "/backbone/depth", "/projector/layers", "/predictor/lastNorm")
                .map(field -> file.path("architecture").at(field))
                .toList();
    }

    private static double number(String python) {
        return switch (python) {
            case "nan" -> Double.NaN;
            case "inf" -> Double.POSITIVE_INFINITY;
            case "-inf" -> Double.NEGATIVE_INFINITY;
            default -> Double.parseDouble(python);
        };
    }

    @ParameterizedTest
    @MethodSource("broken")
    void brokenFilesAreRefusedOrLoadAsTheIndexSays(JsonNode file) {
        String expect = file.get("expect").asText();
        boolean mustRefuse = expect.startsWith("refused") && !expect.startsWith("refused or");
        boolean mustLoad = expect.startsWith("load succeeds") || expect.startsWith("conversion refused");
        assertTimeoutPreemptively(LIMIT, () -> {
            try {
                Checkpoint.verifyNameDigest(path(file));
                readAll(path(file));
                if (mustRefuse) {
                    fail("loaded; expected: %s", expect);
                }
            } catch (CheckpointFormatException e) {
                assertThat(mustLoad).as("refused; expected: %s", expect).isFalse();
                assertThat(e).hasMessageStartingWith(path(file).getFileName().toString());
                assertThat(e.file()).isEqualTo(path(file));
                assertThat(e.getMessage().length()).isLessThan(1000);
            }
        });
    }

    static Stream<JsonNode> damagedInATensor() {
        return broken().filter(file -> file.get("expect").asText().contains("CRC"));
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("damagedInATensor")
    void withoutTheNamesDigestAFlippedByteIsFoundByTheChecksum(JsonNode file) {
        assertThatThrownBy(() -> readAll(path(file)))
                .isInstanceOf(CheckpointFormatException.class)
                .hasMessageContaining("CRC-32");
    }

    private static void readAll(Path path) throws IOException {
        try (Checkpoint checkpoint = Checkpoint.open(path, ReadLimits.DEFAULT)) {
            for (StoredTensor tensor : checkpoint.stateDict().values()) {
                ByteBuffer bytes = tensor.toBytes();
                assertThat((long) bytes.remaining())
                        .isEqualTo(tensor.elementCount() * tensor.dtype().bytes());
                assertThat(tensor.toFloats()).hasSize((int) tensor.elementCount());
            }
        }
    }

    private static String sha256(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }
}
