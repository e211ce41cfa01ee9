package io.mocozoo.cli;

import static io.mocozoo.cli.Shell.done;
import static io.mocozoo.cli.Shell.mocozoo;
import static org.assertj.core.api.Assertions.assertThat;

import io.mocozoo.cli.Shell.Result;
import io.mocozoo.data.Shapes;
import io.mocozoo.evaluate.file.CsvFile;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A data set that means ill: every image of it is accounted for, each with its reason. */
class HostileDataTest {
    private static final List<String> CLASSES = Shapes.CLASSES;

    @TempDir
    Path folder;

    private static Map<String, String[]> table(Path file) throws IOException {
        Map<String, String[]> rows = new LinkedHashMap<>();
        CsvFile.read(
                file,
                (line, row) -> assertThat(rows.put(row[0], row)).as(row[0]).isNull());
        return rows;
    }

    private static String[] row(Map<String, String[]> rows, String path) {
        return Objects.requireNonNull(rows.get(path), path);
    }

    private Path good(String name) throws IOException {
        Path file = folder.resolve("data/val").resolve(name);
        Files.createDirectories(file.getParent());
        Files.copy(folder.resolve("shapes/val/star/val_000008.JPEG"), file);
        return file;
    }

    private Path bad(String name, byte[] bytes) throws IOException {
        Path file = folder.resolve("data/val").resolve(name);
        Files.createDirectories(file.getParent());
        Files.write(file, bytes);
        return file;
    }

    private Result evaluate(String out, Object... more) {
        Object[] words = {
            "evaluate",
            Embedded.MODEL,
            "--data",
            folder.resolve("data"),
            "--out",
            folder.resolve(out),
            "--cache",
            folder.resolve("cache"),
            "--device",
            "cpu",
            "--json"
        };
        Object[] all = Arrays.copyOf(words, words.length + more.length);
        System.arraycopy(more, 0, all, words.length, more.length);
        return mocozoo(all);
    }

