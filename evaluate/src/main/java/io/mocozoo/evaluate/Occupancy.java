package io.mocozoo.evaluate;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mocozoo.evaluate.file.JsonFiles;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;

/** How busy each stage of a run was. Safe for many threads. */
final class Occupancy {
    /** Above this share of its time a stage that works alone has no room left. */
    private static final double BUSY = 0.85;

    /** Above this share of their time many workers together are what others wait for. */
    private static final double WORKING = 0.6;

    private final int workers;
    private final int sessions;
    private final AtomicLong read = new AtomicLong();
    private final AtomicLong decode = new AtomicLong();
    private final AtomicLong infer = new AtomicLong();
    private final AtomicLong waiting = new AtomicLong();
    private final AtomicLong account = new AtomicLong();
    private final long start = System.nanoTime();
    private long wall;

    Occupancy(int workers, int sessions) {
        this.workers = workers;
        this.sessions = sessions;
    }

    void read(long nanos) {
        read.addAndGet(nanos);
    }

    void decoded(long nanos) {
        decode.addAndGet(nanos);
    }

    void inferred(long nanos) {
        infer.addAndGet(nanos);
    }

    /** The session waited for images. */
    void waited(long nanos) {
        waiting.addAndGet(nanos);
    }

    void accounted(long nanos) {
        account.addAndGet(nanos);
    }

    /** The run is over. */
    void stop() {
        wall = Math.max(1, System.nanoTime() - start);
    }

    double seconds() {
        return wall / 1e9;
    }

    private double share(AtomicLong nanos) {
        return nanos.get() / (double) wall;
    }

    /** One line on what bounds the run and what would help. */
    String advice() {
        double busyWorkers = share(read) + share(decode);
        double inference = share(infer) / sessions;
        if (inference >= BUSY) {
            return String.format(
                    Locale.ROOT,
                    "bound by inference: the session was busy %.0f %% of the time; a faster device, or more --threads"
                            + " where cores are idle, would help",
                    100 * inference);
        }
        if (share(account) >= BUSY) {
            return String.format(
                    Locale.ROOT,
                    "bound by writing results: %.0f %% of the time; a faster disk for --out would help",
                    100 * share(account));
        }
        if (share(waiting) > 1 - BUSY && busyWorkers > WORKING * workers) {
            boolean reading = share(read) > share(decode);
            return String.format(
                    Locale.ROOT,
                    "bound by %s: %.1f of %d workers busy; %s would help",
                    reading ? "reading" : "decode",
                    busyWorkers,
                    workers,
                    reading
                            ? "a faster disk, or more --workers for one that is far away,"
                            : workers < Runtime.getRuntime().availableProcessors()
                                    ? "more --workers, up to one a core,"
                                    : "more cores, or pictures stored nearer to the size the model is fed,");
        }
        return String.format(
                Locale.ROOT,
                "bound by nothing in particular: %.1f of %d workers and %.0f %% of the session busy",
                busyWorkers,
                workers,
                100 * inference);
    }

    ObjectNode json() {
        ObjectNode json = JsonFiles.object();
        json.put("workers", workers)
                .put("read", share(read) / workers)
                .put("decode", share(decode) / workers)
                .put("inference", share(infer) / sessions)
                .put("inferenceWaits", share(waiting))
                .put("account", share(account));
        return json;
    }
}
