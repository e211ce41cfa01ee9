package io.mocozoo.evaluate.metric;

/**
 * Precision, recall, F1 in percent and support, from counts by class; single precision as in the reference. An average
 * has one entry, {@link Average#NONE} one a class.
 *
 * @param precision hits over predictions
 * @param recall hits over images of the class
 * @param f1 their harmonic mean
 * @param support images of the class; in an average of all
 */
@SuppressWarnings("ArrayRecordComponent") // read once, by whoever asked for it
public record PrecisionRecall(float[] precision, float[] recall, float[] f1, long[] support) {
    private static final float EPSILON = 1.1920929e-7f;

    /**
     * From counts by class.
     *
     * @param hits predictions that were right
     * @param predicted predictions of the class
     * @param actual images of the class
     */
    public static PrecisionRecall of(long[] hits, long[] predicted, long[] actual, Average average) {
        return switch (average) {
            case NONE -> classwise(hits, predicted, actual);
            case MICRO -> classwise(new long[] {sum(hits)}, new long[] {sum(predicted)}, new long[] {sum(actual)});
            case MACRO -> {
                PrecisionRecall each = classwise(hits, predicted, actual);
                yield new PrecisionRecall(
                        mean(each.precision), mean(each.recall), mean(each.f1), new long[] {sum(actual)});
            }
        };
    }

    private static PrecisionRecall classwise(long[] hits, long[] predicted, long[] actual) {
        int n = hits.length;
        float[] precision = new float[n];
        float[] recall = new float[n];
        float[] f1 = new float[n];
        for (int i = 0; i < n; i++) {
            precision[i] = hits[i] / (float) Math.max(predicted[i], 1) * 100;
            recall[i] = hits[i] / (float) Math.max(actual[i], 1) * 100;
            f1[i] = 2 * precision[i] * recall[i] / Math.max(precision[i] + recall[i], EPSILON);
        }
        return new PrecisionRecall(precision, recall, f1, actual.clone());
    }

    private static float[] mean(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += value;
        }
        return new float[] {(float) (sum / values.length)};
    }

    private static long sum(long[] counts) {
        long sum = 0;
        for (long count : counts) {
            sum += count;
        }
        return sum;
    }
}
