package io.mocozoo.cli;

import static io.mocozoo.cli.Shell.mocozoo;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.mocozoo.cli.Shell.Result;
import io.mocozoo.data.Shapes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From drawn pictures to a model that predicts: every piece meets the others at files. */
class TrainCommandTest {
    @TempDir
    Path folder;

    private static final String BACKBONE =
            "{\"type\": \"vit\", \"embedDim\": 24, \"depth\": 2, \"heads\": 3, \"mlpDim\": 48, \"patch\": 8,"
                    + " \"imageSize\": 32, \"positions\": \"sincos\"}";

    private Result train(String recipe, Path work, String... more) {
        List<Object> words = new ArrayList<>(List.of(
                "train",
                recipe,
                "--data",
                folder.resolve("shapes"),
                "--work-dir",
                work,
                "--json",
                "--set",
                "architecture.backbone=" + BACKBONE,
                "--set",
                "data.crop=32",
                "--set",
                "batch=20",
                "--set",
                "epochs=2"));
        words.addAll(List.of(more));
        return mocozoo(words.toArray());
    }

    @Test
    void whatIsTrainedIsConvertedAndPredicts() throws IOException {
        assertThat(mocozoo("shapes", folder.resolve("shapes"), "--train", 40, "--val", 10)
                        .code())
                .isZero();
        Path pretrained = folder.resolve("pretrained");
        Result first = train(
                "mocov3_vit-tiny-p8_shapes",
                pretrained,
                "--set",
                "schedule.0.end=1",
                "--set",
                "schedule.1.begin=1",
                "--set",
                "schedule.1.end=2");
        assertThat(first.code()).as(first.err()).isZero();
        assertThat(first.json().get("checkpoint").textValue()).endsWith("last.safetensors");
        assertThat(Path.of(first.json().get("report").textValue())).content().contains("mocov3_vit-tiny-p8_shapes");
        Path probe = folder.resolve("probe");
        Result second = train(
                "vit-small-p16_8xb128-linear-coslr-90e_in1k",
                probe,
                "--pretrained",
                pretrained.resolve("last.safetensors").toString(),
                "--set",
                "architecture.head.classes=10",
                "--set",
                "schedule.0.end=2",
                "--set",
                "optimizer.lr=0.1");
        assertThat(second.code()).as(second.err()).isZero();
        Path registry = folder.resolve("registry.json");
        Files.writeString(
                registry,
                """
                {"schema": 1, "models": [{"name": "trained", "task": "image-classification",
                 "architecture": {"backbone": %s, "head": {"type": "linear", "classes": 10}},
                 "preprocessing": {"resizeShortEdge": 36, "interpolation": "bilinear", "crop": 32,
                                   "mean": [123.675, 116.28, 103.53], "std": [58.395, 57.12, 57.375]},
                 "weights": {"url": "probe/last.safetensors"}}]}
                """
                        .formatted(BACKBONE));
        Result predicted = mocozoo(
                "predict",
                "trained",
                folder.resolve("shapes/val/star"),
                "--registry",
                registry,
                "--cache",
                folder.resolve("cache"),
                "--json");
        assertThat(predicted.code()).as(predicted.err()).isZero();
        JsonNode all = predicted.json();
        assertThat(all).isNotEmpty();
        assertThat(all.get(0).get("pred_class").textValue()) // the names travel inside the checkpoint
                .isIn(Shapes.CLASSES);
    }

    @Test
    void whatIsLearnedFromIsNotMeasuredOn() {
        mocozoo("shapes", folder.resolve("shapes"), "--train", 40, "--val", 0);
        Result refused = mocozoo(
                "train",
                "vit-tiny-p8_shapes",
                "--data",
                folder.resolve("shapes/train"), // class folders alone: there is nothing held out
                "--work-dir",
                folder.resolve("work"));
        assertThat(refused.code()).isEqualTo(Main.FAILED);
        assertThat(refused.err()).contains("expected held-out images as its split val", "--set monitorEpochs=0");
    }

    @Test
    void recipesAreListedPrintedAndPlanned() {
        assertThat(mocozoo("train", "--list", "--json").json()).hasSizeGreaterThanOrEqualTo(12);
        JsonNode config = mocozoo(
                        "train",
                        "mocov3_vit-small-p16_16xb256-amp-coslr-300e_in1k",
                        "--print-config",
                        "--set",
                        "optimizer.lr=0.5")
                .json();
        assertThat(config.get("optimizer").get("lr").doubleValue()).isEqualTo(0.5);
        String plan = mocozoo("train", "mocov3_resnet50_8xb512-amp-coslr-100e_in1k", "--dry-run")
                .out();
        assertThat(plan).contains("31,300 (313 an epoch, 100 epochs)", "68,012,160, of which ");
        assertThat(mocozoo("train", "no-such", "--dry-run").err()).contains("there is no recipe 'no-such'");
        assertThat(mocozoo("train", "mocov3_vit-tiny-p8_shapes", "--set", "batch=many", "--dry-run")
                        .code())
                .isEqualTo(Main.USAGE);
        for (String change : List.of(".=1", "optimizer.lr=", "optimizer..lr=1")) {
            Result refused = mocozoo("train", "mocov3_vit-tiny-p8_shapes", "--set", change, "--dry-run");
            assertThat(refused.code()).isEqualTo(Main.USAGE);
            assertThat(refused.err()).contains("such as optimizer.lr=0.1, found '" + change);
        }
        assertThat(mocozoo("train", "mocov3_vit-tiny-p8_shapes", "--work-dir", "x")
                        .err())
                .contains("--data is missing");
    }

