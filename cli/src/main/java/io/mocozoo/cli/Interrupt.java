package io.mocozoo.cli;

import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;

/** Ctrl-C: asks the run to end, and lets the process wait until it has. */
final class Interrupt implements BooleanSupplier, AutoCloseable {
    private final Thread hook = new Thread(this::stop, "interrupt");
    private final CountDownLatch over = new CountDownLatch(1);
    private volatile boolean stopped;

    Interrupt() {
        Runtime.getRuntime().addShutdownHook(hook);
    }

    private void stop() {
        stopped = true;
        try {
            over.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public boolean getAsBoolean() {
        return stopped;
    }

    @Override
    public void close() {
        over.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // the process is ending already
        }
    }
}
