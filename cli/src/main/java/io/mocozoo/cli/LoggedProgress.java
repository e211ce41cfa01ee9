package io.mocozoo.cli;

import io.mocozoo.store.Progress;
import java.io.PrintStream;
import java.util.Locale;

/** Progress for a log: one line every half minute. For one thread. */
final class LoggedProgress implements Progress.Work {
    private static final double SECONDS = 30;

    private final PrintStream err;
    private final String what;
    private final long total;
    private final long start = System.nanoTime();
    private long first = -1;
    private double shown;

    LoggedProgress(PrintStream err, String what, long total) {
        this.err = err;
        this.what = what;
        this.total = total;
    }

    @Override
    public void at(long done) {
        if (first < 0) {
            first = done; // of an earlier run, which says nothing of the speed of this one
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        if (seconds - shown < SECONDS || done == first) {
            return;
        }
        shown = seconds;
        double speed = (done - first) / seconds;
        long left = Math.round((total - done) / speed);
        err.printf(
                Locale.ROOT,
                "mocozoo %s: %,d of %,d images, %.1f images/s, %d:%02d:%02d left%n",
                what,
                done,
                total,
                speed,
                left / 3600,
                left / 60 % 60,
                left % 60);
    }

    @Override
    public void close() {
        // the result says the rest
    }
}
