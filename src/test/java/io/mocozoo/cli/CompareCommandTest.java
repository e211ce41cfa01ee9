package io.mocozoo.cli;

import static io.mocozoo.cli.DrawnShapes.VAL;
import static io.mocozoo.cli.Shell.done;
import static io.mocozoo.cli.Shell.mocozoo;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.mocozoo.cli.Shell.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two runs of the drawn data set, compared; and the page of one. */
class CompareCommandTest {
    @TempDir
    static Path folder;

    private static Path first;
    private static Path second;

    @BeforeAll
    static void evaluatesTwice() {
        DrawnShapes shapes = DrawnShapes.in(folder);
        first = folder.resolve("first");
        second = folder.resolve("second");
        done(shapes.evaluate(first));
        done(shapes.evaluate(second, "--interpolation", "bicubic", "--resize", "48"));
    }

    @Test
    void aComparisonCountsWhatWasGainedAndLost() throws IOException {
        Path out = folder.resolve("comparison");
        Result result = mocozoo("compare", first, second, "--out", out, "--json");
        done(result);
        List<String> a = Files.readAllLines(first.resolve("predictions.csv"));
        List<String> b = Files.readAllLines(second.resolve("predictions.csv"));
        int gained = 0;
        int lost = 0;
        for (int i = 1; i < a.size(); i++) {
            boolean before = a.get(i).split(",")[13].equals("1");
            boolean after = b.get(i).split(",")[13].equals("1");
            gained += !before && after ? 1 : 0;
            lost += before && !after ? 1 : 0;
        }
        JsonNode json = result.json();
        assertThat(json.get("gained").intValue()).isEqualTo(gained);
        assertThat(json.get("lost").intValue()).isEqualTo(lost);
        assertThat(json.get("difference").get("percent").doubleValue()).isEqualTo(100.0 * (gained - lost) / VAL);
        assertThat(json.get("classes")).hasSize(10);
        assertThat(Files.readAllLines(out.resolve("compare.csv"))).hasSize(1 + gained + lost);
        assertThat(Files.readString(out.resolve("compare.html"))).contains("McNemar", "Images gained", "Images lost");
        assertThat(mocozoo("compare", first, first, "--out", out, "--json")
                        .json()
                        .get("mcNemar")
                        .get("p")
                        .doubleValue())
                .isEqualTo(1);
    }

    @Test
    void imagesThatARunLeftOutAreNotCompared() throws IOException {
        Path less = Files.createDirectories(folder.resolve("less"));
        List<String> lines = Files.readAllLines(first.resolve("predictions.csv"));
        String[] fields = lines.get(1).split(",");
        lines.set(1, fields[0] + "," + fields[1] + ",".repeat(fields.length - 2));
        Files.write(less.resolve("predictions.csv"), lines);
        for (String policy : List.of("wrong", "leave-out")) {
            Files.writeString(less.resolve("metrics.json"), "{\"unreadable\": {\"policy\": \"" + policy + "\"}}");
            assertThat(mocozoo("compare", first, less, "--out", folder.resolve("c"), "--json")
                            .json()
                            .get("images")
                            .intValue())
                    .isEqualTo(policy.equals("wrong") ? VAL : VAL - 1);
            assertThat(mocozoo("metrics", less.resolve("predictions.csv"), "--unreadable", policy, "--json")
                            .json()
                            .get("counted")
                            .intValue())
                    .isEqualTo(policy.equals("wrong") ? VAL : VAL - 1);
        }
    }

    @Test
    void runsOfDifferentImagesAreNotCompared() throws IOException {
        Path other = Files.createDirectories(folder.resolve("other"));
        List<String> lines = Files.readAllLines(first.resolve("predictions.csv"));
        Files.write(other.resolve("predictions.csv"), lines.subList(0, 50));
        assertThat(mocozoo("compare", first, other).err()).contains("has 100 labelled images", "has 49");
        lines.set(3, lines.get(3).replace("arrow/", "elsewhere/"));
        Files.write(other.resolve("predictions.csv"), lines);
        assertThat(mocozoo("compare", first, other).err()).contains("image 3 is arrow/");
        assertThat(mocozoo("compare", first, folder.resolve("nothing")).err()).contains("expected a finished run");
        assertThat(mocozoo("compare", first).code()).isEqualTo(Main.USAGE);
    }

    @Test
    void theReportStandsAlone() throws IOException {
        String page = Files.readString(first.resolve("report.html"));
        assertThat(page)
                .contains(
                        "id=\"reliability\"",
                        "id=\"coverage\"",
                        "id=\"classes\"",
                        "id=\"confusion\"",
                        "id=\"mistakes\"",
                        "id=\"hits\"",
                        "id=\"stages\"",
                        "data:image/jpeg;base64,")
                .doesNotContain("http://", "https://", "<script", "url(");
        assertThat(first.resolve("report.html")).isNotEmptyFile();
    }
}
