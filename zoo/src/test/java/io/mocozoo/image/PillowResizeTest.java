package io.mocozoo.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class PillowResizeTest {
    static LongStream seeds() {
        return LongStream.range(0, 200);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void equalsThePlainAlgorithmOnAnySizes(long seed) {
        var random = new SplittableRandom(seed);
        RgbImage image = PlainResize.random(random, random.nextInt(1, 90), random.nextInt(1, 90));
        int width = random.nextInt(5) == 0 ? image.width() : random.nextInt(1, 120);
        int height = random.nextInt(5) == 0 ? image.height() : random.nextInt(1, 120);
        for (Interpolation interpolation : Interpolation.values()) {
            RgbImage resized = PillowResize.resize(image, width, height, interpolation);
            assertThat(resized.width()).isEqualTo(width);
            assertThat(resized.height()).isEqualTo(height);
            assertThat(resized.rgb())
                    .as("seed %d, %s", seed, interpolation)
                    .isEqualTo(PlainResize.resize(image, width, height, interpolation)
                            .rgb());
        }
    }

    @ParameterizedTest
    @EnumSource
    void theSameSizeIsACopy(Interpolation interpolation) {
        RgbImage image = PlainResize.random(new SplittableRandom(1), 31, 17);
        RgbImage copy = PillowResize.resize(image, 31, 17, interpolation);
        assertThat(copy.rgb()).isEqualTo(image.rgb()).isNotSameAs(image.rgb());
    }

    @ParameterizedTest
    @EnumSource
    void oneColourStaysThatColour(Interpolation interpolation) {
        for (int value = 0; value < 256; value += 15) {
            byte[] rgb = new byte[3 * 40 * 30];
            Arrays.fill(rgb, (byte) value);
            byte[] resized = PillowResize.resize(new RgbImage(40, 30, rgb), 17, 53, interpolation)
                    .rgb();
            for (byte sample : resized) {
                assertThat(sample & 0xff).isEqualTo(value);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void bilinearStaysWithinItsSourceAndGrowsWithIt(long seed) {
        var random = new SplittableRandom(seed);
        RgbImage dark = PlainResize.random(random, random.nextInt(1, 40), random.nextInt(1, 40));
        byte[] brighter = new byte[dark.rgb().length];
        int least = 255;
        int most = 0;
        for (int i = 0; i < brighter.length; i++) {
            int value = (dark.rgb()[i] & 0xff) / 2; // 0 to 127
            dark.rgb()[i] = (byte) value;
            brighter[i] = (byte) (value + random.nextInt(0, 100));
            least = Math.min(least, value);
            most = Math.max(most, value);
        }
        int width = random.nextInt(1, 60);
        int height = random.nextInt(1, 60);
        byte[] low =
                PillowResize.resize(dark, width, height, Interpolation.BILINEAR).rgb();
        byte[] high = PillowResize.resize(
                        new RgbImage(dark.width(), dark.height(), brighter), width, height, Interpolation.BILINEAR)
                .rgb();
        for (int i = 0; i < low.length; i++) {
            assertThat(low[i] & 0xff).as("seed %d", seed).isBetween(least, most);
            assertThat(high[i] & 0xff).as("seed %d", seed).isGreaterThanOrEqualTo(low[i] & 0xff);
        }
    }

    @Test
    void scratchOfALargePictureDoesNotLeakIntoASmallOne() {
        var random = new SplittableRandom(7);
        PillowResize.resize(PlainResize.random(random, 700, 400), 300, 200, Interpolation.BICUBIC);
        RgbImage small = PlainResize.random(random, 2, 3);
        assertThat(PillowResize.resize(small, 5, 4, Interpolation.BICUBIC).rgb())
                .isEqualTo(
                        PlainResize.resize(small, 5, 4, Interpolation.BICUBIC).rgb());
    }

    @Test
    void refusesSizesThatNoArrayHolds() {
        RgbImage image = new RgbImage(1, 1, new byte[3]);
        assertThatThrownBy(() -> PillowResize.resize(image, 0, 4, Interpolation.BILINEAR))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("0 x 4");
        assertThatThrownBy(() -> PillowResize.resize(image, 1 << 20, 1 << 20, Interpolation.BILINEAR))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