    @Test
    void everyImageIsAccountedFor() throws IOException, InterruptedException {
        Assumptions.assumeTrue(
                java.nio.charset.Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"))
                        .equals(StandardCharsets.UTF_8),
                "file names here are not UTF-8");
        done(mocozoo("shapes", folder.resolve("shapes"), "--train", 0, "--val", 20));
        byte[] jpeg = Files.readAllBytes(folder.resolve("shapes/val/star/val_000008.JPEG"));
        for (String name : CLASSES) {
            Files.createDirectories(folder.resolve("data/val").resolve(name));
        }
        List<String> readable = List.of(
                "star/comma, quote \" and 'apostrophe'.jpg",
                "star/line\nfeed.jpg",
                "star/two\n\nfeeds.jpg",
                "star/carriage\rreturn.jpg",
                "star/back\\slash.jpg",
                "star/\u00e4\u00f6\u00fc \u661f \ud83c\udf1f.jpg",
                "star/=1+1.jpg",
                "ring/mislabelled.jpg");
        for (String name : readable) {
            good(name);
        }
        Files.createSymbolicLink(
                folder.resolve("data/val/star/outside.jpg"), folder.resolve("shapes/val/star/val_000008.JPEG"));
        bad("star/empty.jpg", new byte[0]);
        bad("star/text.jpg", "no picture\n".getBytes(StandardCharsets.UTF_8));
        bad("star/cut.jpg", Arrays.copyOf(jpeg, jpeg.length / 2));
        bad("star/vast.png", pngHeader(60_000, 60_000));
        Path huge = bad("star/huge.jpg", jpeg);
        try (RandomAccessFile file = new RandomAccessFile(huge.toFile(), "rw")) {
            file.setLength((256L << 20) + 1); // with a hole: takes no space
        }
        Files.createSymbolicLink(folder.resolve("data/val/star/gone.jpg"), folder.resolve("nowhere.jpg"));
        boolean pipe = new ProcessBuilder(
                                "mkfifo",
                                folder.resolve("data/val/star/pipe.jpg").toString())
                        .start()
                        .waitFor()
                == 0;

        Result result = evaluate("run");
        done(result);
        Map<String, String[]> failed = table(folder.resolve("run/failed.csv"));
        assertThat(failed.remove("path")).containsExactly("path", "label", "reason");
        if (pipe) {
            assertThat(failed.remove("star/pipe.jpg"))
                    .containsExactly("star/pipe.jpg", "8", "expected a file, found a pipe or a device");
        }
        String picture = "expected a JPEG, PNG, BMP, WebP or GIF picture, found ";
        Map<String, String> expected = Map.of(
                "star/empty.jpg",
                "expected an image file, found 0 bytes. Fetch or export it again.",
                "star/text.jpg",
                picture + "a format that no decoder knows. Fetch or export it again.",
                "star/cut.jpg",
                picture + "a damaged or unsupported JPEG of 64 x 64 pixels. Fetch or export it again.",
                "star/vast.png",
                "expected at most 178956970 pixels, found 60000 x 60000."
                        + " Shrink the picture, or raise the limit of pixels if you trust it.",
                "star/huge.jpg",
                "expected a file of at most 268435456 bytes, found 268435457 bytes",
                "star/gone.jpg",
                "there is no such file");
        assertThat(failed.keySet()).containsExactlyInAnyOrderElementsOf(expected.keySet());
        expected.forEach((name, reason) -> assertThat(failed.get(name)).containsExactly(name, "8", reason));

        Map<String, String[]> predictions = table(folder.resolve("run/predictions.csv"));
        int bad = expected.size() + (pipe ? 1 : 0);
        int all = readable.size() + 1 + bad;
        assertThat(predictions).hasSize(all + 1);
        for (String name : readable) {
            assertThat(row(predictions, name)[1]).isEqualTo(name.startsWith("ring") ? "6" : "8");
        }
        assertThat(row(predictions, "star/outside.jpg")[3]) // links are followed, as in any data set
                .isEqualTo(row(predictions, "star/=1+1.jpg")[3]);
        assertThat(predictions.get("star/empty.jpg"))
                .containsExactly("star/empty.jpg", "8", "", "", "", "", "", "", "", "", "", "", "", "0", "0", "");
        assertThat(result.json().get("unreadable").get("count").intValue()).isEqualTo(bad);
        assertThat(result.json().get("unreadable").get("policy").textValue()).isEqualTo("wrong");
        assertThat(result.json().get("counted").intValue()).isEqualTo(all);

        Result again = mocozoo("metrics", folder.resolve("run/predictions.csv"), "--json");
        assertThat(again.json().get("accuracy")).isEqualTo(result.json().get("accuracy"));

        Result left = evaluate("left", "--unreadable", "leave-out");
        done(left);
        assertThat(left.json().get("images").intValue()).isEqualTo(all);
        assertThat(left.json().get("counted").intValue()).isEqualTo(all - bad);
        assertThat(left.json().get("unreadable").get("count").intValue()).isEqualTo(bad);
        assertThat(row(table(folder.resolve("left/predictions.csv")), "star/empty.jpg")[13])
                .isEmpty();
        assertThat(folder.resolve("left/failed.csv")).hasSameBinaryContentAs(folder.resolve("run/failed.csv"));
    }

    @Test
    void aNameThatASpreadsheetWouldRunIsWrittenAsAPath() throws IOException {
        done(mocozoo("shapes", folder.resolve("shapes"), "--train", 0, "--val", 10));
        Path data = Files.createDirectories(folder.resolve("data"));
        Files.copy(folder.resolve("shapes/val/star/val_000008.JPEG"), data.resolve("=HYPERLINK(1).jpg"));
        Files.copy(folder.resolve("shapes/val/star/val_000008.JPEG"), data.resolve("-1.jpg"));
        Files.writeString(data.resolve("val.csv"), "path,label\n=HYPERLINK(1).jpg,8\n-1.jpg,8\n");
        done(evaluate("run"));
        assertThat(table(folder.resolve("run/predictions.csv")).keySet())
                .containsExactly("path", "./=HYPERLINK(1).jpg", "./-1.jpg");
    }

    /** A PNG that promises a great picture and ends. */
    private static byte[] pngHeader(int width, int height) {
        java.nio.ByteBuffer bytes = java.nio.ByteBuffer.allocate(33);
        bytes.putLong(0x89504E470D0A1A0AL).putInt(13).put("IHDR".getBytes(StandardCharsets.US_ASCII));
        bytes.putInt(width).putInt(height).put(new byte[] {8, 2, 0, 0, 0});
        java.util.zip.CRC32 crc = new java.util.zip.CRC32();
        crc.update(bytes.array(), 12, 17);
        return bytes.putInt((int) crc.getValue()).array();
    }
}
