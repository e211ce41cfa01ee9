package io.mocozoo.cli;

import static io.mocozoo.cli.Shell.done;
import static io.mocozoo.cli.Shell.mocozoo;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mocozoo.cli.Shell.Result;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An evaluation ends with the same bytes however it is batched, spread, cut and resumed; another one is refused. */
class EvaluateBytesTest {
    private static final int IMAGES = 600; // more than two blocks

    @TempDir
    static Path folder;

    private static DrawnShapes shapes;
    private static Path whole;

    @BeforeAll
    static void evaluatesOnce() {
        shapes = DrawnShapes.in(folder, 0, IMAGES);
        whole = folder.resolve("whole");
        done(shapes.evaluate(whole, "--scores"));
    }

    /** Every file but run.json, and what is drawn from it. */
    private static void same(Path run) {
        for (String file : RunFiles.SAME) {
            assertThat(run.resolve(file)).as(file).hasSameBinaryContentAs(whole.resolve(file));
        }
    }

    @Test
    void resultsDependNeitherOnWorkersNorOnTheBatch() throws IOException {
        for (int workers : new int[] {1, 2, 8}) {
            for (int batch : new int[] {1, 7, 64}) {
                Path run = folder.resolve("run-" + workers + "-" + batch);
                done(shapes.evaluate(run, "--scores", "--workers", workers, "--batch", batch));
                same(run);
            }
        }
    }

    @Test
    void severalDevicesShareTheImagesAndChangeNoByte() throws IOException {
        for (String devices : List.of("cpu,cpu", "cpu,cpu,cpu")) {
            Path run = folder.resolve("run-" + devices);
            List<Object> words =
                    new ArrayList<>(List.of("evaluate", Embedded.MODEL, "--data", shapes.data(), "--out", run));
            words.addAll(List.of("--scores", "--cache", folder.resolve("cache"), "--device", devices, "--batch", 7));
            done(mocozoo(words.toArray()));
            for (String file : RunFiles.SAME) {
                if (!file.equals("provenance.json")) { // which names the devices
                    assertThat(run.resolve(file)).as(file).hasSameBinaryContentAs(whole.resolve(file));
                }
            }
        }
    }

    @Test
    void extractedFeaturesAreTheSameOnSeveralDevices() throws IOException {
        for (String devices : List.of("cpu", "cpu,cpu")) {
            done(mocozoo(
                    "extract",
                    Embedded.MODEL,
                    "--data",
                    shapes.data(),
                    "--out",
                    folder.resolve("features-" + devices),
                    "--cache",
                    folder.resolve("cache"),
                    "--device",
                    devices));
        }
        for (String file : List.of("features.npy", "images.csv", "failed.csv")) {
            assertThat(folder.resolve("features-cpu,cpu").resolve(file))
                    .hasSameBinaryContentAs(folder.resolve("features-cpu").resolve(file));
        }
    }

    @Test
    void severalDevicesAreRefusedWhereOneRuns() {
        Result result = mocozoo(
                "predict", Embedded.MODEL, shapes.data().resolve("val").resolve("star"), "--device", "cuda:0,1");
        assertThat(result.code()).isEqualTo(Main.USAGE);
        assertThat(result.err()).contains("expects one device here, found [cuda:0, cuda:1]");
    }

    @Test
    void givenBlocksCutAnywhere_whenResumed_thenTheBytesAreTheSame() throws IOException {
        Path blocks = whole.resolve("results.blocks");
        byte[] all = Files.readAllBytes(blocks);
        int block = 20 + 256 * (12 + 40) + 4;
        SplittableRandom random = new SplittableRandom(4);
        List<Integer> cuts = new ArrayList<>(List.of(
                0,
                1,
                43,
                44,
                45,
                44 + 19,
                44 + 20,
                44 + 21,
                44 + block - 4,
                44 + block - 1,
                44 + block,
                44 + block + 1,
                all.length - 1,
                all.length));
        cuts.add(random.nextInt(all.length));
        for (int cut : cuts) {
            Path run = folder.resolve("cut-" + cut);
            Files.createDirectories(run);
            Files.copy(whole.resolve("provenance.json"), run.resolve("provenance.json"));
            Files.write(run.resolve("results.blocks"), Arrays.copyOf(all, cut));
            done(shapes.evaluate(run, "--scores", "--resume"));
            same(run);
            int kept = cut < 44 + block ? 0 : cut < 44 + 2 * block ? 256 : cut < all.length ? 512 : IMAGES;
            assertThat(EvaluateCommandTest.json(run.resolve("run.json"))
                            .get("imagesBefore")
                            .intValue())
                    .as("cut at %d of %d", cut, all.length)
                    .isEqualTo(kept);
        }
    }

