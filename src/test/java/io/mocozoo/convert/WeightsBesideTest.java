package io.mocozoo.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mocozoo.CheckpointConverter.Report;
import io.mocozoo.CheckpointConverter.Request;
import io.mocozoo.Zoo;
import io.mocozoo.checkpoint.Checkpoint;
import io.mocozoo.checkpoint.ReadLimits;
import io.mocozoo.onnx.GraphInput;
import io.mocozoo.onnx.OnnxFormatException;
import io.mocozoo.onnx.OnnxHeader;
import io.mocozoo.onnx.Precision;
import io.mocozoo.registry.ModelCard;
import io.mocozoo.runtime.Device;
import io.mocozoo.runtime.Model;
import io.mocozoo.runtime.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WeightsBesideTest {
    private static final String MODEL = "vit-tiny-p8_shapes";

    @TempDir
    Path folder;

    private Zoo zoo() {
        return Zoo.builder().cache(folder.resolve("cache")).device(Device.CPU).build();
    }

    private Report convert(Zoo zoo, Converter converter, Path target) throws IOException {
        ModelCard card = zoo.registry().get(MODEL);
        Path checkpoint = folder.resolve("checkpoint.pth");
        try (InputStream in = card.weights().orElseThrow().uri().toURL().openStream()) {
            Files.write(checkpoint, in.readAllBytes());
        }
        try (Checkpoint weights = Checkpoint.open(checkpoint, ReadLimits.DEFAULT)) {
            return converter.convert(
                    checkpoint,
                    weights.stateDict(),
                    new Request(
                            card.network(),
                            card.preprocessing(),
                            card.network().defaultOutputs(),
                            Precision.FP32,
                            Map.of()),
                    GraphInput.TENSOR,
                    target);
        }
    }

    private static Tensor run(Zoo zoo, Path file) throws IOException {
        float[] values = new float[3 * 48 * 48];
        for (int i = 0; i < values.length; i++) {
            values[i] = i % 17 / 8f - 1;
        }
        try (Model model = zoo.configure(MODEL).weights(file).open()) {
            return model.forward(Tensor.of(values, 1, 3, 48, 48));
        }
    }

    @Test
    void weightsThatDoNotFitInsideLieBesideTheFileAndRunTheSame() throws IOException {
        try (Zoo zoo = zoo()) {
            Path inside = folder.resolve("inside").resolve("m.onnx");
            Path beside = folder.resolve("beside").resolve("m.onnx");
            assertThat(convert(zoo, new Converter(), inside).files()).containsExactly(inside);
            Report report = convert(zoo, new Converter(1000), beside);
            Path data = beside.resolveSibling("m.onnx.data");
            assertThat(report.files()).containsExactlyInAnyOrder(beside, data);
            assertThat(beside.getParent()).isDirectoryNotContaining(f -> !f.equals(beside) && !f.equals(data));
            assertThat(OnnxHeader.read(beside).externalFiles()).containsExactly("m.onnx.data");
            assertThat(Files.size(data)).isGreaterThan(Files.size(beside));
            assertThat(run(zoo, beside)).isEqualTo(run(zoo, inside));
        }
    }

    @Test
    void pairMovedTogetherRunsAndAPartedOneSaysWhatIsMissing() throws IOException {
        try (Zoo zoo = zoo()) {
            Path made = folder.resolve("made").resolve("m.onnx");
            convert(zoo, new Converter(1000), made);
            Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
            Path moved = Files.move(made, elsewhere.resolve("m.onnx"));
            assertThatThrownBy(() -> run(zoo, moved))
                    .isInstanceOf(OnnxFormatException.class)
                    .hasMessageContaining("m.onnx.data")
                    .hasMessageContaining("missing");
            Files.move(made.resolveSibling("m.onnx.data"), elsewhere.resolve("m.onnx.data"));
            assertThat(run(zoo, moved).shape()).containsExactly(1, 10);
        }
    }
}
