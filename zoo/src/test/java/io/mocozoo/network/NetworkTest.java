package io.mocozoo.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class NetworkTest {
    /** Parameters of torchvision's networks with 1000 classes, as its documentation lists them. */
    @ParameterizedTest
    @CsvSource({"18, 11689512", "34, 21797672", "50, 25557032", "101, 44549160", "152, 60192808"})
    void residualNetworksHaveTheParametersOfTorchvisions(int depth, long parameters) {
        Cost cost = Cost.of(new Classifier(new ResNet(depth, 64, 64), 1000), 224, 224);
        assertThat(cost.parameters()).isEqualTo(parameters);
    }

    @Test
    void outputsHaveTheirShapes() {
        VisionTransformer vit = new VisionTransformer(24, 2, 3, 48, 8, 32, Positions.LEARNED);
        Cost cost = Cost.of(new MocoV3(vit, new Mlp(3, 32, 16, true), new Mlp(2, 32, 16, true)), 33, 64);
        assertThat(cost.shapes())
                .containsEntry(Output.BACKBONE, List.of(24))
                .containsEntry(Output.TOKENS, List.of(1 + 5 * 8, 24)) // 33 pixels are five patches
                .containsEntry(Output.ATTENTION, List.of(3, 1 + 5 * 8))
                .containsEntry(Output.PROJECTION, List.of(16))
                .containsEntry(Output.MOMENTUM_PROJECTION, List.of(16));
        Cost resnet = Cost.of(new Classifier(new ResNet(50, 8, 4), 10), 64, 96);
        assertThat(resnet.shapes())
                .containsEntry(Output.STAGE1, List.of(16, 16, 24))
                .containsEntry(Output.BACKBONE, List.of(128, 2, 3))
                .containsEntry(Output.CLASS_MAPS, List.of(10, 2, 3))
                .containsEntry(Output.LOGITS, List.of(10));
    }

    @Test
    void momentumEncoderIsOwnedButNotNeeded() {
        VisionTransformer vit = new VisionTransformer(24, 2, 3, 48, 8, 32, Positions.SINCOS);
        Cost cost = Cost.of(new MocoV3(vit, new Mlp(3, 32, 16, true), new Mlp(2, 32, 16, true)), 32, 32);
        assertThat(cost.keys()).containsKeys("momentum_encoder.steps", "momentum_encoder.module.1.bn2.running_var");
        assertThat(cost.keys()).doesNotContainKey("neck.bn2.weight"); // the last norm is not affine
        assertThat(cost.needed())
                .contains("head.predictor.bn1.running_mean")
                .noneMatch(k -> k.startsWith("momentum_encoder") || k.endsWith("num_batches_tracked"));
    }

    @ParameterizedTest
    @MethodSource("wrongSizes")
    void sizesThatDoNotFitAreRefused(Runnable maker, String part) {
        assertThatThrownBy(maker::run)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(part);
    }

    static Stream<Arguments> wrongSizes() {
        return Stream.of(
                Arguments.of((Runnable) () -> new ResNet(51, 64, 64), "found 51"),
                Arguments.of((Runnable) () -> new ResNet(50, 0, 64), "stemChannels must be positive"),
                Arguments.of(
                        (Runnable) () -> new VisionTransformer(25, 1, 3, 4, 8, 32, Positions.LEARNED),
                        "multiple of heads"),
                Arguments.of(
                        (Runnable) () -> new VisionTransformer(6, 1, 3, 4, 8, 32, Positions.SINCOS), "multiple of 4"),
                Arguments.of((Runnable) () -> new Mlp(2, 8, -1, true), "out must be positive"),
                Arguments.of((Runnable) () -> Output.of("logit"), "expected one of logits, backbone"));
    }

    /** Rows of token (row 2, column 3) and sums over all values, from the reference. */
    @ParameterizedTest
    @CsvSource({
        "384, 34713.823955, 0.90929741, 0.96983612, -0.41614684, -0.24375790, 0.14112000, 0.40414152, -0.98999250, -0.91469646",
        "768, 69594.494077, 0.90929741, 0.94423676, -0.41614684, -0.32926726, 0.14112000, 0.27838001, -0.98999250, -0.96047103",
        "1024, 92849.198019, 0.90929741, 0.93641472, -0.41614684, -0.35089526, 0.14112000, 0.24508525, -0.98999250, -0.96950156"
    })
    void positionsAreTheReferences(
            int width, double sum, double a, double b, double c, double d, double e, double f, double g, double h) {
        float[] table = SinCosPositions.table(14, width);
        double[] expected = {a, b, c, d, e, f, g, h};
        int row = (1 + 14 * 2 + 3) * width;
        int q = width / 4;
        for (int i = 0; i < 8; i++) {
            assertThat(table[row + (i / 2) * q + i % 2])
                    .isCloseTo((float) expected[i], within(2e-7f)); // printed with eight digits
        }
        double total = 0;
        for (int i = 0; i < table.length; i++) {
            total += table[i];
            assertThat(i >= width || table[i] == 0).isTrue(); // the class token's row
        }
        assertThat(total).isCloseTo(sum, within(1e-3)); // 75,000 values, each within a unit in the last place
    }
}
