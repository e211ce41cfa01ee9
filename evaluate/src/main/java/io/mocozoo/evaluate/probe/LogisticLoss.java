package io.mocozoo.evaluate.probe;

import java.util.stream.IntStream;

/**
 * The mean cross-entropy of a multinomial logistic regression over rows of features, with its gradient, and a penalty of
 * half the squared weights (not of the biases). Rows are summed in chunks of fixed size, so that the number of threads
 * changes no bit.
 */
final class LogisticLoss {
    private static final int CHUNK = 2048;
    private static final int WAVE = 16;

    private final float[] rows;
    private final int width;
    private final int[] labels;
    private final int classes;
    private final double penalty;

    /**
     * A loss.
     *
     * @param rows features, row by row
     * @param labels one a row
     * @param penalty factor of half the squared weights
     */
    LogisticLoss(float[] rows, int width, int[] labels, int classes, double penalty) {
        this.rows = rows;
        this.width = width;
        this.labels = labels;
        this.classes = classes;
        this.penalty = penalty;
    }

    /** Weights [classes, width + 1], the bias last. */
    int parameters() {
        return classes * (width + 1);
    }

    /** A part of the sum. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Part(double loss, double[] gradient) {}

    /** The loss at some weights; the gradient is written into the given array. */
    double at(double[] weights, double[] gradient) {
        int chunks = (labels.length + CHUNK - 1) / CHUNK;
        double loss = 0;
        java.util.Arrays.fill(gradient, 0);
        for (int wave = 0; wave < chunks; wave += WAVE) { // as many gradients as these are held at once
            Part[] parts = IntStream.range(wave, Math.min(chunks, wave + WAVE))
                    .parallel()
                    .mapToObj(chunk -> part(weights, chunk * CHUNK, Math.min(labels.length, (chunk + 1) * CHUNK)))
                    .toArray(Part[]::new);
            for (Part part : parts) {
                loss += part.loss;
                for (int i = 0; i < gradient.length; i++) {
                    gradient[i] += part.gradient[i];
                }
            }
        }
        loss /= labels.length;
        for (int c = 0; c < classes; c++) {
            for (int d = 0; d <= width; d++) {
                int i = c * (width + 1) + d;
                gradient[i] /= labels.length;
                if (d < width) {
                    gradient[i] += penalty * weights[i];
                    loss += penalty * weights[i] * weights[i] / 2;
                }
            }
        }
        return loss;
    }

    private Part part(double[] weights, int from, int to) {
        double[] gradient = new double[parameters()];
        double[] logits = new double[classes];
        double loss = 0;
        for (int row = from; row < to; row++) {
            double max = logits(weights, row, logits);
            double sum = 0;
            for (int c = 0; c < classes; c++) {
                sum += Math.exp(logits[c] - max);
            }
            loss += Math.log(sum) + max - logits[labels[row]];
            for (int c = 0; c < classes; c++) {
                double error = Math.exp(logits[c] - max) / sum - (c == labels[row] ? 1 : 0);
                int at = c * (width + 1);
                for (int d = 0; d < width; d++) {
                    gradient[at + d] += error * rows[row * width + d];
                }
                gradient[at + width] += error;
            }
        }
        return new Part(loss, gradient);
    }

    private double logits(double[] weights, int row, double[] logits) {
        double max = Double.NEGATIVE_INFINITY;
        for (int c = 0; c < classes; c++) {
            int at = c * (width + 1);
            double sum = weights[at + width];
            for (int d = 0; d < width; d++) {
                sum += weights[at + d] * rows[row * width + d];
            }
            logits[c] = sum;
            max = Math.max(max, sum);
        }
        return max;
    }

    /** Rows whose largest logit is their label's. */
    long correct(double[] weights) {
        return IntStream.range(0, labels.length)
                .parallel()
                .filter(row -> {
                    double[] logits = new double[classes];
                    double max = logits(weights, row, logits);
                    int best = 0;
                    while (logits[best] < max) {
                        best++;
                    }
                    return best == labels[row];
                })
                .count();
    }
}
