package io.mocozoo.cli;

import static io.mocozoo.cli.Embedded.MODEL;
import static io.mocozoo.cli.Shell.mocozoo;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.mocozoo.cli.Shell.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoCommandTest {
    private static final List<String> STEPS = List.of(
            "fetch",
            "predict",
            "shapes",
            "evaluate",
            "evaluate",
            "compare",
            "knn",
            "extract",
            "extract",
            "probe",
            "report");

    @TempDir
    Path folder;

    private Path cache() {
        return folder.resolve("a cache");
    }

    private Path demo() {
        return cache().resolve("demo");
    }

    @Test
    void showsTheWholeWorkCommandByCommandAndThePagesToOpen() throws IOException {
        Path registry = Embedded.registry(folder.resolve("r.json"), "mocov3_vit-tiny-p8_shapes"); // a name like its own
        Result result = mocozoo("demo", "--registry", registry, "--cache", cache());
        assertThat(result.code()).as(result.err()).isZero();
        assertThat(result.out().lines().filter(l -> l.startsWith("$ mocozoo ")).map(l -> l.split(" ")[2]))
                .isEqualTo(STEPS);
        assertThat(result.out())
                .contains("The card of " + MODEL)
                .containsPattern("circle.jpg\n +0.\\d+ +2 +circle\n")
                .containsPattern("square.jpg\n +0.\\d+ +7 +square\n")
                .containsPattern("star.jpg\n +0.\\d+ +8 +star\n")
                .containsPattern("triangle.jpg\n +0.\\d+ +9 +triangle\n")
                .contains("$ mocozoo shapes '" + demo().resolve("shapes") + "' --train 1000 --val 300\n")
                .contains("--tta --registry " + registry + " --cache '" + cache() + "'\n")
                .containsPattern("difference over 300 images: \\d+ gained, \\d+ lost; McNemar's p ")
                .containsPattern("k 10 +[89]\\d\\.\\d\\d %")
                .containsPattern("top-1 [89]\\d\\.\\d\\d % .* of 300 images, learnt from 1,000 ");
        assertThat(result.out().lines().reduce("", (before, line) -> line))
                .containsPattern("^Done in \\d+\\.\\d s\\. Open ")
                .contains(demo().resolve("run1/report.html") + " and " + demo().resolve("run2/compare.html"));
    }

    @Test
    void answersInJsonWhatEachCommandAnsweredAndMayBeRunAgain() throws IOException {
        Path left = demo().resolve("shapes/val/star/of-an-older-demo.JPEG");
        Path own = demo().resolve("notes.txt");
        Files.createDirectories(left.getParent());
        Files.writeString(left, "no picture");
        Files.writeString(own, "mine");
        JsonNode json = mocozoo("demo", "--cache", cache(), "--json").json();
        List<JsonNode> steps = json.path("steps").findValues("command");
        assertThat(steps.stream().map(s -> s.textValue().split(" ")[1])).isEqualTo(STEPS);
        assertThat(left).doesNotExist();
        assertThat(own).exists();
        double before = accuracy(json, 3);
        double after = accuracy(json, 4);
        assertThat(before).isGreaterThan(80);
        assertThat(after).isGreaterThan(80);
        JsonNode difference = json.path("steps").path(5).path("result").path("difference");
        assertThat(difference.path("percent").doubleValue()).isBetween(after - before - 1e-9, after - before + 1e-9);
        for (JsonNode page : json.path("pages")) {
            assertThat(Path.of(page.textValue())).content().contains("<html");
        }
    }

    private static double accuracy(JsonNode json, int step) {
        JsonNode result = json.path("steps").path(step).path("result");
        assertThat(result.path("images").intValue()).isEqualTo(300);
        return result.path("accuracy").path("top1").path("percent").doubleValue();
    }
}
