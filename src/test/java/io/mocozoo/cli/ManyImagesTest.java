package io.mocozoo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.BufferedWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A long list of pictures of one pixel in a tar, evaluated in a process of little heap that is killed in the middle and
 * resumed: a million lines in the profile {@code full}, a few thousand else. {@code -Dmocozoo.lines} says another number.
 */
class ManyImagesTest {
    private static final int LINES =
            Integer.getInteger("mocozoo.lines", Boolean.getBoolean("mocozoo.full") ? 1_000_000 : 4_000);

    private static final int TAR_BLOCK = 512;

    @TempDir
    Path folder;

    private void writeTar() throws IOException {
        try (OutputStream tar = new java.io.BufferedOutputStream(Files.newOutputStream(folder.resolve("val.tar")));
                BufferedWriter list = Files.newBufferedWriter(folder.resolve("val.txt"))) {
            byte[][] pictures = new byte[256][];
            for (int i = 0; i < pictures.length; i++) {
                BufferedImage pixel = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB);
                pixel.setRGB(0, 0, 0x010307 * i);
                ByteArrayOutputStream png = new ByteArrayOutputStream();
                ImageIO.write(pixel, "png", png);
                pictures[i] = png.toByteArray();
            }
            for (int i = 0; i < LINES; i++) {
                String name = String.format(Locale.ROOT, "%07d.png", i);
                byte[] picture = pictures[i % pictures.length];
                tar.write(header(name, picture.length));
                tar.write(picture);
                tar.write(new byte[(TAR_BLOCK - picture.length % TAR_BLOCK) % TAR_BLOCK]);
                list.write(name + " " + i % 10 + "\n");
            }
            tar.write(new byte[2 * TAR_BLOCK]);
        }
    }

    /** name 100 | mode 8 | uid 8 | gid 8 | size 12 | mtime 12 | checksum 8 | type 1 | ... | magic at 257 */
    private static byte[] header(String name, int size) {
        byte[] header = new byte[TAR_BLOCK];
        put(header, 0, name);
        put(header, 100, "0000644\0" + "0000000\0" + "0000000\0");
        put(header, 124, String.format(Locale.ROOT, "%011o\0%011o\0", size, 0));
        put(header, 148, "        0");
        put(header, 257, "ustar\00000");
        int sum = 0;
        for (byte b : header) {
            sum += b & 0xff;
        }
        put(header, 148, String.format(Locale.ROOT, "%06o\0 ", sum));
        return header;
    }

    private static void put(byte[] header, int at, String text) {
        byte[] ascii = text.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(ascii, 0, header, at, ascii.length);
    }

    private Process start() throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m", // names and labels of each line, and what a run of any length takes
                        "io.mocozoo.cli.Main",
                        "evaluate",
                        Embedded.MODEL,
                        "--data",
                        folder.toString(),
                        "--out",
                        folder.resolve("run").toString(),
                        "--cache",
                        folder.resolve("cache").toString(),
                        "--device",
                        "cpu",
                        "--batch",
                        "64",
                        "--no-attention",
                        "--resume")
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("output.txt").toFile());
        builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        return builder.start();
    }

    @Test
    void memoryStaysSmallAndAKilledRunGoesOn() throws IOException, InterruptedException {
        writeTar();
        Path blocks = folder.resolve("run/results.blocks");
        Process first = start();
        while (first.isAlive() && (!Files.exists(blocks) || Files.size(blocks) < 20L * LINES)) { // some 45 bytes a line
            Thread.sleep(5);
        }
        boolean killed = first.isAlive();
        first.destroyForcibly().waitFor();
        Process second = start();
        try {
            assertThat(second.waitFor(3, TimeUnit.HOURS)).isTrue();
        } finally {
            second.destroyForcibly();
        }
        assertThat(second.exitValue())
                .as(Files.readString(folder.resolve("output.txt")))
                .isZero();
        var run = new ObjectMapper().readTree(folder.resolve("run/run.json").toFile());
        assertThat(run.get("images").intValue()).isEqualTo(LINES);
        assertThat(killed).isTrue();
        assertThat(run.get("imagesBefore").intValue()).isBetween(1, LINES - 1);
        try (Stream<String> lines = Files.lines(folder.resolve("run/predictions.csv"))) {
            List<String> ends = lines.filter(line -> line.startsWith("path,")
                            || line.startsWith("0000000.png,0,")
                            || line.startsWith(String.format(Locale.ROOT, "%07d.png,", LINES - 1)))
                    .toList();
            assertThat(ends).hasSize(3);
        }
    }
}
