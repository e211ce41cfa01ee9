package io.mocozoo.evaluate.serve;

import io.mocozoo.image.RgbImage;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/**
 * Gathers requests that come at about the same time into one run of the session. The queue is bounded: what does not fit is
 * refused at once. Owns a thread; closed by whoever opened it.
 *
 * @param <T> what the session makes of a crop
 */
final class Batcher<T> implements AutoCloseable {
    private final Function<List<RgbImage>, List<T>> session;
    private final int mostAtOnce;
    private final long mostNanos;
    private final BlockingQueue<Request<T>> queue;
    private final AtomicLong batches = new AtomicLong();
    private final AtomicLong images = new AtomicLong();
    private final Thread thread;
    private volatile boolean closed;

    private record Request<T>(RgbImage crop, CompletableFuture<T> answer) {}

    /**
     * A batcher.
     *
     * @param session runs crops; a result for each
     * @param mostAtOnce crops of one run, at least 1
     * @param mostMillis a crop waits for others
     * @param queue crops that may wait
     */
    Batcher(Function<List<RgbImage>, List<T>> session, int mostAtOnce, int mostMillis, int queue) {
        this.session = session;
        this.mostAtOnce = mostAtOnce;
        this.mostNanos = TimeUnit.MILLISECONDS.toNanos(mostMillis);
        this.queue = new ArrayBlockingQueue<>(queue);
        this.thread = new Thread(this::work, "batcher");
        thread.setDaemon(true);
        thread.start();
    }

    /** What becomes of a crop, later; already failed with {@link FullException} if too many wait. */
    CompletableFuture<T> submit(RgbImage crop) {
        Request<T> request = new Request<>(crop, new CompletableFuture<>());
        if (closed || !queue.offer(request)) {
            request.answer.completeExceptionally(new FullException());
        }
        return request.answer;
    }

    int waiting() {
        return queue.size();
    }

    long batches() {
        return batches.get();
    }

    long images() {
        return images.get();
    }

    private void work() {
        try {
            while (!closed || !queue.isEmpty()) {
                Request<T> first = queue.poll(50, TimeUnit.MILLISECONDS);
                if (first != null) {
                    run(gather(first));
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private List<Request<T>> gather(Request<T> first) throws InterruptedException {
        List<Request<T>> some = new ArrayList<>(List.of(first));
        long until = System.nanoTime() + mostNanos;
        while (some.size() < mostAtOnce) {
            Request<T> next = queue.poll(Math.max(0, until - System.nanoTime()), TimeUnit.NANOSECONDS);
            if (next == null) {
                break;
            }
            some.add(next);
        }
        return some;
    }

    private void run(List<Request<T>> some) {
        try {
            List<T> rows = session.apply(some.stream().map(Request::crop).toList());
            for (int i = 0; i < some.size(); i++) {
                some.get(i).answer.complete(rows.get(i));
            }
        } catch (RuntimeException | Error e) {
            some.forEach(request -> request.answer.completeExceptionally(e));
        }
        batches.incrementAndGet();
        images.addAndGet(some.size());
    }

    /** Answers what waits, takes nothing more. */
    @Override
    public void close() {
        closed = true;
        try {
            thread.join(TimeUnit.SECONDS.toMillis(30));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
