package io.mocozoo.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mocozoo.Zoo;
import io.mocozoo.image.RgbImage;
import io.mocozoo.network.Output;
import io.mocozoo.onnx.ElementType;
import io.mocozoo.onnx.Initializer;
import io.mocozoo.onnx.Node;
import io.mocozoo.onnx.OnnxFormatException;
import io.mocozoo.onnx.OnnxModel;
import io.mocozoo.onnx.OnnxWriter;
import io.mocozoo.onnx.ValueInfo;
import io.mocozoo.onnx.WeightsFile;
import io.mocozoo.runtime.Device;
import io.mocozoo.runtime.Model;
import io.mocozoo.runtime.ModelException;
import io.mocozoo.runtime.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** ONNX files of other makers, in place of a checkpoint. */
class OwnOnnxFileTest {
    private static final String CARD = "vit-tiny-p8_shapes"; // crops to 48, has 10 classes
    private static final int FLOAT = ElementType.FLOAT.code();

    @TempDir
    Path folder;

    private Zoo zoo = Zoo.builder().build();

    @BeforeEach
    void makeZoo() {
        zoo = Zoo.builder().cache(folder.resolve("cache")).device(Device.CPU).build();
    }

    @AfterEach
    void closeZoo() {
        zoo.close();
    }

    /** Mean colour times a matrix: a classifier of three weights a class. */
    private static OnnxModel colours(ValueInfo input, ValueInfo output, int classes, String domain) {
        float[] weights = new float[3 * classes];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = i * 0.25f - 2;
        }
        List<Node> nodes = new ArrayList<>(List.of(
                new Node("GlobalAveragePool", "", List.of(input.name()), List.of("mean"), Map.of()),
                new Node("Flatten", "", List.of("mean"), List.of("flat"), Map.of()),
                new Node("MatMul", "", List.of("flat", "w"), List.of("product"), Map.of()),
                new Node("Identity", domain, List.of("product"), List.of(output.name()), Map.of())));
        return new OnnxModel(
                "colours",
                List.of(input),
                List.of(output),
                nodes,
                List.of(Initializer.of("w", List.of(3L, (long) classes), weights)),
                Map.of("", 17L),
                Map.of());
    }

    private static ValueInfo value(String name, String... dims) {
        return new ValueInfo(name, FLOAT, List.of(dims));
    }

    private Path written(OnnxModel model) throws IOException {
        Path file = Files.createDirectories(folder.resolve("own")).resolve("own.onnx");
        OnnxWriter.write(model, file);
        return file;
    }

    @Test
    void classifierOfAnotherMakerRunsUnderItsOwnNames() throws IOException {
        Path file =
                written(colours(value("pixels_in", "batch", "3", "48", "48"), value("probs", "batch", "10"), 10, ""));
        try (Model model = zoo.configure(CARD).weights(file).open()) {
            assertThat(model.outputs()).containsExactly(Output.LOGITS);
            assertThat(model.forward(Tensor.zeros(2, 3, 48, 48)).toArray()).containsOnly(0f);
            byte[] grey = new byte[60 * 60 * 3];
            assertThat(model.predict(List.of(new RgbImage(60, 60, grey))).get(0).predScores())
                    .hasSize(10);
            assertThatThrownBy(() -> model.extractFeat(Tensor.zeros(1, 3, 48, 48)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("gives no output 'features'");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "n,3,32,32 | n,10 | expected an input of float32 [n, 3, 48, 48]",
                "n,1,48,48 | n,10 | expected an input of float32 [n, 3, 48, 48]",
                "n,3,48    | n,10 | expected an input of float32 [n, 3, 48, 48]",
                "1,3,48,48 | 1,10 | export it again with a dynamic batch",
                "n,3,48,48 | n,7  | expected float32 [n, 10]",
                "n,3,48,48 | n,10,1 | expected float32 [n, 10]"
            })
    void shapesThatDoNotFitTheCardAreRefusedBeforeAnythingRuns(String in, String out, String message)
            throws IOException {
        Path file = written(colours(value("x", in.split(",")), value("y", out.split(",")), 10, ""));
        assertThatThrownBy(() -> zoo.configure(CARD).weights(file).open())
                .isInstanceOf(OnnxFormatException.class)
                .hasMessageContaining("own.onnx")
                .hasMessageContaining(message);
    }

    @Test
    void secondInputIsRefused() throws IOException {
        OnnxModel one = colours(value("x", "n", "3", "48", "48"), value("y", "n", "10"), 10, "");
        Path file = written(new OnnxModel(
                "two",
                List.of(one.inputs().get(0), value("mask", "n", "1")),
                one.outputs(),
                one.nodes(),
                one.initializers(),
                one.opsets(),
                Map.of()));
        assertThatThrownBy(() -> zoo.configure(CARD).weights(file).open())
                .isInstanceOf(OnnxFormatException.class)
                .hasMessageContaining("expected one input, found [x, mask]");
    }

    @Test
    void operatorsOfUnknownLibrariesAreRefused() throws IOException {
        Path file = written(colours(value("x", "n", "3", "48", "48"), value("y", "n", "10"), 10, "evil.corp"));
        assertThatThrownBy(() -> zoo.configure(CARD).weights(file).open())
                .isInstanceOf(OnnxFormatException.class)
                .hasMessageContaining("evil.corp");
    }

    @Test
    void weightsOutsideItsFolderAreRefused() throws IOException {
        Path file = Files.createDirectories(folder.resolve("own")).resolve("own.onnx");
        Files.write(folder.resolve("w.bin"), new byte[120]);
        OnnxModel model = colours(value("x", "n", "3", "48", "48"), value("y", "n", "10"), 10, "");
        OnnxWriter.write(model, new WeightsFile("../w.bin", Map.of("w", 0L)), file);
        assertThatThrownBy(() -> zoo.configure(CARD).weights(file).open())
                .isInstanceOf(OnnxFormatException.class)
                .hasMessageContaining("../w.bin")
                .hasMessageContaining("own folder");
    }

    @Test
    void fileThatLiesAboutItsShapeIsAModelException() throws IOException {
        Path file = written(colours(value("x", "n", "3", "h", "w"), value("y", "n", "c"), 7, "")); // no 10 classes
        try (Model model = zoo.configure(CARD).weights(file).open()) {
            RgbImage image = new RgbImage(60, 60, new byte[60 * 60 * 3]);
            assertThatThrownBy(() -> model.predict(image))
                    .isInstanceOf(ModelException.class)
                    .hasMessageContaining(CARD);
            assertThatThrownBy(() -> model.forward(Tensor.zeros(1, 3, 48, 48)))
                    .isInstanceOf(ModelException.class)
                    .hasMessageContaining("[1, 7]");
        }
    }

    @Test
    void operatorTheEngineDoesNotKnowIsAModelException() throws IOException {
        OnnxModel one = colours(value("x", "n", "3", "48", "48"), value("y", "n", "10"), 10, "");
        List<Node> nodes = new ArrayList<>(one.nodes());
        nodes.set(3, new Node("NoSuchOperator", "", List.of("product"), List.of("y"), Map.of()));
        Path file = written(
                new OnnxModel("odd", one.inputs(), one.outputs(), nodes, one.initializers(), one.opsets(), Map.of()));
        try (Model model = zoo.configure(CARD).weights(file).open()) {
            assertThatThrownBy(() -> model.forward(Tensor.zeros(1, 3, 48, 48)))
                    .isInstanceOf(ModelException.class)
                    .hasMessageContaining("NoSuchOperator");
        }
    }
}
