package io.mocozoo.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class PreprocessorTest {
    private static final List<Double> MEAN = List.of(123.675, 116.28, 103.53);
    private static final List<Double> STD = List.of(58.395, 57.12, 57.375);

    private static Preprocessor preprocessor(int edge, int crop, Interpolation interpolation) {
        return new Preprocessor(new Preprocessing(edge, interpolation, crop, MEAN, STD), ImageLimits.DEFAULT);
    }

    static LongStream seeds() {
        return LongStream.range(0, 200);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void resizingOnlyWhatTheCropKeepsGivesTheBytesOfBothSteps(long seed) {
        var random = new SplittableRandom(seed);
        RgbImage image = PlainResize.random(random, random.nextInt(1, 80), random.nextInt(1, 80));
        int edge = random.nextInt(1, 48);
        int crop = random.nextInt(1, edge + 1);
        for (Interpolation interpolation : Interpolation.values()) {
            assertThat(preprocessor(edge, crop, interpolation).crop(image).rgb())
                    .as("seed %d, %s", seed, interpolation)
                    .isEqualTo(
                            PlainResize.crop(image, edge, crop, interpolation).rgb());
        }
    }

    @ParameterizedTest
    @CsvSource({"500,375", "500,374", "500,333", "1024,683", "500,335", "500,281", "375,500", "127,255", "224,224"})
    void theSizesOfTheSpecificationAgreeWithThePlainAlgorithm(int width, int height) {
        RgbImage image = PlainResize.random(new SplittableRandom(width + height), width, height);
        assertThat(preprocessor(256, 224, Interpolation.BICUBIC).crop(image).rgb())
                .isEqualTo(
                        PlainResize.crop(image, 256, 224, Interpolation.BICUBIC).rgb());
    }

    @Test
    void anEndlessStripIsCroppedWithoutResizingItWhole() {
        RgbImage strip = PlainResize.random(new SplittableRandom(3), 1, 20_000_000); // 256 x 5 120 000 000 in full
        RgbImage crop = preprocessor(256, 224, Interpolation.BICUBIC).crop(strip);
        assertThat(crop.width()).isEqualTo(224);
        assertThat(crop.height()).isEqualTo(224);
    }

    @Test
    void packWritesTheCropAndMovesThePositionPastIt() {
        RgbImage image = PlainResize.random(new SplittableRandom(4), 50, 40);
        Preprocessor preprocessor = preprocessor(36, 32, Interpolation.BILINEAR);
        ByteBuffer batch = ByteBuffer.allocateDirect(5 + 2 * 3 * 32 * 32);
        batch.position(5);
        preprocessor.pack(image, batch);
        preprocessor.pack(image, batch);
        assertThat(batch.remaining()).isZero();
        byte[] packed = new byte[3 * 32 * 32];
        batch.get(5 + packed.length, packed);
        assertThat(packed).isEqualTo(preprocessor.crop(image).rgb());
    }

    @Test
    void aFullBufferIsLeftAsItIs() {
        RgbImage image = PlainResize.random(new SplittableRandom(5), 50, 40);
        Preprocessor preprocessor = preprocessor(36, 32, Interpolation.BILINEAR);
        ByteBuffer bytes = ByteBuffer.allocateDirect(3 * 32 * 32 - 1);
        FloatBuffer floats = FloatBuffer.allocate(3 * 32 * 32 - 1);
        RgbImage crop = preprocessor.crop(image);
        assertThatThrownBy(() -> preprocessor.pack(image, bytes)).isInstanceOf(BufferOverflowException.class);
        assertThatThrownBy(() -> preprocessor.packTensor(crop, floats)).isInstanceOf(BufferOverflowException.class);
        assertThat(bytes.position()).isZero();
        assertThat(floats.position()).isZero();
    }

    @Test
    void tensorIsPlanarAndTrulyDivided() {
        RgbImage crop = PlainResize.random(new SplittableRandom(6), 7, 5);
        Preprocessor preprocessor = preprocessor(36, 32, Interpolation.BILINEAR);
        float[] tensor = preprocessor.normalise(crop);
        for (int c = 0; c < 3; c++) {
            for (int i = 0; i < 35; i++) {
                int value = crop.rgb()[3 * i + c] & 0xff;
                float expected = (value - (float) (double) MEAN.get(c)) / (float) (double) STD.get(c);
                assertThat(tensor[35 * c + i]).isEqualTo(expected);
            }
        }
        FloatBuffer target = FloatBuffer.allocate(2 * tensor.length).position(tensor.length);
        preprocessor.packTensor(crop, target);
        assertThat(target.remaining()).isZero();
        assertThat(target.flip().position(tensor.length)).isEqualTo(FloatBuffer.wrap(tensor));
    }

    @Test
    void manyThreadsMayShareOne() {
        Preprocessor preprocessor = preprocessor(60, 50, Interpolation.BICUBIC);
        boolean same = IntStream.range(0, 200).parallel().allMatch(i -> {
            RgbImage image = PlainResize.random(new SplittableRandom(i), 40 + i % 50, 120 - i % 60);
            return Arrays.equals(
                    preprocessor.crop(image).rgb(),
                    PlainResize.crop(image, 60, 50, Interpolation.BICUBIC).rgb());
        });
        assertThat(same).isTrue();
    }

    @Test
    void aPictureAboveTheLimitIsRefused() {
        var small =
                new Preprocessor(new Preprocessing(4, Interpolation.BILINEAR, 4, MEAN, STD), new ImageLimits(99, 1000));
        assertThatThrownBy(() -> small.crop(new RgbImage(10, 10, new byte[300])))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("99")
                .hasMessageContaining("10 x 10");
    }
}
