package io.mocozoo.cli;

import static io.mocozoo.cli.Shell.mocozoo;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mocozoo.checkpoint.Checkpoint;
import io.mocozoo.checkpoint.Npy;
import io.mocozoo.checkpoint.ReadLimits;
import io.mocozoo.checkpoint.Safetensors;
import io.mocozoo.checkpoint.StoredTensor;
import io.mocozoo.cli.Shell.Result;
import io.mocozoo.goldens.Goldens;
import io.mocozoo.onnx.OnnxHeader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConvertCommandTest {
    @TempDir
    Path folder;

    /** The first golden checkpoint of a kind, and a registry with a card of its architecture named "golden". */
    private Path golden(Predicate<JsonNode> wanted) throws IOException {
        for (JsonNode file : Goldens.index("checkpoints").get("files")) {
            if (file.has("architecture") && wanted.test(file)) {
                JsonNode architecture = file.get("architecture");
                Files.writeString(
                        registry(),
                        """
                        {"schema": 1, "models": [{"name": "golden", "task": "%s", "architecture": %s,
                         "preprocessing": {"resizeShortEdge": 72, "interpolation": "bilinear", "crop": 64,
                                           "mean": [123.675, 116.28, 103.53], "std": [58.395, 57.12, 57.375]}}]}
                        """
                                .formatted(
                                        architecture.has("head")
                                                ? "image-classification"
                                                : "self-supervised-pretraining",
                                        architecture));
                return Goldens.file(file.get("file").textValue());
            }
        }
        throw new IllegalStateException("no such golden");
    }

    private Path registry() {
        return folder.resolve("registry.json");
    }

    private Result convert(Object... words) {
        Object[] line = Stream.concat(
                        Stream.of("convert"),
                        Stream.concat(
                                Stream.of(words),
                                Stream.of("--registry", registry(), "--cache", folder.resolve("cache"), "--json")))
                .toArray();
        return mocozoo(line);
    }

    private static boolean published(JsonNode file) {
        return file.get("kind").textValue().contains("published")
                && file.get("architecture").has("head");
    }

    @Test
    void sameCheckpointGivesTheSameBytesAndAFileThatTellsItsHistory() throws IOException {
        Path source = golden(ConvertCommandTest::published);
        Path a = folder.resolve("a.onnx");
        Path b = folder.resolve("b.onnx");
        Result first = convert(source, "--model", "golden", "--out", a, "--report", folder.resolve("r.json"));
        assertThat(first.code()).as(first.err()).isZero();
        assertThat(convert(source, "--model", "golden", "--out", b).code()).isZero();
        assertThat(a).hasSameBinaryContentAs(b);
        assertThat(OnnxHeader.read(a).metadata())
                .containsKeys(
                        "mocozoo.model",
                        "mocozoo.source",
                        "mocozoo.source.sha256",
                        "mocozoo.architecture",
                        "mocozoo.preprocessing",
                        "mocozoo.precision",
                        "mocozoo.input",
                        "mocozoo.converter")
                .containsEntry("mocozoo.opset", "20")
                .containsEntry(
                        "mocozoo.source.sha256", first.json().get("sha256").textValue());
        assertThat(first.json().get("selfCheck").get("logits").get("relativeL2").doubleValue())
                .isLessThan(1e-5); // float32 rounding of a small network stays below
        assertThat(new ObjectMapper().readTree(folder.resolve("r.json").toFile()))
                .isEqualTo(first.json());
    }

    @Test
    void halfPrecisionIsHalfAsLargeAndItsDifferenceIsTold() throws IOException {
        Path source = golden(ConvertCommandTest::published);
        Path full = folder.resolve("full.onnx");
        Path half = folder.resolve("half.onnx");
        assertThat(convert(source, "--model", "golden", "--out", full).code()).isZero();
        Result result = convert(source, "--model", "golden", "--out", half, "--precision", "fp16");
        assertThat(result.code()).as(result.err()).isZero();
        assertThat(result.json().get("weightBytes").longValue() * 2)
                .isCloseTo(Files.size(full), Percentage.withPercentage(25)); // beside it graph text
        assertThat(result.json()
                        .get("selfCheck")
                        .get("logits")
                        .get("relativeL2")
                        .doubleValue())
                .isBetween(1e-5, 3e-2); // eleven bits of mantissa, a few dozen layers
    }

    @Test
    void stateDictSurvivesSafetensorsAndBack() throws IOException {
        Path source = golden(ConvertCommandTest::published);
        Path safetensors = folder.resolve("a.safetensors");
        Path torch = folder.resolve("a.pth");
        assertThat(convert(source, "--out", safetensors).code()).isZero();
        assertThat(convert(safetensors, "--out", torch).code()).isZero();
        try (Checkpoint before = Checkpoint.open(source, ReadLimits.DEFAULT);
                Checkpoint after = Checkpoint.open(torch, ReadLimits.DEFAULT)) {
            assertThat(after.stateDict().keySet())
                    .containsExactlyInAnyOrderElementsOf(before.stateDict().keySet());
            for (Map.Entry<String, StoredTensor> entry : before.stateDict().entrySet()) {
                StoredTensor found = Objects.requireNonNull(after.stateDict().get(entry.getKey()));
                assertThat(found.shape()).isEqualTo(entry.getValue().shape());
                assertThat(found.toBytes()).isEqualTo(entry.getValue().toBytes());
            }
        }
        assertThat(convert(torch, "--model", "golden", "--out", folder.resolve("a.onnx"))
                        .code())
                .isZero();
    }

    @Test
    void keysOfTheOriginalCodeAreRenamed() throws IOException {
        for (String backbone : new String[] {"resnet", "vit"}) {
            keysAreRenamed(golden(f -> f.get("kind").textValue().startsWith("facebook")
                    && backbone.equals(f.at("/architecture/backbone/type").textValue())));
        }
    }

    private void keysAreRenamed(Path source) throws IOException {
        Path target = folder.resolve("renamed.safetensors");
        Result result = convert(source, "--model", "golden", "--out", target);
        assertThat(result.code()).as(result.err()).isZero();
        assertThat(result.json().get("layout").textValue()).contains("moco-v3");
        try (Checkpoint after = Checkpoint.open(target, ReadLimits.DEFAULT)) {
            assertThat(after.stateDict()).containsKeys("neck.fc0.weight", "head.predictor.fc0.weight");
            assertThat(after.stateDict().keySet()).noneMatch(k -> k.contains("base_encoder"));
        }
    }

    @Test
    void weightsBeforeAveragingAreTakenOnRequest() throws IOException {
        Path source = golden(f -> f.get("top_level_keys").toString().contains("ema_state_dict"));
        Path averaged = folder.resolve("averaged.safetensors");
        Path raw = folder.resolve("raw.safetensors");
        assertThat(convert(source, "--out", averaged).code()).isZero();
        assertThat(convert(source, "--out", raw, "--ema").code()).isZero();
        assertThat(Files.size(raw)).isPositive();
        assertThat(Files.mismatch(averaged, raw)).isNotEqualTo(-1);
        Result none = convert(golden(ConvertCommandTest::published), "--out", raw, "--ema");
        assertThat(none.code()).isEqualTo(Main.FAILED);
        assertThat(none.err()).contains("no ema_state_dict");
    }

    @Test
    void graphOfPixelsAgreesWithTheGraphOfTensors() throws IOException {
        Path source = golden(ConvertCommandTest::published);
        Path pixels = folder.resolve("pixels.onnx");
        assertThat(convert(source, "--model", "golden", "--out", pixels, "--input", "pixels")
                        .code())
                .isZero();
        Result wrong = mocozoo(
                "run",
                "golden",
                "--registry",
                registry(),
                "--cache",
                folder.resolve("cache"),
                "--weights",
                pixels,
                "--input",
                tensor(),
                "--out",
                folder.resolve("out"));
        assertThat(wrong.code()).isEqualTo(Main.FAILED);
        assertThat(wrong.err()).contains("takes no tensor");
    }

    private Path tensor() throws IOException {
        Path x = folder.resolve("x.npy");
        Npy.write(x, new int[] {1, 3, 64, 64}, new float[3 * 64 * 64]);
        return x;
    }

    @Test
    void weightsThatAreNotFiniteAreRefusedAndTheOldFileStays() throws IOException {
        Path source = golden(ConvertCommandTest::published);
        Path broken = withFirstOfTheHead(source, Float.NaN);
        Path work = Files.createDirectories(folder.resolve("work"));
        Path old = Files.writeString(work.resolve("old.onnx"), "old but good");
        for (String precision : new String[] {"fp32", "fp16"}) {
            Result result = convert(broken, "--model", "golden", "--out", old, "--precision", precision);
            assertThat(result.code()).isEqualTo(Main.FAILED);
            assertThat(result.err()).contains("NaN or infinity");
            assertThat(old).hasContent("old but good");
        }
        assertThat(work).isDirectoryNotContaining(f -> !f.equals(old));
    }

    /** A state dict whose head's arrays begin with a value. */
    private Path withFirstOfTheHead(Path source, float value) throws IOException {
        Map<String, StoredTensor> tensors = new TreeMap<>();
        try (Checkpoint checkpoint = Checkpoint.open(source, ReadLimits.DEFAULT)) {
            for (Map.Entry<String, StoredTensor> entry : checkpoint.stateDict().entrySet()) {
                float[] values = entry.getValue().toFloats();
                if (entry.getKey().startsWith("head.")) {
                    values[0] = value;
                }
                tensors.put(
                        entry.getKey(),
                        StoredTensor.ofFloats(values, entry.getValue().shape()));
            }
        }
        Path file = folder.resolve("changed.safetensors");
        Safetensors.write(file, tensors, Map.of());
        return file;
    }

    @Test
    void weightsThatOverflowInHalfPrecisionAreRefusedThereAlone() throws IOException {
        Path large = withFirstOfTheHead(golden(ConvertCommandTest::published), 1e6f); // half precision ends at 65,504
        Path out = folder.resolve("large.onnx");
        Result half = convert(large, "--model", "golden", "--out", out, "--precision", "fp16");
        assertThat(half.code()).isEqualTo(Main.FAILED);
        assertThat(half.err()).contains("overflows in fp16", "--precision fp32");
        assertThat(out).doesNotExist();
        Result single = convert(large, "--model", "golden", "--out", out);
        assertThat(single.code()).as(single.err()).isZero();
    }

    @Test
    void outputsTheNetworkHasNotAreAUsageErrorThatNamesThoseItHas() throws IOException {
        Path source = golden(ConvertCommandTest::published);
        Path work = Files.createDirectory(folder.resolve("work"));
        Result result =
                convert(source, "--model", "golden", "--out", work.resolve("x.onnx"), "--outputs", "logits,projection");
        assertThat(result.code()).isEqualTo(Main.USAGE);
        assertThat(result.err()).contains("expected some of [logits", "projection");
        assertThat(work).isEmptyDirectory();
    }

    @Test
    void averagedWeightsAndThoseBeforeGiveDifferentGraphs() throws IOException {
        Path source = golden(f -> f.get("top_level_keys").toString().contains("ema_state_dict"));
        Path averaged = folder.resolve("averaged.onnx");
        Path raw = folder.resolve("raw.onnx");
        assertThat(convert(source, "--model", "golden", "--out", averaged).code())
                .isZero();
        Result result = convert(source, "--model", "golden", "--out", raw, "--ema");
        assertThat(result.code()).as(result.err()).isZero();
        assertThat(Files.mismatch(averaged, raw)).isNotEqualTo(-1);
    }

    @Test
    void refusalLeavesNothingBehind() throws IOException {
        Path source = golden(ConvertCommandTest::published);
        Path other = folder.resolve("other");
        Files.createDirectories(other);
        Result wrongModel = convert(
                source,
                "--model",
                "resnet50_mocov3-100e-pre_8xb128-linear-coslr-90e_in1k",
                "--out",
                other.resolve("x.onnx"));
        assertThat(wrongModel.code()).isEqualTo(Main.FAILED);
        assertThat(wrongModel.err())
                .contains("do not fit the model", "expected shape")
                .doesNotContain("\tat ");
        Path blocked = Files.createFile(folder.resolve("file"));
        assertThat(convert(source, "--model", "golden", "--out", blocked.resolve("x.onnx"))
                        .code())
                .isEqualTo(Main.FAILED);
        assertThat(other).isEmptyDirectory();
    }
}
