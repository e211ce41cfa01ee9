package io.mocozoo.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OnnxFileTest {
    @TempDir
    Path folder;

    private static OnnxModel model(String domain) {
        float[] large = new float[512];
        large[511] = 2;
        return new OnnxModel(
                "test",
                List.of(new ValueInfo("x", 1, List.of("n", "512"))),
                List.of(new ValueInfo("y", 1, List.of("n", "512"))),
                List.of(
                        new Node("Add", "", List.of("x", "large"), List.of("sum"), Map.of()),
                        new Node(
                                "Odd",
                                domain,
                                List.of("sum", "", "small"),
                                List.of("y"),
                                Map.of(
                                        "a",
                                        new Attribute.Int(-3),
                                        "b",
                                        new Attribute.Real(0.5f),
                                        "c",
                                        Attribute.of(1, 2)))),
                List.of(Initializer.of("large", List.of(512L), large), Initializer.of("small", 1, -1)),
                Map.of("", 20L),
                Map.of("b", "2", "a", "1"));
    }

    @Test
    void headerOfAWrittenFileSaysWhatWasWritten() throws Exception {
        Path file = folder.resolve("m.onnx");
        OnnxWriter.write(model("com.microsoft"), file);
        OnnxHeader header = OnnxHeader.read(file);
        assertThat(header.inputs()).containsExactly(new ValueInfo("x", 1, List.of("n", "512")));
        assertThat(header.outputs()).containsExactly(new ValueInfo("y", 1, List.of("n", "512")));
        assertThat(header.opsets()).isEqualTo(Map.of("", 20L));
        assertThat(header.domains()).containsExactly("", "com.microsoft");
        assertThat(header.metadata()).isEqualTo(Map.of("a", "1", "b", "2"));
        assertThat(header.externalFiles()).isEmpty();
        header.checkSafe(file);
    }

    @Test
    void sameModelGivesTheSameBytes() throws Exception {
        OnnxWriter.write(model(""), folder.resolve("a.onnx"));
        OnnxWriter.write(model(""), folder.resolve("b.onnx"));
        assertThat(folder.resolve("a.onnx")).hasSameBinaryContentAs(folder.resolve("b.onnx"));
    }

    @Test
    void largeWeightsLieBesideOnPageBoundaries() throws Exception {
        OnnxModel model = model("");
        WeightsFile weights = WeightsFile.plan("w.bin", model);
        assertThat(weights.offsets()).isEqualTo(Map.of("large", 0L));
        weights.write(model.initializers(), folder);
        Path file = folder.resolve("m.onnx");
        OnnxWriter.write(model, weights, file);
        assertThat(folder.resolve("w.bin")).hasSize(2048);
        OnnxHeader header = OnnxHeader.read(file);
        assertThat(header.externalFiles()).containsExactly("w.bin");
        header.checkSafe(file);
        Files.delete(folder.resolve("w.bin"));
        assertThatThrownBy(() -> header.checkSafe(file))
                .isInstanceOf(OnnxFormatException.class)
                .hasMessageContaining("w.bin")
                .hasMessageContaining("missing");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../w.bin", "/etc/passwd", "a/../../w.bin", "w\0.bin"})
    void weightsOutsideTheFolderAreRefused(String name) throws Exception {
        Path file = Files.createDirectory(folder.resolve("in")).resolve("m.onnx");
        OnnxModel model = model("");
        OnnxWriter.write(model, new WeightsFile(name, Map.of("large", 0L)), file);
        Files.write(folder.resolve("w.bin"), new byte[2048]);
        assertThatThrownBy(() -> OnnxHeader.read(file).checkSafe(file))
                .isInstanceOf(OnnxFormatException.class)
                .hasMessageContaining("own folder")
                .hasMessageContaining(name.replace('\0', '?'));
    }

    @Test
    void linkThatLeadsOutOfTheFolderIsRefused() throws Exception {
        Path inside = Files.createDirectory(folder.resolve("in"));
        Files.write(folder.resolve("w.bin"), new byte[2048]);
        Files.createSymbolicLink(inside.resolve("w.bin"), folder.resolve("w.bin"));
        Path file = inside.resolve("m.onnx");
        OnnxWriter.write(model(""), new WeightsFile("w.bin", Map.of("large", 0L)), file);
        assertThatThrownBy(() -> OnnxHeader.read(file).checkSafe(file))
                .isInstanceOf(OnnxFormatException.class)
                .hasMessageContaining("link");
    }

    @Test
    void operatorsOfUnknownDomainsAreRefused() throws Exception {
        Path file = folder.resolve("m.onnx");
        OnnxWriter.write(model("evil.corp"), file);
        assertThatThrownBy(() -> OnnxHeader.read(file).checkSafe(file))
                .isInstanceOf(OnnxFormatException.class)
                .hasMessageContaining("evil.corp");
    }

    @Test
    void payloadOfAnotherSizeThanAnnouncedIsAnError() {
        Initializer wrong = new Initializer(
                "w",
                ElementType.FLOAT,
                List.of(3L),
                Initializer.of("", List.of(2L), 1, 2).payload());
        OnnxModel model =
                new OnnxModel("t", List.of(), List.of(), List.of(), List.of(wrong), Map.of("", 20L), Map.of());
        assertThatThrownBy(() -> OnnxWriter.write(model, folder.resolve("m.onnx")))
                .hasMessageContaining("w has 8 bytes, expected 12");
        assertThat(folder.resolve("m.onnx")).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void damagedFilesGiveAResultOrAFormatException(long seed) throws Exception {
        Path file = folder.resolve("m.onnx");
        OnnxWriter.write(model("com.microsoft"), file);
        byte[] good = Files.readAllBytes(file);
        Random random = new Random(seed);
        Path bad = folder.resolve("bad.onnx");
        for (int round = 0; round < 400; round++) {
            byte[] bytes = Arrays.copyOf(good, random.nextInt(4) == 0 ? random.nextInt(good.length) : good.length);
            for (int i = 0; i < 3 && bytes.length > 0; i++) {
                bytes[random.nextInt(Math.min(bytes.length, 200))] = (byte) random.nextInt();
            }
            Files.write(bad, bytes);
            try {
                OnnxHeader.read(bad);
            } catch (OnnxFormatException e) {
                assertThat(e).as("seed %d", seed).hasMessageContaining("bad.onnx");
            }
        }
    }

    @Test
    void whatIsNoOnnxFileIsSaid() throws Exception {
        Path file = folder.resolve("page.onnx");
        Files.writeString(file, "<!doctype html><html><body>404</body></html>");
        assertThatThrownBy(() -> OnnxHeader.read(file))
                .isInstanceOf(OnnxFormatException.class)
                .hasMessageContaining("no ONNX model");
    }
}
