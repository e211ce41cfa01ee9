package io.mocozoo.evaluate.metric;

import java.util.Set;

/**
 * The share of queries that find at least one relevant item among the first k, in percent: {@code retrieval/Recall@k}.
 * As the reference's RetrievalRecall.
 */
public final class RetrievalRecall {
    private final int k;
    private long queries;
    private long found;

    /** A count that begins. */
    public RetrievalRecall(int k) {
        if (k < 1) {
            throw new IllegalArgumentException("k must be at least 1, found " + k);
        }
        this.k = k;
    }

    /** What a query found, best first, at least k items or all there are, and what it should have found. */
    public void add(int[] ranked, Set<Integer> relevant) {
        queries++;
        for (int i = 0; i < Math.min(k, ranked.length); i++) {
            if (relevant.contains(ranked[i])) {
                found++;
                return;
            }
        }
    }

    /** In percent; 0 without a query. */
    public double result() {
        return queries == 0 ? 0 : found * 100.0 / queries;
    }
}
