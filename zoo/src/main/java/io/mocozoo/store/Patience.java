package io.mocozoo.store;

import java.time.Duration;

/**
 * How long a download goes on trying.
 *
 * @param tries failures in a row, without a good piece of the file between them, before it gives up
 * @param firstDelay the wait after the first failure; it doubles with each
 * @param longestDelay bound on any wait, one a server asks for included
 * @param connect bound on reaching a server
 * @param idle bound on the wait for an answer, and for each next byte; the whole may take as long as it takes
 */
record Patience(int tries, Duration firstDelay, Duration longestDelay, Duration connect, Duration idle) {
    static final Patience DEFAULT = new Patience(
            5, Duration.ofSeconds(1), Duration.ofMinutes(1), Duration.ofSeconds(20), Duration.ofSeconds(60));

    Duration delay(int failures) {
        Duration doubled = firstDelay.multipliedBy(1L << Math.min(failures - 1, 20));
        return bounded(doubled);
    }

    Duration bounded(Duration wanted) {
        return wanted.compareTo(longestDelay) > 0 ? longestDelay : wanted;
    }
}
