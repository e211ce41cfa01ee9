package io.mocozoo.cli;

import static io.mocozoo.cli.Embedded.MODEL;
import static io.mocozoo.cli.Shell.mocozoo;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mocozoo.checkpoint.Npy;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonOutputTest {
    @TempDir
    Path folder;

    private Path picture = Path.of("set before each test");

    @BeforeEach
    void prepare() throws IOException {
        picture = Embedded.picture(folder.resolve("a.png"), Color.RED);
        Npy.write(folder.resolve("x.npy"), new int[] {1, 3, 48, 48}, new float[3 * 48 * 48]);
        Embedded.checkpoint(folder);
    }

    @ParameterizedTest
    @CsvSource({
        "list",
        "list nothing-like-it",
        "info MODEL",
        "fetch MODEL",
        "verify --cache CACHE",
        "cache --cache CACHE",
        "cache --cache CACHE --prune",
        "convert CHECKPOINT --model MODEL --out FOLDER/m.onnx",
        "convert CHECKPOINT --out FOLDER/m.safetensors",
        "preprocess MODEL FOLDER/a.png --out FOLDER/crops",
        "predict MODEL FOLDER/a.png",
        "extract MODEL FOLDER/a.png --out FOLDER/f.csv",
        "run MODEL --input FOLDER/x.npy --out FOLDER/results",
        "doctor",
        "completion bash",
        "completion zsh",
        "benchmark MODEL --seconds 1 --batches 1",
        "shapes FOLDER/shapes --train 2 --val 1 --seed 3",
        "train --list",
        "train resnet50_8xb128-linear-coslr-90e_in1k --dry-run",
        "train resnet50_8xb128-linear-coslr-90e_in1k --print-config"
    })
    void standardOutputIsJsonAlone(String line) throws IOException {
        String known = line.startsWith("completion") || line.startsWith("train") || line.startsWith("shapes")
                ? line
                : line.contains("CACHE") ? line : line + " --cache CACHE";
        Shell.Result result = mocozoo((Object[]) (known + " --json")
                .replace("MODEL", MODEL)
                .replace("CHECKPOINT", Embedded.checkpoint(folder).toString())
                .replace("CACHE", folder.resolve("cache").toString())
                .replace("FOLDER", folder.toString())
                .split(" "));
        assertThat(result.code()).as(result.err()).isZero();
        assertThat(result.json().isContainerNode()).isTrue(); // and nothing after it: json() would fail
    }

    @Test
    void predictionsHaveTheFieldsScriptsReadAndNoOthers() {
        JsonNode one = mocozoo("predict", MODEL, picture, "--cache", folder.resolve("cache"), "--top", 2, "--json")
                .json()
                .get(0);
        assertThat(fields(one)).containsExactly("file", "pred_class", "pred_label", "pred_score", "top");
        assertThat(fields(one.get("top").get(1))).containsExactly("class", "label", "score");
        assertThat(one.get("pred_class")).isEqualTo(one.get("top").get(0).get("class"));
        assertThat(one.get("top").get(0).get("score").doubleValue())
                .isGreaterThanOrEqualTo(one.get("top").get(1).get("score").doubleValue());
    }

    @Test
    void cardsOfListAreThoseOfInfoWithoutWhatIsComputed() {
        JsonNode cards =
                mocozoo("list", "--cache", folder.resolve("cache"), "--json").json();
        assertThat(cards).hasSizeGreaterThanOrEqualTo(14);
        for (JsonNode card : cards) {
            JsonNode info = mocozoo("info", card.get("name").textValue(), "--cache", folder.resolve("cache"), "--json")
                    .json();
            assertThat(fields(info.get("computed"))).containsExactly("flops", "parameters");
            ((ObjectNode) info).remove("computed");
            assertThat(info).isEqualTo(card);
        }
    }

    @Test
    void failuresPrintNothingOnStandardOutput() {
        for (List<Object> line : List.of(
                List.<Object>of("predict", MODEL, folder, "--top", "x"),
                List.<Object>of("info", "no-such-model"),
                List.<Object>of("convert", folder.resolve("gone.pth"), "--out", folder.resolve("m.pth")),
                List.<Object>of("run", MODEL, "--input", folder.resolve("gone.npy"), "--out", folder))) {
            Shell.Result result =
                    mocozoo(Stream.concat(line.stream(), Stream.of("--json")).toArray());
            assertThat(result.code()).isNotZero();
            assertThat(result.out()).as(line.toString()).isEmpty();
            assertThat(result.err()).startsWith("mocozoo " + line.get(0) + ": ").doesNotContain("\tat ");
        }
    }

    private static Set<String> fields(JsonNode node) {
        Set<String> names = new TreeSet<>();
        node.fieldNames().forEachRemaining(names::add);
        return names;
    }
}
