package io.mocozoo.evaluate.metric;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The mean of the precisions at each image of a class when images are sorted by its score, in percent. Targets are 1, 0,
 * or -1 for images that do not count. As the reference's AveragePrecision.
 */
public final class AveragePrecision {
    private AveragePrecision() {}

    /**
     * Of one class; 0 if no image is of the class.
     *
     * @param scores of the class, one an image; equal ones keep the order of the images
     * @param targets one an image
     */
    public static double ofClass(float[] scores, int[] targets) {
        int[] order = IntStream.range(0, scores.length)
                .boxed()
                .sorted((a, b) -> Float.compare(scores[b], scores[a]))
                .mapToInt(Integer::intValue)
                .toArray();
        long counted = 0;
        long hits = 0;
        double sum = 0;
        for (int image : order) {
            if (targets[image] < 0) {
                continue;
            }
            counted++;
            if (targets[image] > 0) {
                hits++;
                sum += hits / (double) counted;
            }
        }
        return hits == 0 ? 0 : sum / hits * 100;
    }

    /** The mean over all classes, those without an image as 0: {@code multi-label/mAP}. */
    public static double mean(double[] classwise) {
        return Arrays.stream(classwise).sum() / classwise.length;
    }
}