    @Test
    void scaledRecipeIsPrintedAsTheSameTraining() throws IOException {
        String[] change = {"--set", "batch=64", "--auto-scale-lr"};
        JsonNode scaled = mocozoo(
                        "train", "mocov3_vit-tiny-p8_shapes", "--print-config", change[0], change[1], change[2])
                .json();
        assertThat(scaled.get("baseBatch").intValue()).isEqualTo(64);
        Path own = Files.writeString(folder.resolve("own.json"), scaled.toString());
        JsonNode once = mocozoo(
                        "train", "mocov3_vit-tiny-p8_shapes", "--dry-run", "--json", change[0], change[1], change[2])
                .json();
        JsonNode printed = mocozoo("train", own, "--dry-run", "--json").json();
        JsonNode twice =
                mocozoo("train", own, "--dry-run", "--json", "--auto-scale-lr").json();
        assertThat(printed.get("learningRates"))
                .isEqualTo(once.get("learningRates"))
                .isEqualTo(twice.get("learningRates"));
        JsonNode unscaled = mocozoo("train", "mocov3_vit-tiny-p8_shapes", "--dry-run", "--json", change[0], change[1])
                .json();
        assertThat(printed.get("learningRates")).isNotEqualTo(unscaled.get("learningRates"));
    }

    @Test
    void printingPlanningAndTrainingRefuseTheSame() {
        for (String step : List.of("--print-config", "--dry-run", "--json")) {
            Result refused = mocozoo(
                    "train",
                    "mocov3_vit-tiny-p8_shapes",
                    step,
                    "--data",
                    folder,
                    "--work-dir",
                    folder.resolve("work"),
                    "--set",
                    "moco.temperature=0",
                    "--set",
                    "architecture.backbone.heads=5");
            assertThat(refused.code()).as(step).isEqualTo(Main.USAGE);
            assertThat(refused.err())
                    .contains(
                            "recipe mocov3_vit-tiny-p8_shapes: moco.temperature: expected a number above 0, found 0.0");
        }
    }

    @Test
    void whoeverShortensATrainingIsToldThatItsScheduleFollows() {
        Result shorter = mocozoo("train", "mocov3_vit-tiny-p8_shapes", "--print-config", "--set", "epochs=4");
        assertThat(shorter.json().at("/schedule/1/end").intValue()).isEqualTo(4);
        assertThat(shorter.err().lines()).singleElement().asString().contains("schedule.1.end is 4 with the epochs");
        Result kept = mocozoo(
                "train",
                "mocov3_vit-tiny-p8_shapes",
                "--print-config",
                "--set",
                "epochs=4",
                "--set",
                "schedule.1.end=8");
        assertThat(kept.json().at("/schedule/1/end").intValue()).isEqualTo(8);
        assertThat(kept.err()).contains("the schedule of learning rates ends with epoch 8, the training with 4");
    }

    @Test
    void imagesThatCannotBeReadAreLeftOutUpToTheLimit() throws IOException {
        mocozoo("shapes", folder.resolve("shapes"), "--train", 40, "--val", 10);
        try (Stream<Path> files = Files.walk(folder.resolve("shapes/train"))) {
            for (Path file :
                    files.filter(Files::isRegularFile).sorted().limit(3).toList()) {
                Files.write(file, new byte[20]);
            }
        }
        String[] change = {"--set", "schedule=[]", "--set", "monitorEpochs=0", "--unreadable-limit", "2"};
        Result refused = train("mocov3_vit-tiny-p8_shapes", folder.resolve("refused"), change);
        assertThat(refused.code()).isEqualTo(Main.FAILED);
        assertThat(refused.err())
                .contains("images cannot be read, more than the 2 allowed", "allow more by --unreadable-limit N");
        change[5] = "3";
        Path work = folder.resolve("work");
        Result done = train("mocov3_vit-tiny-p8_shapes", work, change);
        assertThat(done.code()).as(done.err()).isZero();
        assertThat(Files.readAllLines(work.resolve("unreadable.txt"))).hasSize(3);
    }

    @Test
    void changedRecipeIsNotResumedAndWhatChangedIsNamed() {
        mocozoo("shapes", folder.resolve("shapes"), "--train", 40, "--val", 10);
        Path work = folder.resolve("work");
        String[] change = {"--set", "schedule=[]", "--set", "monitorEpochs=0", "--set", "frozenStages=1"};
        Result first = train("vit-tiny-p8_shapes", work, change);
        assertThat(first.code()).as(first.err()).isZero();
        assertThat(first.err()).contains("without --pretrained the frozen stages keep their first weights");
        String[] other = {"--resume", "--set", "schedule=[]", "--set", "monitorEpochs=0", "--set", "frozenStages=2"};
        Result refused = train("vit-tiny-p8_shapes", work, other);
        assertThat(refused.code()).isEqualTo(Main.FAILED);
        assertThat(refused.err())
                .contains("was written by another recipe", "\n  frozenStages: 1, now 2\n")
                .doesNotContain("architecture");
    }
}
