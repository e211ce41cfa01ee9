package io.mocozoo.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mocozoo.image.RgbImage;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class HalvingTest {
    private static List<RgbImage> images(int n) {
        List<RgbImage> images = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            images.add(new RgbImage(1, 1, new byte[] {(byte) i, 0, 0}));
        }
        return images;
    }

    private static List<ImageResult> named(List<RgbImage> crops) {
        return crops.stream().map(c -> ImageResult.of(c.rgb()[0], new float[1])).toList();
    }

    @Test
    void givenADeviceThatHoldsFive_whenRun_thenBatchesAreHalvedAndTheOrderStays() {
        Halving halving = new Halving(32);
        List<Integer> sizes = new ArrayList<>();
        List<ImageResult> results = halving.run(images(20), crops -> {
            sizes.add(crops.size());
            if (crops.size() > 5) {
                throw new IllegalStateException("Failed to allocate memory for requested buffer of size 1");
            }
            return named(crops);
        });
        assertThat(results.stream().map(ImageResult::predLabel))
                .containsExactlyElementsOf(
                        java.util.stream.IntStream.range(0, 20).boxed().toList());
        assertThat(halving.batch()).isEqualTo(5);
        assertThat(sizes).containsExactly(20, 10, 5, 5, 5, 5);
    }

    @Test
    void otherFailuresAndOneImageTooLargeAreNotHidden() {
        assertThatThrownBy(() -> new Halving(4).run(images(4), crops -> {
                    throw new IllegalStateException("broken");
                }))
                .hasMessage("broken");
        assertThatThrownBy(() -> new Halving(4).run(images(4), crops -> {
                    throw new OutOfMemoryError("direct buffer");
                }))
                .isInstanceOf(OutOfMemoryError.class);
    }
}
