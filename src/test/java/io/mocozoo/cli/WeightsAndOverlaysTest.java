package io.mocozoo.cli;

import static io.mocozoo.cli.Embedded.MODEL;
import static io.mocozoo.cli.Shell.mocozoo;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.mocozoo.checkpoint.Npy;
import io.mocozoo.cli.Shell.Result;
import io.mocozoo.runtime.Jvm;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WeightsAndOverlaysTest {
    @TempDir
    Path folder;

    private Path cache() {
        return folder.resolve("cache");
    }

    private JsonNode best(Object... words) {
        Result result = mocozoo(Stream.concat(Stream.of(words), Stream.of("--cache", cache(), "--json"))
                .toArray());
        assertThat(result.code()).as(result.err()).isZero();
        return result.json().get(0);
    }

    @Test
    void checkpointAndConvertedFilesOfOneModelAnswerAlike() throws IOException {
        Path picture = Embedded.picture(folder.resolve("a.png"), Color.RED);
        Path checkpoint = Embedded.checkpoint(folder);
        JsonNode expected = best("predict", MODEL, picture);
        assertThat(best("predict", MODEL, picture, "--weights", checkpoint)).isEqualTo(expected);
        assertThat(best("predict", MODEL, picture, "--weights", checkpoint.toUri()))
                .isEqualTo(expected);
        for (String input : new String[] {"tensor", "pixels"}) {
            Path file = folder.resolve(input + ".onnx");
            Result converted = mocozoo(
                    "convert", checkpoint, "--model", MODEL, "--out", file, "--input", input, "--cache", cache());
            assertThat(converted.code()).as(converted.err()).isZero();
            JsonNode found = best("predict", MODEL, picture, "--weights", file);
            assertThat(found.get("pred_label")).isEqualTo(expected.get("pred_label"));
            assertThat(found.get("pred_class")).isEqualTo(expected.get("pred_class"));
            assertThat(found.get("pred_score").doubleValue())
                    .isEqualTo(expected.get("pred_score").doubleValue(), Offset.offset(1e-5));
        }
    }

    @Test
    void onnxFileGivesTheOutputsAskedForAlone() throws IOException {
        Path file = folder.resolve("m.onnx");
        mocozoo("convert", Embedded.checkpoint(folder), "--model", MODEL, "--out", file, "--cache", cache());
        Path x = folder.resolve("x.npy");
        Npy.write(x, new int[] {1, 3, 48, 48}, new float[3 * 48 * 48]);
        Path out = folder.resolve("out");
        Result result = mocozoo(
                "run",
                MODEL,
                "--weights",
                file,
                "--input",
                x,
                "--out",
                out,
                "--outputs",
                "features",
                "--cache",
                cache());
        assertThat(result.code()).as(result.err()).isZero();
        assertThat(out).isDirectoryNotContaining(f -> !f.endsWith("features.npy"));
        Result missing = mocozoo(
                "run", MODEL, "--weights", file, "--input", x, "--out", out, "--outputs", "tokens", "--cache", cache());
        assertThat(missing.code()).isEqualTo(Main.FAILED);
        assertThat(missing.err()).contains("expected outputs [tokens], found [logits, backbone, features]");
    }

    @Test
    void cardWithoutWeightsNeedsAndTakesSome() throws IOException {
        Path registry = Embedded.registry(folder.resolve("r.json"), "mine");
        Path picture = Embedded.picture(folder.resolve("a.png"), Color.RED);
        Result without = mocozoo("predict", "mine", picture, "--registry", registry, "--cache", cache());
        assertThat(without.code()).isEqualTo(Main.FAILED);
        assertThat(without.err()).contains("mine", "--weights");
        JsonNode found =
                best("predict", "mine", picture, "--registry", registry, "--weights", Embedded.checkpoint(folder));
        assertThat(found.get("pred_label"))
                .isEqualTo(best("predict", MODEL, picture).get("pred_label"));
    }

    @Test
    void weightsWhoseNameTellsAnotherDigestAreRefused() throws IOException {
        Path wrong = folder.resolve("model_20260101-00000000.pth");
        Files.move(Embedded.checkpoint(folder), wrong);
        Path picture = Embedded.picture(folder.resolve("a.png"), Color.RED);
        Result result = mocozoo("predict", MODEL, picture, "--weights", wrong, "--cache", cache());
        assertThat(result.code()).isEqualTo(Main.FAILED);
        assertThat(result.err())
                .contains("model_20260101-00000000.pth", "00000000")
                .doesNotContain("\tat ");
    }

    @Test
    void laterRegistriesLieOnTop() throws IOException {
        Path first = Embedded.registry(folder.resolve("1.json"), "mine", MODEL);
        Path second = folder.resolve("2.json");
        Files.writeString(second, Files.readString(first).replace("\"resizeShortEdge\":55", "\"resizeShortEdge\":64"));
        for (boolean swapped : new boolean[] {false, true}) {
            JsonNode card = mocozoo(
                            "info",
                            MODEL,
                            "--cache",
                            cache(),
                            "--registry",
                            swapped ? second : first,
                            "--registry",
                            swapped ? first : second,
                            "--json")
                    .json();
            assertThat(card.get("preprocessing").get("resizeShortEdge").intValue())
                    .isEqualTo(swapped ? 55 : 64);
        }
        Files.createDirectories(cache());
        Files.copy(second, cache().resolve("registry.json"));
        assertThat(mocozoo("info", "mine", "--cache", cache(), "--json")
                        .json()
                        .get("preprocessing")
                        .get("resizeShortEdge")
                        .intValue())
                .isEqualTo(64);
    }

    @ParameterizedTest
    @CsvSource({
        "image-classification, 7",
        "Image Classification, 7",
        "self-supervised-pretraining, 6",
        "null, 6",
        "Object Detection, 0"
    })
    void tasksGoByTheCardsAndTheReferencesWords(String task, int count) {
        assertThat(mocozoo("list", "*mocov3", "--task", task, "--cache", cache(), "--json")
                        .json())
                .hasSize(count);
    }

    @Test
    void homeOfTheEnvironmentIsTheDefaultOfCache() throws Exception {
        Path home = Files.createDirectories(folder.resolve("home"));
        Files.copy(Embedded.registry(folder.resolve("r.json"), "at-home"), home.resolve("registry.json"));
        Map<String, String> environment = Map.of("MOCOZOO_HOME", home.toString());
        assertThat(Jvm.run(environment, List.of(), Main.class, "list", "at-home")
                        .output())
                .contains("at-home");
        assertThat(Jvm.run(environment, List.of(), Main.class, "cache").output())
                .contains(home.toString());
    }

    @Test
    void engineThatCannotLoadIsOneMessageThatSaysWhatToDo() throws Exception {
        Path picture = Embedded.picture(folder.resolve("a.png"), Color.RED);
        Path nowhere = folder.resolve("nowhere");
        List<String> options = List.of("-Donnxruntime.native.path=" + nowhere);
        Jvm.Ended predict =
                Jvm.run(options, Main.class, "predict", MODEL, picture.toString(), "--cache", cache().toString());
        assertThat(predict.code()).isEqualTo(Main.FAILED);
        assertThat(predict.output())
                .contains(nowhere.toString(), "leave -Donnxruntime.native.path out")
                .doesNotContain("\tat ");
        Jvm.Ended doctor = Jvm.run(options, Main.class, "doctor", "--cache", cache().toString());
        assertThat(doctor.code()).isEqualTo(Main.FAILED);
        assertThat(doctor.output()).contains("no: ONNX Runtime's native code cannot be loaded from " + nowhere);
    }

    @ParameterizedTest
    @CsvSource({
        "cache --prune --prune-broken,--prune and --prune-broken exclude each other",
        "benchmark vit-tiny-p8_shapes --untrained --weights x.pth,--untrained and --weights exclude each other",
        "convert a.pth --out a.onnx --model vit-tiny-p8_shapes --report .,--report names the folder",
        "run --input gone.npy --out x,the name of a model is missing"
    })
    void contradictionsAreUsageErrors(String line, String part) {
        Result result = mocozoo((Object[]) line.split(" "));
        assertThat(result.code()).isEqualTo(Main.USAGE);
        assertThat(result.err()).contains(part);
    }
}