    @Test
    void givenBytesThatChanged_whenResumed_thenWhatFollowsIsDoneAgain() throws IOException {
        byte[] all = Files.readAllBytes(whole.resolve("results.blocks"));
        SplittableRandom random = new SplittableRandom(5);
        for (int i = 0; i < 4; i++) {
            Path run = folder.resolve("flipped-" + i);
            Files.createDirectories(run);
            Files.copy(whole.resolve("provenance.json"), run.resolve("provenance.json"));
            byte[] damaged = all.clone();
            damaged[44 + random.nextInt(all.length - 44)] ^= (byte) (1 << random.nextInt(8));
            Files.write(run.resolve("results.blocks"), damaged);
            done(shapes.evaluate(run, "--scores", "--resume"));
            same(run);
        }
    }

    @Test
    void resumingStartsWhereThereIsNothing_andRepeatsNothingWhereAllIsDone() throws IOException {
        Path run = folder.resolve("fresh");
        done(shapes.evaluate(run, "--scores", "--resume"));
        JsonNode noted = EvaluateCommandTest.json(run.resolve("run.json"));
        done(shapes.evaluate(run, "--resume"));
        same(run); // scores.npy is of these images still
        assertThat(EvaluateCommandTest.json(run.resolve("run.json"))).isEqualTo(noted);
    }

    @Test
    void aRunKilledBehindItsLastBlockNotesItsEnd() throws IOException {
        Path run = folder.resolve("ended");
        done(shapes.evaluate(run, "--scores"));
        ObjectNode noted = (ObjectNode) EvaluateCommandTest.json(run.resolve("run.json"));
        Files.writeString(run.resolve("run.json"), noted.put("complete", false).toString());
        done(shapes.evaluate(run, "--scores", "--resume"));
        assertThat(EvaluateCommandTest.json(run.resolve("run.json"))
                        .get("complete")
                        .booleanValue())
                .isTrue();
        assertThat(EvaluateCommandTest.json(run.resolve("run.json")).get("earlier"))
                .hasSize(1);
    }

    @Test
    void anotherRunIsRefusedWithWhatChanged() throws IOException {
        assertThat(shapes.evaluate(whole, "--scores").err()).contains("holds a run already", "--resume");
        assertThat(shapes.evaluate(whole, "--resume", "--tta").err())
                .contains("testTimeAugmentation: none, now horizontal flip");
        assertThat(shapes.evaluate(whole, "--resume", "--resize", "60").err())
                .contains("preprocessing.resizeShortEdge: 55, now 60");
        assertThat(shapes.evaluate(whole, "--resume", "--unreadable", "leave-out")
                        .err())
                .contains("images.unreadable: wrong, now leave-out");
        Path fewer = folder.resolve("fewer");
        done(mocozoo("shapes", fewer, "--train", 0, "--val", IMAGES - 1));
        assertThat(shapes.run("evaluate", Embedded.MODEL, "--data", fewer, "--out", whole, "--resume")
                        .err())
                .contains("images.count: 600, now 599", "images.sha256");
        Path foreign = Files.createDirectories(folder.resolve("foreign"));
        Files.copy(whole.resolve("results.blocks"), foreign.resolve("results.blocks"));
        assertThat(shapes.evaluate(foreign, "--resume").err()).contains("without provenance.json");
        same(whole);
    }

    @Test
    void aRunThatAnotherProcessWritesIsRefused() throws IOException {
        Path run = folder.resolve("locked");
        done(shapes.evaluate(run, "--scores"));
        try (FileChannel channel = FileChannel.open(run.resolve("results.blocks"), StandardOpenOption.WRITE)) {
            assertThat(channel.lock().isValid()).isTrue();
            Result refused = shapes.evaluate(run, "--scores", "--resume");
            assertThat(refused.code()).isEqualTo(Main.FAILED);
            assertThat(refused.err()).contains("is being written by another process");
        }
        same(run);
    }
}
