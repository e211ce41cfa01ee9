package io.mocozoo.cli;

import static io.mocozoo.cli.Shell.mocozoo;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mocozoo.checkpoint.Checkpoint;
import io.mocozoo.checkpoint.ReadLimits;
import io.mocozoo.cli.Shell.Result;
import io.mocozoo.data.Shapes;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two trainings of two steps each, a pretraining and a probe on it; then what makes models of them. */
class RegisterCommandTest {
    private static final String BACKBONE =
            "architecture.backbone={\"type\": \"vit\", \"embedDim\": 24, \"depth\": 2, \"heads\": 3, \"mlpDim\": 48,"
                    + " \"patch\": 8, \"imageSize\": 32, \"positions\": \"sincos\"}";

    @TempDir
    static Path trained;

    @TempDir
    Path folder;

    @BeforeAll
    static void train() throws IOException {
        Shapes.write(trained.resolve("shapes"), "train", 20, 0);
        run(
                "train",
                "mocov3_vit-tiny-p8_shapes",
                "--work-dir",
                trained.resolve("pretrained"),
                "--set",
                "schedule.0.end=1",
                "--set",
                "schedule.1.begin=1",
                "--set",
                "schedule.1.end=2");
        Files.writeString(
                trained.resolve("pretrained/scalars.jsonl"),
                "{\"step\": 2, \"knn_top1\": 37.5}\n{\"step\": 3, \"knn_top1\": 99}\n",
                StandardOpenOption.APPEND);
        run(
                "train",
                "vit-small-p16_8xb128-linear-coslr-90e_in1k",
                "--work-dir",
                trained.resolve("probe"),
                "--pretrained",
                trained.resolve("pretrained/last.safetensors"),
                "--set",
                "architecture.head.classes=10",
                "--set",
                "schedule.0.end=2",
                "--set",
                "optimizer.lr=0.1");
    }

    private static void run(Object... words) {
        Result result = mocozoo(Stream.concat(
                        Stream.of(words),
                        Stream.of(
                                "--data",
                                trained.resolve("shapes"),
                                "--set",
                                BACKBONE,
                                "--set",
                                "data.crop=32",
                                "--set",
                                "batch=20",
                                "--set",
                                "monitorEpochs=0",
                                "--set",
                                "epochs=2"))
                .toArray());
        assertThat(result.code()).as(result.err()).isZero();
    }

    private Result register(Object... words) {
        return mocozoo(Stream.concat(Stream.of("register"), Stream.of(words)).toArray());
    }

    private Path cache() {
        return folder.resolve("cache");
    }

    @Test
    void trainedClassifierPredictsByItsNewName() throws IOException {
        Result result = register(trained.resolve("probe"), "--name", "mine", "--cache", cache(), "--json");
        assertThat(result.code()).as(result.err()).isZero();
        Path weights = Path.of(result.json().get("weights").textValue());
        assertThat(weights.getParent()).isEqualTo(cache().toAbsolutePath().resolve("registered"));
        assertThat(weights.getFileName().toString()).matches("mine-[0-9a-f]{8}\\.safetensors");
        try (Checkpoint checkpoint = Checkpoint.open(weights, ReadLimits.DEFAULT)) {
            Checkpoint.verifyNameDigest(weights);
            assertThat(checkpoint.allTensors())
                    .containsKeys("backbone.cls_token", "head.layers.head.weight")
                    .allSatisfy((key, tensor) ->
                            assertThat(key).doesNotStartWith("optimizer.").doesNotStartWith("raw."));
        }
        assertThat(weights.getParent()).isDirectoryNotContaining("glob:**/.register*");
        JsonNode card = mocozoo("info", "mine", "--cache", cache(), "--json").json();
        assertThat(card.get("preprocessing").get("resizeShortEdge").intValue()).isEqualTo(37); // 32 / 0.875
        assertThat(card.get("recipe").textValue()).isEqualTo("vit-small-p16_8xb128-linear-coslr-90e_in1k");
        assertThat(card.get("parameters")).isEqualTo(card.get("computed").get("parameters"));
        assertThat(card.get("flops")).isEqualTo(card.get("computed").get("flops"));
        assertThat(card.has("results")).isFalse();
        assertThat(Files.readAllLines(Path.of(URI.create(card.get("labels").textValue()))))
                .isEqualTo(Shapes.CLASSES);
        Result predicted = mocozoo(
                "predict", "mine", trained.resolve("shapes/train/star"), "--cache", cache(), "--json", "--offline");
        assertThat(predicted.code()).as(predicted.err()).isZero();
        assertThat(predicted.json()).isNotEmpty().allSatisfy(p -> assertThat(Shapes.CLASSES)
                .contains(p.get("pred_class").textValue()));
    }

