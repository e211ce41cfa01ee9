package io.mocozoo.cli;

import static io.mocozoo.cli.Embedded.MODEL;
import static io.mocozoo.cli.Shell.mocozoo;
import static org.assertj.core.api.Assertions.assertThat;

import io.mocozoo.checkpoint.Npy;
import io.mocozoo.cli.Shell.Result;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SeveralInputsTest {
    @TempDir
    Path folder;

    private Path good = Path.of("set before each test");
    private Path bad = Path.of("set before each test");

    @BeforeEach
    void twoFiles() throws IOException {
        good = Embedded.picture(folder.resolve("good.png"), Color.RED);
        bad = Files.writeString(folder.resolve("bad.JPEG"), "no picture");
    }

    private Path cache() {
        return folder.resolve("cache");
    }

    @Test
    void cropsOfGoodPicturesAreWrittenAndNoWeightsAreFetched() throws IOException {
        Path out = folder.resolve("crops");
        Result result = mocozoo("preprocess", MODEL, bad, good, "--out", out, "--npy", "--cache", cache());
        assertThat(result.code()).isEqualTo(Main.FAILED);
        assertThat(result.err()).contains("bad.JPEG").doesNotContain("\tat ");
        assertThat(result.out().lines())
                .containsExactly(out.resolve("good.png.png").toString());
        assertThat(out)
                .isDirectoryNotContaining(f -> !f.getFileName().toString().startsWith("good.png."));
        assertThat(Npy.read(out.resolve("good.png.npy")).shape()).containsExactly(3, 48, 48);
        assertThat(cache().resolve("weights")).doesNotExist();
        assertThat(cache().resolve("onnx")).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"f.npy", "f.csv", "f.parquet"})
    void featuresOfGoodPicturesAreWritten(String name) throws IOException {
        Path out = folder.resolve("out").resolve(name);
        Result result = mocozoo("extract", MODEL, good, bad, "--out", out, "--cache", cache(), "--json");
        assertThat(result.code()).isEqualTo(Main.FAILED);
        assertThat(result.err()).contains("bad.JPEG");
        assertThat(result.json().get("rows").intValue()).isEqualTo(1);
        assertThat(result.json().get("unreadable").intValue()).isEqualTo(1);
        assertThat(out).isNotEmptyFile();
    }

    @ParameterizedTest
    @ValueSource(strings = {"f.npy", "f.csv", "f.parquet"})
    void featuresOfNoPictureLeaveTheOldFileAndNothingElse(String name) throws IOException {
        Path out = Files.createDirectory(folder.resolve("out")).resolve(name);
        Files.writeString(out, "old");
        Result result = mocozoo("extract", MODEL, bad, "--out", out, "--cache", cache());
        assertThat(result.code()).isEqualTo(Main.FAILED);
        assertThat(result.err()).contains("bad.JPEG", "none of 1 images");
        assertThat(out).hasContent("old");
        assertThat(out.getParent()).isDirectoryNotContaining(f -> !f.equals(out));
    }

    @Test
    void modelsThatCanBeFetchedAreFetched() throws IOException {
        Path registry = Embedded.registry(folder.resolve("r.json"), "without-weights");
        Result result =
                mocozoo("fetch", "without-weights", MODEL, "--registry", registry, "--cache", cache(), "--json");
        assertThat(result.code()).isEqualTo(Main.FAILED);
        assertThat(result.err()).contains("without-weights", "names no weights").doesNotContain("\tat ");
        assertThat(result.json()).hasSize(1);
        assertThat(result.json().get(0).get("name").textValue()).isEqualTo(MODEL);
    }

    @Test
    void picturesAreNeverOverwrittenByTheirOwnResults() throws IOException {
        byte[] before = Files.readAllBytes(good);
        Result drawn = mocozoo("predict", MODEL, good, "--show-dir", folder, "--cache", cache());
        assertThat(drawn.code()).isEqualTo(Main.FAILED);
        assertThat(drawn.err()).contains("would overwrite the image", "name another folder");
        Path bare = Files.copy(good, folder.resolve("good"));
        Result cropped = mocozoo("preprocess", MODEL, good, bare, "--out", folder.resolve("."), "--cache", cache());
        assertThat(cropped.code()).isEqualTo(Main.FAILED);
        assertThat(cropped.err()).contains("would overwrite the image");
        assertThat(Files.readAllBytes(good)).isEqualTo(before);
    }

    @Test
    void resultsOfOneNameAreRefusedBeforeAnyIsWritten() throws IOException {
        Path other = Files.createDirectory(folder.resolve("other"));
        Files.copy(good, other.resolve("good.png"));
        Path out = folder.resolve("out");
        Result result = mocozoo("preprocess", MODEL, good, other, "--out", out, "--cache", cache());
        assertThat(result.code()).isEqualTo(Main.FAILED);
        assertThat(result.err()).contains("would both be written as good.png.png");
        assertThat(out).doesNotExist();
    }

    @Test
    void emptyNameIsNoPictureAndNotTheCurrentFolder() {
        Result result = mocozoo("predict", MODEL, good, "", "--cache", cache());
        assertThat(result.code()).isEqualTo(Main.FAILED);
        assertThat(result.err()).contains("the name of an image is empty");
    }

    @Test
    void resultsReplaceOlderOnes() throws IOException {
        Path out = Files.createDirectory(folder.resolve("out"));
        Files.writeString(out.resolve("good.png.png"), "old");
        Files.writeString(out.resolve("good.png"), "old");
        assertThat(mocozoo("preprocess", MODEL, good, "--out", out, "--cache", cache())
                        .code())
                .isZero();
        assertThat(mocozoo("predict", MODEL, good, "--show-dir", out, "--cache", cache())
                        .code())
                .isZero();
        assertThat(javax.imageio.ImageIO.read(out.resolve("good.png.png").toFile())
                        .getWidth())
                .isEqualTo(48);
        assertThat(javax.imageio.ImageIO.read(out.resolve("good.png").toFile()).getWidth())
                .isEqualTo(70); // the picture's own size
        assertThat(out).isDirectoryNotContaining(f -> f.toString().endsWith(".part"));
    }
}
