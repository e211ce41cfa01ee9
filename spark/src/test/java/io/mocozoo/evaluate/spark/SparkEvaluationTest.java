package io.mocozoo.evaluate.spark;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mocozoo.cli.Main;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SparkEvaluationTest {
    private static final String MODEL = "vit-tiny-p8_shapes";
    private static final int IMAGES = 600; // five blocks, the last one short

    @TempDir
    static Path folder;

    private static Path shapes;
    private static Path whole;

    private record Result(int code, String out, String err) {}

    private static Result mocozoo(Object... words) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int code = Main.run(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                Arrays.stream(words).map(Object::toString).toArray(String[]::new));
        return new Result(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    private static Result evaluate(Object data, Path out, Object... more) {
        List<Object> words = new ArrayList<>(List.of("evaluate", MODEL, "--data", data, "--out", out));
        words.addAll(List.of("--cache", folder.resolve("cache"), "--scores"));
        words.addAll(Arrays.asList(more));
        return mocozoo(words.toArray());
    }

    private static void done(Result result) {
        assertThat(result.code()).as(result.out() + result.err()).isZero();
    }

    private static void same(Path run) {
        for (String file : List.of(
                "predictions.csv",
                "per_class.csv",
                "confusion.csv",
                "failed.csv",
                "metrics.json",
                "scores.npy",
                "examples.json",
                "provenance.json")) {
            assertThat(run.resolve(file)).hasSameBinaryContentAs(whole.resolve(file));
        }
    }

    private static JsonNode run(Path run) throws IOException {
        return new ObjectMapper().readTree(run.resolve("run.json").toFile());
    }

    /** The same images by an address. */
    private static String address(String scheme) {
        return scheme + "://" + shapes.toAbsolutePath();
    }

    @BeforeAll
    static void evaluatesHere() throws IOException {
        System.setProperty("spark.hadoop.fs.flaky.impl", FlakyFileSystem.class.getName());
        shapes = folder.resolve("shapes");
        done(mocozoo("shapes", shapes, "--train", 0, "--val", IMAGES));
        Path star = shapes.resolve("val").resolve("star");
        Files.write(star.resolve("damaged.jpg"), new byte[] {(byte) 0xFF, (byte) 0xD8, 1, 2, 3});
        Files.write(star.resolve("empty, \"odd\" %41 name: ü.png"), new byte[0]);
        Files.write(star.resolve(".hidden.png"), new byte[1]);
        Files.write(star.resolve("notes.txt"), new byte[1]);
        whole = folder.resolve("whole");
        done(evaluate(shapes, whole));
        assertThat(Files.readAllLines(whole.resolve("failed.csv"))).hasSize(3);
    }

    @BeforeEach
    void heal() {
        FlakyFileSystem.FAILURES.set(0);
    }

    @Test
    void givenAPath_whenRunOverSpark_thenTheBytesAreThoseOfALocalRun() throws IOException {
        Path run = folder.resolve("path");
        Result result = evaluate(shapes, run, "--spark", "local[2]", "--batch", 7);
        done(result);
        assertThat(result.err()).isEmpty();
        same(run);
        assertThat(run(run).get("advice").textValue())
                .isEqualTo("on Spark at local[2]: 5 blocks of up to 128 images, 2 at once");
    }

    @Test
    void givenAnAddressOfHadoops_whenRunOverSpark_thenTheBytesAreThoseOfALocalRun() {
        Path run = folder.resolve("address");
        done(evaluate(address("file"), run, "--spark", "local[2]"));
        same(run);
    }

    @Test
    void givenTestTimeAugmentation_whenRunOverSpark_thenItIsThatOfALocalRun() {
        Path here = folder.resolve("flipped-here");
        Path there = folder.resolve("flipped-there");
        done(evaluate(shapes, here, "--tta"));
        done(evaluate(shapes, there, "--tta", "--spark", "local[2]"));
        assertThat(there.resolve("predictions.csv")).hasSameBinaryContentAs(here.resolve("predictions.csv"));
        assertThat(there.resolve("predictions.csv").toFile().length())
                .isNotEqualTo(whole.resolve("predictions.csv").toFile().length());
    }

    @Test
    void givenATaskThatFails_whenItMayBeTriedAgain_thenTheBytesAreTheSame() {
        FlakyFileSystem.FAILURES.set(2);
        Path run = folder.resolve("retried");
        done(evaluate(address("flaky"), run, "--spark", "local[2,4]"));
        assertThat(FlakyFileSystem.FAILURES).hasValue(0);
        same(run);
    }

    @Test
    void givenATaskThatFailsForGood_whenResumed_thenItGoesOnAfterWhatWasKept() throws IOException {
        FlakyFileSystem.FAILURES.set(1);
        Path run = folder.resolve("failed");
        Result result = evaluate(address("flaky"), run, "--spark", "local[2]");
        assertThat(result.code()).isEqualTo(Main.FAILED);
        assertThat(result.err()).contains("Spark gave up on images ").contains("this machine has gone mad");
        assertThat(result.err()).contains("--resume goes on").hasLineCount(1);

        done(evaluate(address("flaky"), run, "--spark", "local[2]", "--resume"));
        same(run);
    }

    @Test
    void givenBlocksCutAnywhere_whenResumedOverSparkOrHere_thenTheBytesAreTheSame() throws IOException {
        byte[] blocks = Files.readAllBytes(whole.resolve("results.blocks"));
        for (int cut : new int[] {0, 50, blocks.length / 2, blocks.length - 1, blocks.length}) {
            Path run = folder.resolve("cut-" + cut);
            Files.createDirectories(run);
            Files.copy(whole.resolve("provenance.json"), run.resolve("provenance.json"));
            Files.write(run.resolve("results.blocks"), Arrays.copyOf(blocks, cut));
            done(evaluate(shapes, run, "--spark", "local[2]", "--resume"));
            same(run);
        }
        Path run = folder.resolve("begun-over-spark");
        done(evaluate(shapes, run, "--spark", "local[2]"));
        byte[] begun = Files.readAllBytes(run.resolve("results.blocks"));
        Files.write(run.resolve("results.blocks"), Arrays.copyOf(begun, begun.length / 2));
        done(evaluate(shapes, run, "--resume"));
        same(run);
        assertThat(run(run).get("imagesBefore").intValue()).isPositive();
    }

    @Test
    void whatCannotBeIsRefusedWithOneLine() {
        Result nowhere = evaluate("file:///no/such/folder", folder.resolve("none"), "--spark", "local[1]");
        assertThat(nowhere.code()).isEqualTo(Main.FAILED);
        assertThat(nowhere.err()).contains("/no/such/folder").hasLineCount(1);

        Result master = evaluate(shapes, folder.resolve("none"), "--spark", "locl[2]");
        assertThat(master.code()).isEqualTo(Main.FAILED);
        assertThat(master.err())
                .contains("'locl[2]'")
                .contains("expected --spark local[N]")
                .hasLineCount(1);

        Result here = evaluate(address("file"), folder.resolve("none"));
        assertThat(here.code()).isEqualTo(Main.USAGE);
        assertThat(here.err()).contains("read with --spark alone");

        Result several = evaluate(shapes, folder.resolve("none"), "--spark", "local[1]", "--device", "cpu,cpu");
        assertThat(several.code()).isEqualTo(2);
    }
}