    @Test
    void pretrainedEncoderKeepsItsResultAndExtracts() throws IOException {
        Path registry = folder.resolve("own/models.json");
        Path checkpoint = trained.resolve("pretrained/last.safetensors");
        Result result = register(checkpoint, "--name", "encoder", "--registry", registry, "--cache", cache());
        assertThat(result.code()).as(result.err()).isZero();
        assertThat(result.out()).contains("mocozoo extract encoder IMAGE", "--registry " + registry, "k-NN top-1 37.5");
        assertThat(cache().resolve("registry.json")).doesNotExist();
        assertThat(folder.resolve("own/registered")).isDirectoryContaining("glob:**/encoder-*.safetensors");
        Path features = folder.resolve("features.npy");
        Result extracted = mocozoo(
                "extract",
                "encoder",
                trained.resolve("shapes/train/star"),
                "--out",
                features,
                "--registry",
                registry,
                "--cache",
                cache());
        assertThat(extracted.code()).as(extracted.err()).isZero();
        assertThat(features).isNotEmptyFile();
    }

    @Test
    void cardsOfANameAreReplacedByForceAloneAndOthersStayAsTheyAre() throws IOException {
        Files.createDirectories(cache());
        Path registry = cache().resolve("registry.json");
        String other = Files.readString(Embedded.registry(folder.resolve("r.json"), "other"))
                .replace("123.675", "123.67500000000000100");
        Files.writeString(registry, other);
        assertThat(register(trained.resolve("probe"), "--name", "mine", "--cache", cache())
                        .code())
                .isZero();
        String first = Files.readString(registry);
        for (String taken : List.of("mine", "other", "mocov3_resnet50_8xb512-amp-coslr-100e_in1k")) {
            Result refused = register(trained.resolve("pretrained"), "--name", taken, "--cache", cache());
            assertThat(refused.code()).isEqualTo(Main.FAILED);
            assertThat(refused.err()).contains("there is a model " + taken + " already", "--force");
        }
        assertThat(registry).hasContent(first);
        Result forced = register(trained.resolve("pretrained"), "--name", "mine", "--cache", cache(), "--force");
        assertThat(forced.code()).as(forced.err()).isZero();
        JsonNode models = new ObjectMapper().readTree(registry.toFile()).get("models");
        assertThat(models).hasSize(2);
        assertThat(models.get(0))
                .isEqualTo(new ObjectMapper().readTree(other).get("models").get(0));
        assertThat(Files.readString(registry)).contains("123.67500000000000100");
        assertThat(models.get(1).get("task").textValue()).isEqualTo("self-supervised-pretraining");
    }

    @Test
    void whatIsNoTrainingIsRefusedAndNothingIsLeft() throws IOException {
        assertThat(register(folder, "--name", "mine", "--cache", cache()).err())
                .contains("there is no " + folder.resolve("last.safetensors"));
        Result foreign = register(Embedded.checkpoint(folder), "--name", "mine", "--cache", cache());
        assertThat(foreign.code()).isEqualTo(Main.FAILED);
        assertThat(foreign.err()).contains("holds no recipe in its metadata");
        assertThat(cache().resolve("registry.json")).doesNotExist();
        assertThat(cache().resolve("registered")).isEmptyDirectory();
        Files.writeString(cache().resolve("registry.json"), "{\"schema\": 2}");
        Result broken = register(trained.resolve("probe"), "--name", "mine", "--cache", cache());
        assertThat(broken.code()).isEqualTo(Main.FAILED);
        assertThat(broken.err()).contains("schema");
        assertThat(cache().resolve("registry.json")).hasContent("{\"schema\": 2}");
        assertThat(register(trained.resolve("probe"), "--name", "Mine/..", "--cache", cache())
                        .code())
                .isEqualTo(Main.USAGE);
        assertThat(register(trained.resolve("probe")).err()).contains("--name is missing");
        assertThat(register("--name", "mine").err()).contains("work folder or checkpoint");
    }

    @Test
    void trainingHasAReportAndOtherFoldersHaveNone() throws IOException {
        Result result = mocozoo("report", trained.resolve("probe"), folder, folder.resolve("gone"), "--json");
        assertThat(result.code()).isEqualTo(Main.FAILED);
        assertThat(result.err())
                .contains(folder + " holds nothing a report can be made of", "a training (scalars.jsonl)")
                .contains("there is no folder " + folder.resolve("gone"));
        assertThat(result.json()).hasSize(1);
        assertThat(Files.readString(Path.of(result.json().get(0).get("report").textValue())))
                .contains("vit-small-p16_8xb128-linear-coslr-90e_in1k", "<dd>2 of 2</dd>");
        assertThat(mocozoo("report").code()).isEqualTo(Main.USAGE);
    }
}
