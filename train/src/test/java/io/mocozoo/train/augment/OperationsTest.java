package io.mocozoo.train.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mocozoo.image.Interpolation;
import io.mocozoo.image.RgbImage;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class OperationsTest {
    static LongStream seeds() {
        return LongStream.range(0, 40);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void saturationByStepsIsThePlainBlend(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float factor = seed < 8 ? seed / 4f : (float) random.nextDouble(0, 3);
        byte[] plain = Pictures.noise(300, 200, seed).rgb();
        byte[] quick = plain.clone();
        Blend.withGrayPlainly(plain, factor);
        Blend.withGray(quick, factor);
        assertThat(quick).as("factor %s", factor).isEqualTo(plain);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void blurIsThreeBoxesEachWay(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int width = random.nextInt(1, 40);
        int height = random.nextInt(1, 40);
        double sigma = random.nextDouble(0, seed % 4 == 0 ? 12 : 2.5);
        RgbImage image = Pictures.noise(width, height, seed);
        int[][][] planes = new int[3][height][width];
        for (int i = 0; i < image.rgb().length; i++) {
            planes[i % 3][i / 3 / width][i / 3 % width] = image.rgb()[i] & 0xff;
        }
        byte[] expected = new byte[image.rgb().length];
        for (int c = 0; c < 3; c++) {
            int[][] blurred = transposed(boxes(transposed(boxes(planes[c], sigma)), sigma));
            for (int i = 0; i < width * height; i++) {
                expected[3 * i + c] = (byte) blurred[i / width][i % width];
            }
        }
        assertThat(GaussianBlur.apply(image, sigma).rgb())
                .as("%d x %d, sigma %s", width, height, sigma)
                .isEqualTo(expected);
    }

    /** Pillow's box, one sample at a time. */
    private static int[][] boxes(int[][] rows, double sigma) {
        float variance = (float) sigma * (float) sigma / 3;
        float whole = (float) Math.floor(((float) Math.sqrt(12.0 * variance + 1.0) - 1.0) / 2.0);
        float part = (2 * whole + 1) * (whole * (whole + 1) - 3 * variance);
        part /= 6 * (variance - (whole + 1) * (whole + 1));
        float radius = whole + part;
        int r = (int) radius;
        long inner = (long) ((1 << 24) / (radius * 2 + 1));
        long outer = ((1 << 24) - (2 * r + 1) * inner) / 2;
        int[][] result = rows;
        for (int pass = 0; pass < 3; pass++) {
            int[][] next = new int[rows.length][rows[0].length];
            for (int y = 0; y < rows.length; y++) {
                for (int x = 0; x < rows[0].length; x++) {
                    long sum = outer * (at(result[y], x - r - 1) + at(result[y], x + r + 1)) + (1 << 23);
                    for (int d = -r; d <= r; d++) {
                        sum += inner * at(result[y], x + d);
                    }
                    next[y][x] = (int) (sum >> 24);
                }
            }
            result = next;
        }
        return result;
    }

    private static int at(int[] row, int x) {
        return row[Math.max(0, Math.min(row.length - 1, x))];
    }

    private static int[][] transposed(int[][] rows) {
        int[][] columns = new int[rows[0].length][rows.length];
        for (int y = 0; y < rows.length; y++) {
            for (int x = 0; x < rows[0].length; x++) {
                columns[x][y] = rows[y][x];
            }
        }
        return columns;
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void flippingTwiceGivesThePictureBack(long seed) {
        RgbImage image = Pictures.noise((int) seed + 1, 7, seed);
        assertThat(HorizontalFlip.apply(HorizontalFlip.apply(image)).rgb()).isEqualTo(image.rgb());
    }

    @Test
    void solarizingFromZeroInverts() {
        RgbImage image = Pictures.noise(9, 9, 1);
        assertThat(Solarize.apply(image, 256).rgb()).isEqualTo(image.rgb());
        assertThat(Solarize.apply(Solarize.apply(image, 0), 0).rgb()).isEqualTo(image.rgb());
    }

    @Test
    void grayStaysGrayWhateverTheHue() {
        RgbImage gray = Grayscale.apply(Pictures.noise(20, 20, 2));
        assertThat(ColorJitter.hue(gray, 0.3).rgb()).isEqualTo(gray.rgb());
        assertThat(ColorJitter.saturation(gray, 0).rgb()).isEqualTo(gray.rgb());
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void hueKeepsTheLargestSample(long seed) {
        RgbImage image = Pictures.noise(30, 30, seed);
        byte[] turned = ColorJitter.hue(image, new SplittableRandom(seed).nextDouble(-0.5, 0.5))
                .rgb();
        for (int i = 0; i < turned.length; i += 3) {
            assertThat(largest(turned, i)).isEqualTo(largest(image.rgb(), i));
        }
    }

    private static int largest(byte[] rgb, int i) {
        return Math.max(rgb[i] & 0xff, Math.max(rgb[i + 1] & 0xff, rgb[i + 2] & 0xff));
    }

    @Test
    void givenTheSameNumbers_whenJittered_thenTheSamePicture() {
        RgbImage image = Pictures.noise(30, 20, 3);
        ColorJitter jitter = new ColorJitter(0.4, 0.4, 0.2, 0.1);
        byte[] once = jitter.apply(image, new SplittableRandom(5)).rgb();
        assertThat(jitter.apply(image, new SplittableRandom(5)).rgb()).isEqualTo(once);
        assertThat(jitter.apply(image, new SplittableRandom(6)).rgb()).isNotEqualTo(once);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void cropsLieInThePictureAndHaveTheirShare(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int height = random.nextInt(20, 500);
        int width = random.nextInt(20, 500);
        var crop = new RandomResizedCrop(16, 0.08, 1, Interpolation.BILINEAR);
        for (int i = 0; i < 100; i++) {
            CropBox box = crop.draw(height, width, random);
            assertThat(box.top() + box.height()).isLessThanOrEqualTo(height);
            assertThat(box.left() + box.width()).isLessThanOrEqualTo(width);
            double share = (double) box.height() * box.width() / ((double) height * width);
            assertThat(share).isBetween(0.05, 1.0); // small sides are rounded
        }
    }

    @Test
    void numbersOutOfRangeAreRefused() {
        assertThatThrownBy(() -> new ColorJitter(0.4, 0.4, 0.2, 0.6)).hasMessageContaining("hue must be 0 to 0.5");
        assertThatThrownBy(() -> GaussianBlur.apply(Pictures.noise(2, 2, 1), Double.NaN))
                .hasMessageContaining("sigma");
        assertThatThrownBy(() -> new RandomResizedCrop(8, 0, 1, Interpolation.BICUBIC))
                .hasMessageContaining("scaleMin");
        assertThatThrownBy(() -> new CropBox(0, 0, 0, 1)).hasMessageContaining("0 x 1");
    }
}
