package io.mocozoo.evaluate.serve;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The threads that handle requests, made when no other is idle and ended when idle for long. */
final class Handlers {
    private static final int IDLE_SECONDS = 10;

    private Handlers() {}

    /** A pool that makes threads before it queues, which the pools of {@code Executors} do the other way round. */
    static ExecutorService atMost(int threads) {
        return new ThreadPoolExecutor(
                0,
                threads,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new IdleFirst(),
                task -> {
                    Thread thread = new Thread(task, "http");
                    thread.setDaemon(true);
                    return thread;
                },
                (task, pool) -> {
                    if (!pool.isShutdown()) {
                        pool.getQueue().add(task);
                    }
                });
    }

    /** Offers to idle threads alone; what is added waits. */
    private static final class IdleFirst extends LinkedTransferQueue<Runnable> {
        private static final long serialVersionUID = 1L;

        @Override
        public boolean offer(Runnable task) {
            return tryTransfer(task);
        }
    }
}
