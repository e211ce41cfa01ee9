package io.mocozoo.train.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mocozoo.image.RgbImage;
import io.mocozoo.train.recipe.Recipe;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ViewsTest {
    private static final List<Double> MEAN = List.of(123.675, 116.28, 103.53);
    private static final List<Double> STD = List.of(58.395, 57.12, 57.375);

    private static List<View> views(String augmentation) {
        return Views.of(new Recipe.Data(48, 0.2, 1, "bilinear", augmentation, MEAN, STD));
    }

    static Stream<View> every() {
        return Stream.of("moco-v3", "crop-flip", "rand-augment").flatMap(word -> views(word).stream());
    }

    @Test
    void aRecipeNamesItsViews() {
        assertThat(views("moco-v3")).hasSize(2);
        assertThat(views("crop-flip")).singleElement().isInstanceOf(CropFlip.class);
        assertThat(views("rand-augment")).singleElement().isInstanceOf(FineTuneView.class);
        assertThatThrownBy(() -> Views.of(new Recipe.Data(48, 0.2, 1, "nearest", "moco-v3", MEAN, STD)))
                .hasMessageContaining("expected one of bilinear, bicubic, found \"nearest\"");
    }

    @ParameterizedTest
    @MethodSource("every")
    void theSameNumbersGiveTheSameView(View view) {
        RgbImage image = Pictures.noise(70, 90, 1);
        byte[] before = image.rgb().clone();
        int size = 3 * view.side() * view.side();
        for (long seed = 0; seed < 20; seed++) {
            FloatBuffer heap = FloatBuffer.allocate(size + 5).position(3);
            view.apply(image, new SplittableRandom(seed), heap);
            assertThat(heap.position()).isEqualTo(size + 3);
            FloatBuffer direct = ByteBuffer.allocateDirect(4 * size).asFloatBuffer();
            view.apply(image, new SplittableRandom(seed), direct);
            assertThat(direct.flip()).as("seed %d", seed).isEqualTo(heap.flip().position(3));
        }
        assertThat(image.rgb()).isEqualTo(before);
        assertThatThrownBy(() -> view.apply(image, new SplittableRandom(1), FloatBuffer.allocate(size - 1)))
                .isInstanceOf(BufferOverflowException.class);
    }

    @Test
    void samplesAreNormalised() {
        byte[] white = new byte[3 * 60 * 60];
        Arrays.fill(white, (byte) 255);
        View view = views("crop-flip").get(0);
        float[] target = new float[3 * 48 * 48];
        view.apply(new RgbImage(60, 60, white), new SplittableRandom(1), FloatBuffer.wrap(target));
        assertThat(target[0]).isEqualTo((255 - 123.675f) / 58.395f);
        assertThat(target[48 * 48]).isEqualTo((255 - 116.28f) / 57.12f);
        assertThat(target[target.length - 1]).isEqualTo((255 - 103.53f) / 57.375f);
    }

    @Test
    void theSecondViewIsSolarisedOneTimeInFive() {
        // white, which no change of colour leaves dark, is dark only where it was inverted
        byte[] white = new byte[3 * 60 * 60];
        Arrays.fill(white, (byte) 255);
        RgbImage image = new RgbImage(60, 60, white);
        int[] dark = new int[2];
        for (int v = 0; v < 2; v++) {
            MocoView view = (MocoView) views("moco-v3").get(v);
            for (long seed = 0; seed < 2000; seed++) {
                byte[] rgb = view.augmented(image, new SplittableRandom(seed));
                dark[v] += (rgb[0] & 0xff) < 128 ? 1 : 0;
            }
        }
        assertThat(dark[0]).isZero();
        assertThat(dark[1]).isBetween(320, 480); // 400, and four standard deviations
    }
}
