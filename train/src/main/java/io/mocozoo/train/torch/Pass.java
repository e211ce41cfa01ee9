package io.mocozoo.train.torch;

/** What a forward pass is for: it decides over gradients and over the statistics of batch norms. */
public enum Pass {
    /** Gradients flow; the batch's statistics are used, and move the running ones. */
    LEARN(true, true, true),
    /** As {@link #LEARN}, but what it gives is a number without a past: no graph is kept. */
    VALUES(false, true, true),
    /** A second {@link #LEARN} over images whose statistics have been counted already. */
    AGAIN(true, true, false),
    /** Gradients flow; running statistics are used as they are. */
    FROZEN(true, false, false),
    /** No gradients; running statistics are used as they are. */
    EVALUATE(false, false, false);

    private final boolean gradients;
    private final boolean batchStatistics;
    private final boolean movesStatistics;

    Pass(boolean gradients, boolean batchStatistics, boolean movesStatistics) {
        this.gradients = gradients;
        this.batchStatistics = batchStatistics;
        this.movesStatistics = movesStatistics;
    }

    boolean gradients() {
        return gradients;
    }

    boolean batchStatistics() {
        return batchStatistics;
    }

    boolean movesStatistics() {
        return movesStatistics;
    }
}
