package io.mocozoo.train.augment;

import java.util.random.RandomGenerator;

/**
 * Pastes a box of another sample into every sample of a batch, and blends their targets in proportion to the areas.
 *
 * @see <a href="https://arxiv.org/abs/1905.04899">Yun et al. 2019, section 3.1</a>
 */
public final class CutMix {
    private final double alpha;

    /**
     * A mixer.
     *
     * @param alpha both parameters of the beta distribution that lambda is drawn from, above 0; 1 in the reference
     */
    public CutMix(double alpha) {
        if (!(alpha > 0)) {
            throw new IllegalArgumentException("alpha must be positive, found " + alpha);
        }
        this.alpha = alpha;
    }

    /**
     * Rows and columns, ends not included; may be empty.
     *
     * @param top first row
     * @param bottom row after the last
     * @param left first column
     * @param right column after the last
     */
    public record Box(int top, int bottom, int left, int right) {
        /**
         * Checks that the ends do not lie before the starts.
         *
         * @throws IllegalArgumentException if they do
         */
        public Box {
            if (top < 0 || bottom < top || left < 0 || right < left) {
                throw new IllegalArgumentException("expected rows and columns in order, found " + top + " to " + bottom
                        + " and " + left + " to " + right);
            }
        }

        /**
         * A box around a centre whose sides are the square root of 1 - lambda of the picture's, clipped to the picture.
         */
        public static Box around(int row, int column, double lambda, int height, int width) {
            double share = Math.sqrt(1 - lambda);
            int tall = (int) (height * share) / 2;
            int wide = (int) (width * share) / 2;
            return new Box(
                    Math.max(0, row - tall),
                    Math.min(height, row + tall),
                    Math.max(0, column - wide),
                    Math.min(width, column + wide));
        }
    }

    /** Mixes a batch in place: draws lambda, the centre of the box (row, then column), then the permutation. */
    public void apply(MixBatch batch, RandomGenerator random) {
        double lambda = Beta.symmetric(alpha, random);
        int row = random.nextInt(batch.height());
        int column = random.nextInt(batch.width());
        Box box = Box.around(row, column, lambda, batch.height(), batch.width());
        mix(batch, box, Draw.permutation(random, batch.size()));
    }

    /**
     * Mixes a batch in place: the box of sample i comes from sample permutation[i]; lambda, the share of a sample's own
     * target, is what the box leaves of the area.
     *
     * @param box within the pictures
     * @param permutation of the samples
     */
    public static void mix(MixBatch batch, Box box, int[] permutation) {
        int height = batch.height();
        int width = batch.width();
        float[] inputs = batch.inputs();
        float[] before = inputs.clone();
        int planes = inputs.length / (batch.size() * height * width);
        for (int i = 0; i < batch.size(); i++) {
            for (int plane = 0; plane < planes; plane++) {
                for (int y = box.top; y < box.bottom; y++) {
                    int to = ((i * planes + plane) * height + y) * width + box.left;
                    int from = ((permutation[i] * planes + plane) * height + y) * width + box.left;
                    System.arraycopy(before, from, inputs, to, box.right - box.left);
                }
            }
        }
        double area = (double) (box.bottom - box.top) * (box.right - box.left);
        Mixup.blend(batch.targets(), batch.size(), 1 - area / ((double) height * width), permutation);
    }
}
