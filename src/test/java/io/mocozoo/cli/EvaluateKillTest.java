package io.mocozoo.cli;

import static io.mocozoo.cli.Shell.done;
import static io.mocozoo.cli.Shell.mocozoo;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real process that is killed while it evaluates. */
class EvaluateKillTest {
    private static final int IMAGES = 3000;

    @TempDir
    Path folder;

    private List<String> words(Path out, boolean slow) {
        List<String> words = new ArrayList<>(List.of(
                "evaluate",
                Embedded.MODEL,
                "--data",
                folder.resolve("shapes").toString(),
                "--out",
                out.toString(),
                "--cache",
                folder.resolve("cache").toString(),
                "--device",
                "cpu",
                "--scores",
                "--resume"));
        if (slow) { // leaves time to be killed in
            words.addAll(List.of("--workers", "1", "--threads", "1", "--batch", "1"));
        }
        return words;
    }

    private Process start(Path out) throws IOException {
        return start(out, true);
    }

    /** In a process of its own too: only then are the versions that provenance.json notes the same. */
    private void finish(Path out) throws IOException, InterruptedException {
        int code = start(out, false).waitFor();
        assertThat(code).as(Files.readString(folder.resolve("output.txt"))).isZero();
    }

    private Process start(Path out, boolean slow) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx500m", "io.mocozoo.cli.Main"));
        command.addAll(words(out, slow));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("output.txt").toFile());
        builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        return builder.start();
    }

    private static long size(Path file) throws IOException {
        return Files.exists(file) ? Files.size(file) : 0;
    }

    /** Until the run has written more than before, or has ended. */
    private static void awaitBlocks(Process process, Path out, long before) throws IOException, InterruptedException {
        Path blocks = out.resolve("results.blocks");
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (process.isAlive() && size(blocks) <= before && System.nanoTime() < deadline) {
            Thread.sleep(5);
        }
    }

    @Test
    void killedAgainAndAgainItEndsWithTheSameBytes() throws IOException, InterruptedException {
        done(mocozoo("shapes", folder.resolve("shapes"), "--train", 0, "--val", IMAGES));
        Path whole = folder.resolve("whole");
        finish(whole);
        Path run = folder.resolve("run");
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        int killed = 0;
        for (int i = 0; i < 5; i++) {
            Process process = start(run);
            if (i == 0) {
                Thread.sleep(random.nextInt(1500)); // perhaps before there is any file
            } else {
                awaitBlocks(process, run, Math.max(44, size(run.resolve("results.blocks"))));
                Thread.sleep(random.nextInt(150));
            }
            killed += process.isAlive() ? 1 : 0;
            process.destroyForcibly().waitFor();
        }
        assertThat(killed).as("seed %d", seed).isGreaterThanOrEqualTo(2);

        Process stopped = start(run); // and once politely, as Ctrl-C does
        awaitBlocks(stopped, run, size(run.resolve("results.blocks")));
        if (stopped.isAlive()) {
            assertThat(start(run, false).waitFor()).isEqualTo(Main.FAILED);
            assertThat(Files.readString(folder.resolve("output.txt"))).contains("is being written by another process");
            stopped.destroy();
            assertThat(stopped.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(stopped.exitValue()).isEqualTo(128 + 15);
            String output = Files.readString(folder.resolve("output.txt"), StandardCharsets.UTF_8);
            assertThat(output) // a busy machine may be at the end before it is asked to stop
                    .containsAnyOf(
                            "of 3,000 images are done and kept; the same command with --resume goes on",
                            Embedded.MODEL + ": 3,000 images");
        }
        finish(run);
        for (String file : RunFiles.SAME) {
            assertThat(run.resolve(file)).as("%s, seed %d", file, seed).hasSameBinaryContentAs(whole.resolve(file));
        }
    }
}
