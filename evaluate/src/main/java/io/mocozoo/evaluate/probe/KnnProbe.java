package io.mocozoo.evaluate.probe;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mocozoo.data.Dataset;
import io.mocozoo.evaluate.FeatureStream;
import io.mocozoo.evaluate.file.JsonFiles;
import io.mocozoo.evaluate.file.RunException;
import io.mocozoo.evaluate.metric.Interval;
import io.mocozoo.neighbours.NearestNeighbours;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/**
 * The accuracy of a weighted vote of the nearest training images, by cosine similarity of their features. The features of
 * the images to classify are held, those of the training images go by in blocks.
 *
 * @see <a href="https://arxiv.org/abs/1805.01978">Wu et al. 2018, section 3.4</a>
 */
public final class KnnProbe {
    private static final int BLOCK_FLOATS = 1 << 22;

    private final FeatureStream features;
    private final List<Integer> neighbours;
    private final double temperature;

    /**
     * A probe.
     *
     * @param features of the encoder
     * @param neighbours numbers of neighbours that vote, each at least 1
     * @param temperature of the vote, 0.07 as a rule
     */
    public KnnProbe(FeatureStream features, List<Integer> neighbours, double temperature) {
        if (neighbours.isEmpty() || neighbours.stream().anyMatch(k -> k < 1) || !(temperature > 0)) {
            throw new IllegalArgumentException(
                    "expected numbers of neighbours of at least 1 and a positive temperature," + " found " + neighbours
                            + " and " + temperature);
        }
        this.features = features;
        this.neighbours = List.copyOf(neighbours);
        this.temperature = temperature;
    }

    /** Features of the images that could be read, row by row, with their labels. */
    private static final class Rows implements FeatureStream.Receiver {
        private final Dataset data;
        private float[] values = new float[0];
        private int[] labels = new int[0];
        private int width;
        private int rows;
        private int unreadable;

        Rows(Dataset data) {
            this.data = data;
        }

        @Override
        public void accept(int index, float[] row) throws IOException {
            if (width == 0) {
                width = row.length;
                if ((long) width * data.size() > Integer.MAX_VALUE - 8) {
                    throw new RunException(
                            data.size() + " features of " + width + " numbers do not fit one array; ask for"
                                    + " at most " + (Integer.MAX_VALUE - 8) / width + " images to classify at once");
                }
                values = new float[width * data.size()];
                labels = new int[data.size()];
            }
            System.arraycopy(row, 0, values, rows * width, width);
            labels[rows++] = data.label(index);
        }

        /** The rows without what is left over for images that could not be read; a copy only where there is some. */
        float[] values() {
            return values.length == rows * width ? values : Arrays.copyOf(values, rows * width);
        }

        @Override
        public void unreadable(int index, String reason) {
            unreadable++;
        }
    }

    /** Training features gathered until they are worth a pass over the queries. */
    private static final class Bank implements FeatureStream.Receiver {
        private final Dataset data;
        private final NearestNeighbours nearest;
        private final int width;
        private final float[] block;
        private final int[] labels;
        private int rows;
        private int unreadable;

        Bank(Dataset data, NearestNeighbours nearest, int width) {
            this.data = data;
            this.nearest = nearest;
            this.width = width;
            this.labels = new int[Math.max(1, BLOCK_FLOATS / width)];
            this.block = new float[labels.length * width];
        }

        @Override
        public void accept(int index, float[] row) {
            System.arraycopy(row, 0, block, rows * width, width);
            labels[rows++] = data.label(index);
            if (rows == labels.length) {
                flush();
            }
        }

        void flush() {
            nearest.add(Arrays.copyOf(block, rows * width), Arrays.copyOf(labels, rows));
            rows = 0;
        }

        @Override
        public void unreadable(int index, String reason) {
            unreadable++;
        }
    }

    /**
     * Runs it. Images to classify that cannot be read count as wrong, training images are left out; both are counted.
     *
     * @param train labelled images to learn from
     * @param val labelled images to classify, of the same classes
     * @throws RunException if labels are missing or the classes differ
     */
    public ObjectNode run(Dataset train, Dataset val) throws IOException, InterruptedException {
        check(train, val);
        Rows queries = new Rows(val);
        features.forEach(val, 0, queries);
        if (queries.rows == 0) {
            throw new RunException("none of " + val.size() + " images to classify can be read");
        }
        int most = Math.min(neighbours.stream().max(Integer::compare).orElseThrow(), train.size());
        NearestNeighbours nearest = new NearestNeighbours(queries.values(), queries.width, most);
        queries.values = new float[0]; // the search has its own
        Bank bank = new Bank(train, nearest, queries.width);
        features.forEach(train, 0, bank);
        bank.flush();
        if (nearest.size() == 0) {
            throw new RunException("none of " + train.size() + " training images can be read");
        }
        ObjectNode json = JsonFiles.object()
                .put("images", val.size())
                .put("unreadable", queries.unreadable)
                .put("trainingImages", nearest.size())
                .put("unreadableTrainingImages", bank.unreadable)
                .put("width", queries.width)
                .put("temperature", temperature);
        ArrayNode each = json.putArray("knn");
        for (int k : neighbours) {
            int[] votes = nearest.vote(Math.min(k, most), temperature);
            long correct = 0;
            for (int i = 0; i < votes.length; i++) {
                correct += votes[i] == queries.labels[i] ? 1 : 0;
            }
            Interval interval = Interval.wilson(correct, val.size()).percent();
            each.addObject()
                    .put("k", k)
                    .put("percent", 100.0 * correct / val.size())
                    .put("low", interval.low())
                    .put("high", interval.high())
                    .put("correct", correct);
        }
        return json;
    }

    private static void check(Dataset train, Dataset val) throws RunException {
        if (train.classes().isEmpty() || val.classes().isEmpty()) {
            throw new RunException("expected labelled images, found none with labels among those to "
                    + (train.classes().isEmpty() ? "learn from" : "classify")
                    + "; sort them into class folders, or add a list of path and label");
        }
        int shared = Math.min(train.classes().size(), val.classes().size());
        if (!train.classes().subList(0, shared).equals(val.classes().subList(0, shared))) {
            throw new RunException("the training images have other classes than those to classify: "
                    + first(train.classes(), val.classes()) + "; name folders of the same classes");
        }
    }

    private static String first(List<String> one, List<String> other) {
        for (int i = 0; i < Math.min(one.size(), other.size()); i++) {
            if (!one.get(i).equals(other.get(i))) {
                return "class " + i + " is '" + one.get(i) + "' and '" + other.get(i) + "'";
            }
        }
        return one.size() + " and " + other.size() + " classes";
    }
}
