package io.mocozoo.evaluate;

import io.mocozoo.data.Dataset;
import io.mocozoo.image.ImageDecoder;
import io.mocozoo.image.ImageFormatException;
import io.mocozoo.image.ImageLimits;
import io.mocozoo.image.Preprocessor;
import io.mocozoo.image.RgbImage;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * From a data set to results in its order: workers read, decode and crop ahead of the sessions within a bound; each session
 * runs a batch when it is free; a thread of its own takes the results. Memory depends on batch, workers and sessions, not
 * on the data set; results on none of the four.
 */
final class Pipeline {
    /** Images decoded ahead even of small batches, so that threads do not wait for each other at every image. */
    private static final int LEAST_AHEAD = 32;

    private final Dataset data;
    private final Preprocessor preprocessor;
    private final ImageLimits limits;
    private final int workers;
    private final int batch;
    private final BooleanSupplier stop;
    private final Occupancy occupancy;

    Pipeline(
            Dataset data,
            Preprocessor preprocessor,
            ImageLimits limits,
            int workers,
            int batch,
            BooleanSupplier stop,
            Occupancy occupancy) {
        this.data = data;
        this.preprocessor = preprocessor;
        this.limits = limits;
        this.workers = workers;
        this.batch = batch;
        this.stop = stop;
        this.occupancy = occupancy;
    }

    /** Runs crops. */
    @FunctionalInterface
    interface Session {
        /** A result for each crop, in their order. */
        List<ImageResult> run(List<RgbImage> crops);
    }

    /** Takes results in the order of the data set. */
    @FunctionalInterface
    interface Sink {
        void accept(List<ImageResult> results) throws IOException;
    }

    /** A crop, or why there is none. */
    private record Decoded(@Nullable RgbImage crop, String failure) {}

    /** The results of a batch to come; null marks the end. */
    private record Batch(@Nullable Future<List<ImageResult>> results) {}

    /**
     * Runs a range of images, or until told to stop; what was begun is then finished.
     *
     * @param sessions each runs one batch at a time; a batch goes to whichever is free
     */
    void run(int from, int to, List<Session> sessions, Sink sink) throws IOException, InterruptedException {
        ExecutorService pool = daemons(workers, "decode");
        ExecutorService devices = daemons(sessions.size(), "infer");
        BlockingQueue<Batch> results = new ArrayBlockingQueue<>(Math.max(2, LEAST_AHEAD / batch) + sessions.size());
        AtomicReference<@Nullable Throwable> failed = new AtomicReference<>();
        Thread account = new Thread(() -> account(results, sink, failed), "account");
        account.setDaemon(true);
        account.start();
        try {
            feed(
                    from,
                    to,
                    new Lanes(devices, new ArrayBlockingQueue<>(sessions.size(), false, sessions)),
                    pool,
                    results,
                    failed);
        } finally { // what was inferred before a failure is kept
            pool.shutdownNow();
            devices.shutdown();
            results.put(new Batch(null));
            account.join();
            devices.awaitTermination(
                    Long.MAX_VALUE, TimeUnit.NANOSECONDS); // whoever owns the sessions closes them next
        }
        rethrow(failed.get());
    }

    /** Sessions that wait for a batch, and a thread for each of them all. */
    private record Lanes(ExecutorService threads, BlockingQueue<Session> idle) {}

