package io.mocozoo.cli;

import static io.mocozoo.cli.Shell.mocozoo;
import static org.assertj.core.api.Assertions.assertThat;

import io.mocozoo.runtime.Jvm;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A training whose process is killed as a power cut would, and taken up again. */
class KilledTrainingTest {
    private static final int KILLS = 3;
    private static final int STEPS = 24; // 64 pictures in batches of 8, three times
    private static final long LONGEST_SECONDS = 120;
    private static final Map<String, String> ENVIRONMENT = Map.of("OMP_NUM_THREADS", "1");
    private static final List<String> OPTIONS = List.of("-Xmx1g");

    @TempDir
    Path folder;

    @BeforeEach
    void draw() {
        assertThat(mocozoo("shapes", folder.resolve("shapes"), "--train", 64, "--val", 10)
                        .code())
                .isZero();
    }

    @Test
    void finalWeightsEqualThoseOfARunThatWasNeverKilled() throws Exception {
        Path whole = folder.resolve("whole");
        finish(whole);
        Path killed = folder.resolve("killed");
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        for (int kill = 1; kill <= KILLS; kill++) {
            killBehind(killed, random.nextInt(STEPS * kill / (KILLS + 1)), random.nextInt(60));
        }
        finish(killed);
        for (String file : List.of("last.safetensors", "best.safetensors", "epoch_3.safetensors")) {
            assertThat(killed.resolve(file)).as("seed " + seed).hasSameBinaryContentAs(whole.resolve(file));
        }
        assertThat(Files.readAllLines(killed.resolve("scalars.jsonl"))).hasSize(STEPS);
        try (var left = Files.list(killed)) {
            assertThat(left.map(f -> f.getFileName().toString()).filter(n -> n.contains(".part")))
                    .as("torn files of killed runs")
                    .isEmpty();
        }
    }

    /** A disk that is full in the middle of a checkpoint leaves the one before, and the rest of the run is not lost. */
    @Test
    @EnabledOnOs(OS.LINUX) // by a shell's limit on the size of files
    void fullDiskLeavesTheCheckpointBefore() throws Exception {
        Path whole = folder.resolve("whole");
        finish(whole);
        Path full = folder.resolve("full");
        killBehind(full, 5, 0);
        Path last = full.resolve("last.safetensors");
        byte[] before = Files.readAllBytes(last);
        Jvm.Ended ended = Jvm.limited(before.length / 1024 / 2, ENVIRONMENT, OPTIONS, Main.class, words(full));
        assertThat(ended.code()).as(ended.output()).isEqualTo(Main.FAILED);
        assertThat(ended.output()).contains(last.toString(), "make room", "--resume");
        assertThat(last).hasBinaryContent(before);
        finish(full);
        assertThat(last).hasSameBinaryContentAs(whole.resolve("last.safetensors"));
    }

    /** Kills a run at some moment after it has logged a number of steps, or any moment where it has more already. */
    private void killBehind(Path work, int steps, int milliseconds) throws IOException, InterruptedException {
        Process process = start(work);
        long begin = System.nanoTime();
        while (lines(work) <= steps && process.isAlive()) {
            assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begin))
                    .isLessThan(LONGEST_SECONDS);
            Thread.sleep(2);
        }
        Thread.sleep(milliseconds);
        process.destroyForcibly();
        assertThat(process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS)).isTrue();
    }

    private static int lines(Path work) throws IOException {
        Path log = work.resolve("scalars.jsonl");
        return Files.exists(log) ? Files.readAllLines(log).size() : 0;
    }

    private Process start(Path work) throws IOException {
        return Jvm.start(ENVIRONMENT, OPTIONS, Main.class, words(work));
    }

    private void finish(Path work) throws IOException, InterruptedException {
        Process process = start(work);
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
    }

    private String[] words(Path work) {
        List<String> words = new ArrayList<>(List.of(
                "train",
                "mocov3_vit-tiny-p8_shapes",
                "--data",
                folder.resolve("shapes").toString(),
                "--work-dir",
                work.toString(),
                "--resume"));
        Map<String, String> tiny = new TreeMap<>(Map.of(
                "architecture.backbone.embedDim", "24",
                "architecture.backbone.depth", "2",
                "architecture.backbone.mlpDim", "48",
                "batch", "8",
                "epochs", "3",
                "checkpointSteps", "1",
                "checkpointEpochs", "1",
                "monitorEpochs", "1"));
        tiny.putAll(Map.of("schedule.0.end", "1", "schedule.1.begin", "1", "schedule.1.end", "3"));
        tiny.forEach((key, value) -> words.addAll(List.of("--set", key + "=" + value)));
        return words.toArray(String[]::new);
    }
}
