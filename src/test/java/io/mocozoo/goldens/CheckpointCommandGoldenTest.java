package io.mocozoo.goldens;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mocozoo.checkpoint.Checkpoint;
import io.mocozoo.checkpoint.Npy;
import io.mocozoo.checkpoint.ReadLimits;
import io.mocozoo.cli.Main;
import io.mocozoo.cli.Shell;
import io.mocozoo.network.Cost;
import io.mocozoo.network.Key;
import io.mocozoo.network.Network;
import io.mocozoo.network.Output;
import io.mocozoo.registry.ArchitectureJson;
import io.mocozoo.runtime.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every golden checkpoint through the command, as a user would: a card of one's own, the file, tensors in and out. */
class CheckpointCommandGoldenTest {
    /** As the goldens' README gives it for outputs of checkpoints. */
    private static final double TOLERANCE = 1e-5;

    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path folder;

    static Stream<String> withOutputs() {
        return files(f -> f.has("architecture") && f.has("outputs"));
    }

    static Stream<String> broken() {
        return files(f -> f.get("kind").textValue().equals("broken"));
    }

    private static Stream<String> files(Predicate<JsonNode> wanted) {
        List<String> names = new ArrayList<>();
        for (JsonNode file : Goldens.index("checkpoints").get("files")) {
            if (wanted.test(file)) {
                names.add(file.get("file").textValue());
            }
        }
        assertThat(names).isNotEmpty();
        return names.stream();
    }

    private static JsonNode golden(String name) {
        for (JsonNode file : Goldens.index("checkpoints").get("files")) {
            if (file.get("file").textValue().equals(name)) {
                return file;
            }
        }
        throw new IllegalArgumentException(name);
    }

    /** A registry with one card of an architecture, without weights. */
    private Path registry(JsonNode architecture, int side) throws IOException {
        ObjectNode root = JSON.createObjectNode().put("schema", 1);
        ObjectNode card = root.putArray("models").addObject().put("name", "golden");
        card.put("task", architecture.has("head") ? "image-classification" : "self-supervised-pretraining");
        card.set("architecture", architecture);
        ObjectNode preprocessing = card.putObject("preprocessing")
                .put("resizeShortEdge", side)
                .put("interpolation", "bilinear")
                .put("crop", side);
        preprocessing.putArray("mean").add(123.675).add(116.28).add(103.53);
        preprocessing.putArray("std").add(58.395).add(57.12).add(57.375);
        Path file = folder.resolve("registry.json");
        Files.writeString(file, root.toString());
        return file;
    }

    @ParameterizedTest
    @MethodSource("withOutputs")
    void checkpointRunsAsTheReferenceDoes(String name) throws IOException {
        JsonNode golden = golden(name);
        Network network = ArchitectureJson.read(golden.get("architecture"), name);
        Path registry = registry(
                golden.get("architecture"),
                golden.get("outputs").get(0).get("shape").get(2).intValue());
        Set<Output> wanted = new TreeSet<>();
        for (JsonNode input : golden.get("outputs")) {
            input.get("outputs").properties().forEach(o -> wanted.add(GoldenOutputs.output(o.getKey(), network)));
        }
        List<String> faults = new ArrayList<>();
        int compared = 0;
        for (JsonNode input : golden.get("outputs")) {
            int[] shape = Goldens.ints(input.get("shape"));
            Tensor image = Scheme.image(input.get("stream").textValue(), shape);
            Path x = folder.resolve("x.npy");
            Npy.write(x, shape, image.toArray());
            Path out = folder.resolve("out");
            Shell.Result result = Shell.mocozoo(
                    "run",
                    "golden",
                    "--registry",
                    registry.toString(),
                    "--cache",
                    folder.resolve("cache").toString(),
                    "--weights",
                    Goldens.file(name).toString(),
                    "--input",
                    x.toString(),
                    "--out",
                    out.toString(),
                    "--device",
                    "cpu",
                    "--outputs",
                    wanted.stream().map(Output::word).collect(Collectors.joining(",")));
            assertThat(result.code()).as(result.err()).isZero();
            for (var expected : input.get("outputs").properties()) {
                String kind = expected.getKey();
                Npy.Array array =
                        Npy.read(out.resolve(GoldenOutputs.output(kind, network).word() + ".npy"));
                Tensor found = Tensor.of(array.toFloats(), array.shape());
                double[] reference = Goldens.npy(expected.getValue().get("file").textValue());
                double apart = Goldens.relativeL2(
                        GoldenOutputs.values(kind, expected.getValue(), found, reference.length), reference);
                compared++;
                if (!(apart <= GoldenOutputs.tolerance(kind, found, TOLERANCE))) {
                    faults.add(input.get("stream").textValue() + " " + kind + ": relative L2 " + apart);
                }
            }
        }
        assertThat(faults).isEmpty();
        assertThat(compared).isPositive();
    }

    @ParameterizedTest
    @MethodSource("broken")
    void brokenFileIsOneMessageOrAConversionThatMayBe(String name) throws IOException {
        JsonNode golden = golden(name);
        JsonNode architecture = golden(withOutputs()
                        .filter(n -> n.contains("micro")) // whose file the broken ones were made of
                        .findFirst()
                        .orElseThrow())
                .get("architecture");
        Path registry = registry(architecture, 32);
        Path target = folder.resolve("out.onnx");
        Shell.Result result = Shell.mocozoo(
                "convert",
                Goldens.file(name).toString(),
                "--model",
                "golden",
                "--registry",
                registry.toString(),
                "--cache",
                folder.resolve("cache").toString(),
                "--out",
                target.toString());
        assertThat(Path.of("/tmp/zoo_pickle_payload_ran")).doesNotExist();
        String expect = golden.get("expect").textValue();
        boolean mustRefuse = expect.startsWith("refused") || expect.contains("conversion refused");
        if (mustRefuse && !expect.contains(" or ")) {
            assertThat(result.code()).isEqualTo(Main.FAILED);
        }
        if (result.code() != Main.OK) {
            assertThat(result.err())
                    .contains(Path.of(name).getFileName().toString())
                    .doesNotContain("\tat ", "Exception");
            assertThat(target).doesNotExist();
        }
        if (expect.contains("names the key")) {
            assertThat(result.err()).contains(differingKeys(name, architecture));
        }
        if (expect.contains("list of missing keys")) {
            assertThat(result.err()).contains("head.layers.head.weight [", "is missing");
        }
    }

    /** The keys of a file that a network has not, or has in another shape. */
    private static List<String> differingKeys(String name, JsonNode architecture) throws IOException {
        Map<String, Key> known =
                Cost.of(ArchitectureJson.read(architecture, name), 32, 32).keys();
        List<String> differing = new ArrayList<>();
        try (Checkpoint checkpoint = Checkpoint.open(Goldens.file(name), ReadLimits.DEFAULT)) {
            checkpoint.stateDict().forEach((key, tensor) -> {
                Key expected = known.get(key);
                if (expected == null
                        || !expected.shape()
                                .equals(Arrays.stream(tensor.shape()).boxed().toList())) {
                    differing.add(key);
                }
            });
        }
        assertThat(differing).isNotEmpty();
        return differing;
    }
}
