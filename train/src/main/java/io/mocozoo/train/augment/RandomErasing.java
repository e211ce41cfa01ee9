package io.mocozoo.train.augment;

import io.mocozoo.image.RgbImage;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Covers a random rectangle with noise. The logarithm of the rectangle's aspect (height over width) is uniform, its share
 * of the area too; the noise of each sample is normal, truncated to an integer and clipped to 0..255.
 *
 * @param chance that it happens, 0 to 1
 * @param shareMin least share of the area, above 0
 * @param shareMax largest share, at most 1
 * @param aspectMin least height over width, above 0; the largest is its reciprocal
 * @param mean of the noise in R, G, B, 0 to 255
 * @param std of the noise in R, G, B
 * @see <a href="https://arxiv.org/abs/1708.04896">Zhong et al. 2017, algorithm 1</a>
 */
public record RandomErasing(
        double chance, double shareMin, double shareMax, double aspectMin, List<Double> mean, List<Double> std) {
    /** As the reference fine-tunes: one time in four, a fiftieth to a third of the area, ImageNet's colours. */
    public static final RandomErasing REFERENCE = new RandomErasing(
            0.25, 0.02, 1.0 / 3.0, 0.3, List.of(123.675, 116.28, 103.53), List.of(58.395, 57.12, 57.375));

    /**
     * Checks every number.
     *
     * @throws IllegalArgumentException if one is out of its range
     */
    public RandomErasing {
        Draw.probability("chance", chance);
        if (!(shareMin > 0 && shareMin <= shareMax && shareMax <= 1)) {
            throw new IllegalArgumentException("shareMin and shareMax must rise from above 0 to at most 1, found "
                    + shareMin + " and " + shareMax);
        }
        if (!(aspectMin > 0 && aspectMin <= 1)) {
            throw new IllegalArgumentException("aspectMin must be above 0 and at most 1, found " + aspectMin);
        }
        mean = List.copyOf(mean);
        std = List.copyOf(std);
        if (mean.size() != 3 || std.size() != 3) {
            throw new IllegalArgumentException("mean and std must have three numbers, found " + mean + " and " + std);
        }
    }

    /** The picture itself, or a copy with a part covered. */
    public RgbImage apply(RgbImage image, RandomGenerator random) {
        if (random.nextDouble() > chance) {
            return image;
        }
        int height = image.height();
        int width = image.width();
        // the reference takes these logarithms in float32
        double aspect = Math.exp(Draw.uniform(random, (float) Math.log(aspectMin), (float) Math.log(1 / aspectMin)));
        double area = (double) height * width * Draw.uniform(random, shareMin, shareMax);
        int tall = Math.min((int) Math.rint(Math.sqrt(area * aspect)), height);
        int wide = Math.min((int) Math.rint(Math.sqrt(area / aspect)), width);
        int top = tall < height ? random.nextInt(height - tall) : 0; // the reference never reaches the last place
        int left = wide < width ? random.nextInt(width - wide) : 0;
        byte[] rgb = image.rgb().clone();
        for (int y = top; y < top + tall; y++) {
            for (int x = left; x < left + wide; x++) {
                for (int channel = 2; channel >= 0; channel--) { // blue is drawn first
                    double noise = mean.get(channel) + std.get(channel) * random.nextGaussian();
                    rgb[3 * (y * width + x) + channel] = (byte) Math.max(0, Math.min(255, (int) noise));
                }
            }
        }
        return new RgbImage(width, height, rgb);
    }
}
