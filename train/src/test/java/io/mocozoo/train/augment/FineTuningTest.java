package io.mocozoo.train.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.mocozoo.image.RgbImage;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class FineTuningTest {
    static LongStream seeds() {
        return LongStream.range(0, 20);
    }

    @ParameterizedTest
    @EnumSource(
            names = {"AUTO_CONTRAST", "EQUALIZE", "INVERT", "POSTERIZE"},
            mode = EnumSource.Mode.EXCLUDE)
    void levelNoneChangesNothing(RandOperation operation) {
        RgbImage image = Pictures.noise(31, 22, 1);
        assertThat(operation.apply(image, operation.value(0)).rgb()).isEqualTo(image.rgb());
    }

    @ParameterizedTest
    @EnumSource
    void everyOperationMakesACopyOfTheSameSize(RandOperation operation) {
        RgbImage image = Pictures.slopes(31, 22);
        byte[] before = image.rgb().clone();
        RgbImage changed = operation.apply(image, operation.value(9));
        assertThat(changed.width()).isEqualTo(31);
        assertThat(changed.height()).isEqualTo(22);
        assertThat(image.rgb()).isEqualTo(before);
        assertThat(changed.rgb()).isNotEqualTo(before);
    }

    @Test
    void translationMovesToTheRightAndFillsInRgb() {
        RgbImage image = Pictures.noise(20, 10, 3);
        byte[] moved = RandOperation.TRANSLATE_HORIZONTAL.apply(image, 0.25).rgb();
        for (int y = 0; y < 10; y++) {
            assertThat(Arrays.copyOfRange(moved, 60 * y + 15, 60 * y + 60))
                    .isEqualTo(Arrays.copyOfRange(image.rgb(), 60 * y, 60 * y + 45));
            assertThat(Arrays.copyOfRange(moved, 60 * y, 60 * y + 3)).containsExactly(124, 116, 104);
        }
    }

    @Test
    void rotationByAQuarterIsClockwise() {
        RgbImage image = Pictures.noise(5, 5, 4);
        byte[] turned = RandOperation.ROTATE.apply(image, 90).rgb();
        // the top left goes to the top right
        assertThat(Arrays.copyOfRange(turned, 12, 15)).isEqualTo(Arrays.copyOfRange(image.rgb(), 0, 3));
    }

    @Test
    void shearMovesRowsByTheirNumber() {
        RgbImage image = Pictures.noise(20, 10, 5);
        byte[] sheared = RandOperation.SHEAR_HORIZONTAL.apply(image, 1).rgb();
        for (int y = 0; y < 10; y++) {
            assertThat(Arrays.copyOfRange(sheared, 60 * y + 3 * y, 60 * y + 60))
                    .isEqualTo(Arrays.copyOfRange(image.rgb(), 60 * y, 60 * y + 60 - 3 * y));
        }
    }

    @Test
    void posterizeKeepsTheUpperBits() {
        byte[] posterized =
                RandOperation.POSTERIZE.apply(Pictures.noise(9, 9, 6), 2.1).rgb();
        for (byte sample : posterized) {
            assertThat(sample & 0b11111).isZero();
        }
        assertThat(RandOperation.POSTERIZE.apply(Pictures.noise(9, 9, 6), 0).rgb())
                .containsOnly(0);
    }

    @Test
    void autoContrastReachesBothEnds() {
        RgbImage stretched = RandOperation.AUTO_CONTRAST.apply(Pictures.slopes(40, 30), 0);
        for (int channel = 0; channel < 3; channel++) {
            int low = 255;
            int high = 0;
            for (int i = channel; i < stretched.rgb().length; i += 3) {
                low = Math.min(low, stretched.rgb()[i] & 0xff);
                high = Math.max(high, stretched.rgb()[i] & 0xff);
            }
            assertThat(low).isZero();
            assertThat(high).isBetween(254, 255); // truncated
        }
    }

    @Test
    void randAugmentAppliesWhatItsChanceSays() {
        RgbImage image = Pictures.slopes(16, 16);
        assertThat(new RandAugment(2, 0, 9, 0.5).apply(image, new SplittableRandom(1)))
                .isSameAs(image);
        SplittableRandom random = new SplittableRandom(2);
        long untouched = LongStream.range(0, 2000)
                .filter(i -> RandAugment.REFERENCE.apply(image, random) == image)
                .count();
        assertThat(untouched / 2000.0).isCloseTo(0.25, within(0.04)); // four standard deviations
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void erasingCoversARectangleOfItsShare(long seed) {
        RgbImage image = new RgbImage(60, 50, new byte[3 * 60 * 50]);
        var erasing = new RandomErasing(1, 0.02, 1.0 / 3, 0.3, List.of(200.0, 200.0, 200.0), List.of(10.0, 10.0, 10.0));
        byte[] erased = erasing.apply(image, new SplittableRandom(seed)).rgb();
        int covered = 0;
        for (int i = 0; i < erased.length; i += 3) {
            covered += erased[i] == 0 ? 0 : 1;
        }
        assertThat(covered / 3000.0).isBetween(0.015, 0.36);
        assertThat(new RandomErasing(0, 0.02, 0.3, 0.3, List.of(0.0, 0.0, 0.0), List.of(1.0, 1.0, 1.0))
                        .apply(image, new SplittableRandom(seed)))
                .isSameAs(image);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void mixedTargetsStillSumToOne(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        MixBatch batch = batch(6);
        float[] before = batch.inputs().clone();
        new BatchMix(0.8, 1).apply(batch, random);
        for (int i = 0; i < 6; i++) {
            float sum = 0;
            for (int k = 0; k < 4; k++) {
                sum += batch.targets()[4 * i + k];
            }
            assertThat(sum).isCloseTo(1f, within(1e-6f));
        }
        for (float value : batch.inputs()) {
            assertThat(value).isBetween(0f, 5f);
        }
        MixBatch untouched = batch(6);
        new BatchMix(0, 0).apply(untouched, random);
        assertThat(untouched.inputs()).isEqualTo(before);
    }

    /** Sample i is i all over. */
    private static MixBatch batch(int n) {
        float[] inputs = new float[n * 3 * 8 * 10];
        int[] labels = new int[n];
        for (int i = 0; i < n; i++) {
            Arrays.fill(inputs, i * 3 * 8 * 10, (i + 1) * 3 * 8 * 10, i);
        }
        Arrays.setAll(labels, i -> i % 4);
        return new MixBatch(inputs, MixBatch.oneHot(labels, 4), n, 8, 10);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void boxesLieInThePicture(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 200; i++) {
            CutMix.Box box = CutMix.Box.around(random.nextInt(24), random.nextInt(32), random.nextDouble(), 24, 32);
            assertThat(box.bottom()).isLessThanOrEqualTo(24);
            assertThat(box.right()).isLessThanOrEqualTo(32);
        }
        assertThat(CutMix.Box.around(0, 0, 1, 24, 32)).isEqualTo(new CutMix.Box(0, 0, 0, 0));
    }

    @Test
    void betaHasItsMeanAndVariance() {
        for (double alpha : new double[] {0.2, 0.8, 1, 3}) {
            SplittableRandom random = new SplittableRandom(7);
            double sum = 0;
            double squares = 0;
            int n = 40_000;
            for (int i = 0; i < n; i++) {
                double x = Beta.symmetric(alpha, random);
                assertThat(x).isBetween(0.0, 1.0);
                sum += x;
                squares += x * x;
            }
            double mean = sum / n;
            assertThat(mean).isCloseTo(0.5, within(0.01)); // four standard errors, the widest at alpha 0.2
            assertThat(squares / n - mean * mean).isCloseTo(1 / (4 * (2 * alpha + 1)), within(0.005));
        }
    }

    @Test
    void labelsOutsideTheClassesAreRefused() {
        assertThatThrownBy(() -> MixBatch.oneHot(new int[] {4}, 4)).hasMessageContaining("label 4");
        assertThatThrownBy(() -> new MixBatch(new float[10], new float[4], 4, 1, 1))
                .hasMessageContaining("10 values");
    }
}
