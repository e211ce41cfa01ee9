package io.mocozoo.cli;

import static io.mocozoo.cli.Shell.done;
import static io.mocozoo.cli.Shell.mocozoo;
import static org.assertj.core.api.Assertions.assertThat;

import io.mocozoo.evaluate.report.EvaluationReports;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The pages as a browser sees them, where one is installed. */
class ReportPageTest {
    @TempDir
    Path folder;

    private Path evaluated() throws IOException {
        Path shapes = folder.resolve("shapes");
        done(mocozoo("shapes", shapes, "--train", 0, "--val", 60));
        Path labels = folder.resolve("labels.txt");
        Files.write(
                labels,
                List.of("<script>console.error('run')</script>", "a&b", "\"q\"", "d", "e", "f", "g", "h", "i", "j"));
        Path run = folder.resolve("run");
        done(mocozoo(
                "evaluate",
                Embedded.MODEL,
                "--data",
                shapes,
                "--labels",
                labels,
                "--out",
                run,
                "--cache",
                folder.resolve("cache"),
                "--device",
                "cpu"));
        done(mocozoo("compare", run, run));
        return run;
    }

    @Test
    void pagesAreWrittenAgainFromTheFilesAlone() throws IOException {
        Path run = evaluated();
        byte[] report = Files.readAllBytes(run.resolve("report.html"));
        Files.delete(run.resolve("report.html"));
        Files.delete(run.resolve("results.blocks"));
        assertThat(EvaluationReports.isKnown(run)).isTrue();
        assertThat(EvaluationReports.write(run))
                .containsExactly(run.resolve("report.html"), run.resolve("compare.html"));
        assertThat(Files.readAllBytes(run.resolve("report.html"))).isEqualTo(report);
        assertThat(EvaluationReports.isKnown(folder)).isFalse();
        String page = Files.readString(run.resolve("report.html"));
        assertThat(page).contains("&lt;script&gt;").doesNotContain("<script");
    }

    @Test
    void aBrowserShowsEveryPartWithoutAComplaint() throws IOException, InterruptedException {
        Path run = evaluated();
        for (String name : List.of("report.html", "compare.html")) {
            Path dom = folder.resolve(name + ".dom");
            Path log = folder.resolve(name + ".log");
            ProcessBuilder chromium = Chromium.builder(
                    folder.resolve("profile"),
                    "--enable-logging=stderr",
                    "--dump-dom",
                    run.resolve(name).toUri().toString());
            Process browser = chromium.redirectOutput(dom.toFile())
                    .redirectError(log.toFile())
                    .start();
            assertThat(browser.waitFor(120, TimeUnit.SECONDS)).isTrue();
            String shown = Files.readString(dom, StandardCharsets.UTF_8);
            List<String> parts = name.startsWith("report")
                    ? List.of("reliability", "coverage", "classes", "confusion", "mistakes", "hits", "stages")
                    : List.of("gained", "lost");
            for (String part : parts) {
                assertThat(shown).as(name).contains("id=\"" + part + "\"");
            }
            assertThat(Files.readString(log, StandardCharsets.UTF_8)).doesNotContain("CONSOLE");
        }
    }
}
