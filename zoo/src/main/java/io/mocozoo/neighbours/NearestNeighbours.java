package io.mocozoo.neighbours;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The nearest of a bank of labelled features to each query, by cosine similarity, and the weighted vote of their labels.
 * Exact: every query meets every feature. The bank is handed over in blocks and not kept, so that only the queries and
 * their nearest so far are in memory: {@code count * (width + 3 * most)} numbers of four bytes, a tile of 4 MiB, and a
 * normalised copy of the block.
 *
 * <p>Results do not depend on how the bank is cut into blocks, nor on the number of threads: a similarity is summed in the
 * order of the dimensions, and among equal ones the feature that was added first is nearer. One thread adds at a time; the
 * work of a block is shared out over the common pool.
 *
 * @see <a href="https://arxiv.org/abs/1805.01978">Wu et al. 2018, section 3.4: the weighted vote</a>
 */
public final class NearestNeighbours {
    /** Queries that meet a tile together: its parts are then read from a core's cache and not from memory. */
    private static final int GROUP = 16;

    private final float[] queries;
    private final int width;
    private final int count;
    private final int most;
    private final float[] similarities;
    private final int[] indices;
    private final int[] labels;
    private final Tile tile;
    private int added;

    /**
     * A search for some queries; the bank is still empty.
     *
     * @param queries features, row by row; copied
     * @param width numbers of a feature
     * @param most neighbours kept of each query, the largest k of a vote
     * @throws IllegalArgumentException if the queries are no whole rows, or hold numbers that are not finite
     */
    public NearestNeighbours(float[] queries, int width, int most) {
        if (width < 1 || most < 1) {
            throw new IllegalArgumentException(
                    "expected a width and a number of neighbours of at least 1, found " + width + " and " + most);
        }
        this.queries = normalised(queries, width, 0);
        this.width = width;
        this.count = queries.length / width;
        this.most = most;
        this.similarities = new float[Math.multiplyExact(count, most)];
        this.indices = new int[count * most];
        this.labels = new int[count * most];
        this.tile = new Tile(width);
        Arrays.fill(similarities, Float.NEGATIVE_INFINITY);
    }

    /**
     * A neighbour of a query.
     *
     * @param index of the feature in the bank, from 0 in the order of adding
     * @param label as it was added
     * @param similarity cosine, in -1..1
     */
    public record Neighbour(int index, int label, float similarity) {}

    /**
     * Adds features to the bank.
     *
     * @param features row by row, of the queries' width
     * @param classes the label of each row, from 0; negative for none, and then there is no vote
     * @throws IllegalArgumentException if rows and labels do not fit together, or numbers are not finite
     */
    public void add(float[] features, int... classes) {
        if (features.length != (long) classes.length * width) {
            throw new IllegalArgumentException("expected " + classes.length + " features of " + width
                    + " numbers, one a label, found " + features.length + " numbers");
        }
        float[] bank = normalised(features, width, added);
        for (int from = 0; from < classes.length; from += tile.capacity()) {
            int size = Math.min(tile.capacity(), classes.length - from);
            tile.fill(bank, from, size);
            int first = from;
            IntStream.range(0, (count + GROUP - 1) / GROUP)
                    .parallel()
                    .forEach(group -> meet(group, first, size, classes));
        }
        added = Math.addExact(added, classes.length);
    }

    /** Features in the bank. */
    public int size() {
        return added;
    }

    /** A query's neighbours, the nearest first; fewer than asked for where the bank holds fewer. */
    public List<Neighbour> of(int query) {
        List<Neighbour> neighbours = new ArrayList<>();
        for (int i = query * most; i < query * most + Math.min(most, added); i++) {
            neighbours.add(new Neighbour(indices[i], labels[i], similarities[i]));
        }
        return neighbours;
    }

    /**
     * The class that the nearest vote for, each with {@code exp(similarity / temperature)}; the lower one on a tie.
     *
     * @param k neighbours that vote, at most as many as are kept
     * @param temperature 0.07 as a rule; less listens to the nearest alone
     * @return a class a query
     */
    public int[] vote(int k, double temperature) {
        if (k < 1 || k > most || !(temperature > 0)) {
            throw new IllegalArgumentException(
                    "expected k in 1.." + most + " and a positive temperature, found " + k + " and " + temperature);
        }
        if (added == 0) {
            throw new IllegalStateException("the bank is empty");
        }
        return IntStream.range(0, count)
                .map(query -> vote(query, k, temperature))
                .toArray();
    }

    private int vote(int query, int k, double temperature) {
        int from = query * most;
        int to = from + Math.min(k, added);
        for (int i = from; i < to; i++) {
            if (labels[i] < 0) {
                throw new IllegalStateException("feature " + indices[i] + " has no label to vote with");
            }
        }
        double[] votes = new double[Arrays.stream(labels, from, to).max().orElseThrow() + 1];
        for (int i = from; i < to; i++) {
            votes[labels[i]] += Math.exp((similarities[i] - similarities[from]) / temperature);
        }
        int best = 0;
        for (int label = 1; label < votes.length; label++) {
            if (votes[label] > votes[best]) {
                best = label;
            }
        }
        return best;
    }

    private void meet(int group, int first, int size, int... classes) {
        int from = group * GROUP;
        float[][] sums = new float[Math.min(GROUP, count - from)][size];
        tile.multiply(queries, from, sums);
        for (int i = 0; i < sums.length; i++) {
            int last = (from + i + 1) * most - 1;
            float[] similar = sums[i];
            for (int j = 0; j < size; j++) {
                if (similar[j] > similarities[last]) {
                    insert(last - most + 1, last, similar[j], added + first + j, classes[first + j]);
                }
            }
        }
    }

    private void insert(int from, int last, float similarity, int index, int label) {
        int at = last;
        while (at > from && similarity > similarities[at - 1]) {
            similarities[at] = similarities[at - 1];
            indices[at] = indices[at - 1];
            labels[at] = labels[at - 1];
            at--;
        }
        similarities[at] = similarity;
        indices[at] = index;
        labels[at] = label;
    }

    /** Rows of length one; a row of zeros stays as it is and is near to nothing. */
    private static float[] normalised(float[] rows, int width, int firstIndex) {
        if (rows.length % width != 0) {
            throw new IllegalArgumentException(
                    "expected whole features of " + width + " numbers, found " + rows.length + " numbers");
        }
        float[] result = new float[rows.length];
        for (int from = 0; from < rows.length; from += width) {
            double squares = 0;
            for (int i = from; i < from + width; i++) {
                squares += (double) rows[i] * rows[i];
            }
            if (!Double.isFinite(squares)) {
                throw new IllegalArgumentException(
                        "feature " + (firstIndex + from / width) + " holds numbers that are not finite");
            }
            double length = Math.max(Math.sqrt(squares), 1e-12);
            for (int i = from; i < from + width; i++) {
                result[i] = (float) (rows[i] / length);
            }
        }
        return result;
    }
}
