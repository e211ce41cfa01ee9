package io.mocozoo.evaluate.probe;

import io.mocozoo.evaluate.StoredFeatures;
import io.mocozoo.evaluate.file.RunException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** Features less the mean, over the deviation, of each dimension; 0 where they do not vary. */
final class Standardised implements LabelledRows {
    private final StoredFeatures features;
    private final double[] means;
    private final double[] deviations;

    private Standardised(StoredFeatures features, double[] means, double[] deviations) {
        this.features = features;
        this.means = means;
        this.deviations = deviations;
    }

    /**
     * By their own means and deviations, for which they are read twice.
     *
     * @throws RunException if they hold numbers that are not finite
     */
    static Standardised of(StoredFeatures features) throws IOException {
        int width = features.width();
        double[] means = new double[width];
        features.forEachBlock((values, labels) -> {
            for (int row = 0; row < values.length; row += width) {
                for (int d = 0; d < width; d++) {
                    means[d] += values[row + d];
                }
            }
        });
        for (int d = 0; d < width; d++) {
            means[d] /= features.count();
        }
        double[] deviations = new double[width];
        features.forEachBlock((values, labels) -> {
            for (int row = 0; row < values.length; row += width) {
                for (int d = 0; d < width; d++) {
                    deviations[d] += (values[row + d] - means[d]) * (values[row + d] - means[d]);
                }
            }
        });
        List<Integer> wrong = new ArrayList<>();
        for (int d = 0; d < width; d++) {
            deviations[d] = Math.sqrt(deviations[d] / features.count());
            if (!Double.isFinite(deviations[d])) {
                wrong.add(d);
            }
        }
        if (!wrong.isEmpty()) {
            throw new RunException("features hold numbers that are not finite in dimensions " + wrong);
        }
        return new Standardised(features, means, deviations);
    }

    /** Other features of the same width by these means and deviations. */
    Standardised alike(StoredFeatures others) {
        return new Standardised(others, means, deviations);
    }

    @Override
    public int count() {
        return features.count();
    }

    @Override
    public int width() {
        return features.width();
    }

    @Override
    public int label(int row) {
        return features.label(row);
    }

    @Override
    public void read(int from, int rows, float[] into, int at) {
        try {
            features.read(from, rows, into, at);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        int width = width();
        for (int row = at; row < at + rows * width; row += width) {
            for (int d = 0; d < width; d++) {
                into[row + d] = deviations[d] > 0 ? (float) ((into[row + d] - means[d]) / deviations[d]) : 0;
            }
        }
    }
}
