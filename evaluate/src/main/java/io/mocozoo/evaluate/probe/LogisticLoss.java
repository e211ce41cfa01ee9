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

    private final LabelledRows rows;
    private final int width;
    private final int classes;
    private final double penalty;

    /**
     * A loss.
     *
     * @param rows features with their labels, read once for each value
     * @param penalty factor of half the squared weights
     */
    LogisticLoss(LabelledRows rows, int classes, double penalty) {
        this.rows = rows;
        this.width = rows.width();
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
        int chunks = (rows.count() + CHUNK - 1) / CHUNK;
        double loss = 0;
        java.util.Arrays.fill(gradient, 0);
        for (int wave = 0; wave < chunks; wave += WAVE) { // as many gradients as these are held at once
            Part[] parts = IntStream.range(wave, Math.min(chunks, wave + WAVE))
                    .parallel()
                    .mapToObj(chunk -> part(weights, chunk * CHUNK, Math.min(rows.count(), (chunk + 1) * CHUNK)))
                    .toArray(Part[]::new);
            for (Part part : parts) {
                loss += part.loss;
                for (int i = 0; i < gradient.length; i++) {
                    gradient[i] += part.gradient[i];
                }
            }
        }
        loss /= rows.count();
        for (int c = 0; c < classes; c++) {
            for (int d = 0; d <= width; d++) {
                int i = c * (width + 1) + d;
                gradient[i] /= rows.count();
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
        float[] block = new float[Math.min(to - from, rows.some()) * width];
        for (int first = from; first < to; first += rows.some()) {
            int some = Math.min(to - first, rows.some());
            rows.read(first, some, block, 0);
            for (int i = 0; i < some; i++) {
                loss += add(weights, block, i * width, rows.label(first + i), logits, gradient);
            }
        }
        return new Part(loss, gradient);
    }

    /** The loss of a row; its gradient is added. */
    private double add(double[] weights, float[] block, int row, int label, double[] logits, double[] gradient) {
        double max = logits(weights, block, row, logits);
        double sum = 0;
        for (int c = 0; c < classes; c++) {
            sum += Math.exp(logits[c] - max);
        }
        double loss = Math.log(sum) + max - logits[label];
        for (int c = 0; c < classes; c++) {
            double error = Math.exp(logits[c] - max) / sum - (c == label ? 1 : 0);
            int at = c * (width + 1);
            for (int d = 0; d < width; d++) {
                gradient[at + d] += error * block[row + d];
            }
            gradient[at + width] += error;
        }
        return loss;
    }

    private double logits(double[] weights, float[] block, int row, double[] logits) {
        double max = Double.NEGATIVE_INFINITY;
        for (int c = 0; c < classes; c++) {
            int at = c * (width + 1);
            double sum = weights[at + width];
            for (int d = 0; d < width; d++) {
                sum += weights[at + d] * block[row + d];
            }
            logits[c] = sum;
            max = Math.max(max, sum);
        }
        return max;
    }

    /** Rows whose largest logit is their label's. */
    long correct(double[] weights) {
        int some = rows.some();
        return IntStream.range(0, (rows.count() + some - 1) / some)
                .parallel()
                .mapToLong(block -> correct(weights, block * some, Math.min(rows.count(), (block + 1) * some)))
                .sum();
    }

    private long correct(double[] weights, int from, int to) {
        float[] block = new float[(to - from) * width];
        double[] logits = new double[classes];
        rows.read(from, to - from, block, 0);
        long correct = 0;
        for (int i = 0; i < to - from; i++) {
            double max = logits(weights, block, i * width, logits);
            int best = 0;
            while (logits[best] < max) {
                best++;
            }
            correct += best == rows.label(from + i) ? 1 : 0;
        }
        return correct;
    }
}
