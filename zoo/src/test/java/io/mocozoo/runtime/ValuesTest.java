package io.mocozoo.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ValuesTest {
    @Test
    void imagenetHasItsThousandNames() throws Exception {
        Labels labels = Labels.imagenet1k();
        byte[] joined = String.join("\n", labels.names()).getBytes(StandardCharsets.UTF_8);
        assertThat(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(joined)))
                .isEqualTo("a40d9be82eb4738becd1dd69991b89f87f309975e860a6f3f45395d8c06a7e0d");
        assertThat(labels.names()).hasSize(1000);
        assertThat(labels.name(65)).isEqualTo("sea snake");
        assertThat(labels.name(134)).isEqualTo(labels.name(517)).isEqualTo("crane");
        assertThat(labels.name(1000)).isEqualTo("1000");
    }

    @Test
    void predictionIsTheSoftmaxOfItsLogits() {
        Prediction p = Prediction.ofLogits(new float[] {1000, 1001, 999}, new Labels(List.of("a", "b")));
        assertThat(p.predLabel()).isEqualTo(1);
        assertThat(p.predClass()).isEqualTo("b");
        assertThat(p.predScore()).isCloseTo(0.665241f, within(1e-6f)); // e / (1 + e + 1 / e)
        assertThat(p.top(5)).extracting(Prediction.Scored::label).containsExactly(1, 0, 2);
        assertThat(p.top(5)).extracting(Prediction.Scored::name).containsExactly("b", "a", "2");
        assertThat(p.features()).isEmpty();
    }

    @Test
    void rowsOfATensorAreThoseItHas() {
        Tensor tensor = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 3, 2);
        assertThat(tensor.row(2)).isEqualTo(Tensor.of(new float[] {5, 6}, 2));
        for (int none : new int[] {-1, 3, Integer.MAX_VALUE}) {
            assertThatThrownBy(() -> tensor.row(none)).isInstanceOf(IndexOutOfBoundsException.class);
        }
        assertThatThrownBy(() -> Tensor.zeros(0, 2).row(0)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void firstOfEqualScoresWins() {
        Prediction p = Prediction.ofLogits(new float[] {1, 3, 3, 2}, Labels.NONE);
        assertThat(p.predLabel()).isEqualTo(1);
        assertThat(p.top(3)).extracting(Prediction.Scored::label).containsExactly(1, 2, 3);
    }

    @Test
    void scoresThatUnderflowAreZero() {
        float[] scores = Prediction.ofLogits(new float[] {0, -200}, Labels.NONE).predScores();
        assertThat(scores).containsExactly(1, 0);
    }

    @Test
    void pretrainingModelHasFeaturesAndSaysThatItHasNoClasses() {
        Prediction p = Prediction.ofFeatures(Tensor.of(new float[] {1, 2}, 2));
        assertThat(p.hasClasses()).isFalse();
        assertThat(p.features()).isPresent();
        assertThatThrownBy(p::predLabel)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("no classes");
    }

    @Test
    void tensorHoldsCopiesAndChecksItsShape() {
        float[] values = {1, 2, 3, 4, 5, 6};
        Tensor tensor = Tensor.of(values, 2, 3);
        values[0] = 9;
        tensor.toArray()[1] = 9;
        assertThat(tensor.toArray()).containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(tensor.row(1)).isEqualTo(Tensor.of(new float[] {4, 5, 6}, 3));
        assertThat(tensor.buffer().isReadOnly()).isTrue();
        assertThatThrownBy(() -> Tensor.of(values, 4)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Tensor.zeros(-1, 2)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void devicesAreReadAsTheyAreWritten() {
        assertThat(Device.of("auto")).isEqualTo(Device.AUTO);
        assertThat(Device.of("cuda")).isEqualTo(new Device(Device.Kind.CUDA, 0)).hasToString("cuda:0");
        assertThat(Device.of("tensorrt:2")).isEqualTo(new Device(Device.Kind.TENSORRT, 2));
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpu", "cpu:1", "auto:0", "cuda:", "cuda:-1", "CUDA", ""})
    void unknownDevicesAreRefused(String text) {
        assertThatThrownBy(() -> Device.of(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected auto, cpu, cuda");
    }
}
