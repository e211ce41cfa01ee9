package io.mocozoo.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class PreprocessingTest {
    private static final List<Double> THREE = List.of(1.0, 2.0, 3.0);

    @Test
    void wordsAreThoseOfTheCards() {
        assertThat(Interpolation.BILINEAR.word()).isEqualTo("bilinear");
        assertThat(Interpolation.BICUBIC.word()).isEqualTo("bicubic");
    }

    @Test
    void numbersOutOfRangeAreRefusedWithWhatWasFound() {
        assertThatThrownBy(() -> new Preprocessing(256, Interpolation.BILINEAR, 0, THREE, THREE))
                .hasMessageContaining("found 0");
        assertThatThrownBy(() -> new Preprocessing(200, Interpolation.BILINEAR, 224, THREE, THREE))
                .hasMessageContaining("at least the crop of 224")
                .hasMessageContaining("found 200");
        assertThatThrownBy(() -> new Preprocessing(256, Interpolation.BILINEAR, 224, List.of(1.0), THREE))
                .hasMessageContaining("[1.0]");
        assertThatThrownBy(() -> new Preprocessing(256, Interpolation.BILINEAR, 224, THREE, List.of(1.0, 0.0, 1.0)))
                .hasMessageContaining("positive");
        assertThatThrownBy(() -> new ImageLimits(0, 1)).isInstanceOf(IllegalArgumentException.class);
    }
}