    private static ExecutorService daemons(int threads, String name) {
        return Executors.newFixedThreadPool(threads, task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        });
    }

    private void feed(
            int from,
            int to,
            Lanes lanes,
            ExecutorService pool,
            BlockingQueue<Batch> results,
            AtomicReference<@Nullable Throwable> failed)
            throws IOException, InterruptedException {
        Deque<Future<Decoded>> ahead = new ArrayDeque<>();
        int window = Math.max(2 * batch, LEAST_AHEAD) + workers;
        int next = from;
        while (failed.get() == null) {
            while (next < to && ahead.size() < window && !stop.getAsBoolean()) {
                int index = next++;
                ahead.add(pool.submit(() -> decode(index)));
            }
            if (ahead.isEmpty()) {
                return;
            }
            Session session = lanes.idle.take();
            List<Decoded> some = new ArrayList<>(batch);
            long start = System.nanoTime();
            while (some.size() < batch && !ahead.isEmpty()) {
                some.add(get(ahead.remove()));
                if (next < to && !stop.getAsBoolean()) {
                    int index = next++;
                    ahead.add(pool.submit(() -> decode(index)));
                }
            }
            occupancy.waited(System.nanoTime() - start);
            Batch begun = new Batch(lanes.threads.submit(() -> {
                long begin = System.nanoTime();
                try {
                    return infer(some, session);
                } finally {
                    occupancy.inferred(System.nanoTime() - begin);
                    lanes.idle.add(session);
                }
            }));
            while (failed.get() == null && !results.offer(begun, 100, TimeUnit.MILLISECONDS)) {
                // the taker is behind, or has failed
            }
        }
    }

    private static <T> T get(Future<T> future) throws IOException, InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            rethrow(e.getCause());
            throw new IllegalStateException(e);
        }
    }

    private static void rethrow(@Nullable Throwable cause) throws IOException {
        if (cause instanceof IOException e) {
            throw e;
        }
        if (cause instanceof RuntimeException e) {
            throw e;
        }
        if (cause instanceof Error e) {
            throw e;
        }
    }

    private static List<ImageResult> infer(List<Decoded> some, Session session) {
        List<RgbImage> crops = new ArrayList<>(some.size());
        for (Decoded decoded : some) {
            if (decoded.crop != null) {
                crops.add(decoded.crop);
            }
        }
        List<ImageResult> ran = crops.isEmpty() ? List.of() : session.run(crops);
        List<ImageResult> results = new ArrayList<>(some.size());
        int at = 0;
        for (Decoded decoded : some) {
            results.add(decoded.crop == null ? ImageResult.unreadable(decoded.failure) : ran.get(at++));
        }
        return results;
    }

    private void account(BlockingQueue<Batch> results, Sink sink, AtomicReference<@Nullable Throwable> failed) {
        try {
            for (Future<List<ImageResult>> batch; (batch = results.take().results) != null; ) {
                List<ImageResult> done = get(batch);
                long start = System.nanoTime();
                sink.accept(done);
                occupancy.accounted(System.nanoTime() - start);
            }
        } catch (IOException | RuntimeException | Error e) {
            failed.set(e);
            results.clear();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Decoded decode(int index) {
        String name = data.name(index);
        try {
            long start = System.nanoTime();
            long bytes = data.bytes(index);
            if (bytes > limits.maxBytes()) {
                return new Decoded(
                        null, "expected a file of at most " + limits.maxBytes() + " bytes, found " + bytes + " bytes");
            }
            byte[] encoded = data.read(index);
            long read = System.nanoTime();
            occupancy.read(read - start);
            RgbImage crop = preprocessor.crop(ImageDecoder.decode(encoded, name, limits));
            occupancy.decoded(System.nanoTime() - read);
            return new Decoded(crop, "");
        } catch (IOException | IllegalArgumentException e) {
            return new Decoded(null, reason(name, e));
        }
    }

    /** Without the image's name, which stands beside it, and without the folder, which may be moved. */
    private static String reason(String name, Exception e) {
        if (e instanceof NoSuchFileException) {
            return "there is no such file";
        }
        if (e instanceof AccessDeniedException) {
            return "no permission to read it";
        }
        String message = String.valueOf(e.getMessage());
        if (e instanceof ImageFormatException || message.startsWith(name + ": ")) {
            return message.startsWith(name + ": ") ? message.substring(name.length() + 2) : message;
        }
        return e instanceof IllegalArgumentException ? message : e.getClass().getSimpleName() + ": " + message;
    }
}
