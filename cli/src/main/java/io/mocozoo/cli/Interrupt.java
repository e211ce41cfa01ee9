package io.mocozoo.cli;

import java.io.PrintStream;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.jline.utils.Signals;

/**
 * Ctrl-C, and what asks a process to end: work that keeps what is done is asked to, and ends the process itself; all else
 * ends at once. No shutdown hook may wait for a session: ONNX Runtime has one of its own, which frees what sessions use.
 */
final class Interrupt implements BooleanSupplier, AutoCloseable {
    private static final Map<String, Integer> SIGNALS = Map.of("INT", 130, "TERM", 143); // 128 + the signal's number
    private static final AtomicReference<Interrupt> RUNNING = new AtomicReference<>();
    private static volatile int asked;

    private final CountDownLatch stop = new CountDownLatch(1);

    /** An interrupt of the work that begins; from now on it is asked. */
    Interrupt() {
        RUNNING.set(this);
    }

    /** Takes the process's signals over, where the platform has them. */
    static void install(PrintStream err) {
        SIGNALS.forEach((name, code) -> Signals.register(name, () -> signalled(code, err)));
    }

    private static void signalled(int code, PrintStream err) {
        Interrupt running = RUNNING.get();
        if (running != null && asked == 0) {
            asked = code;
            running.stop.countDown();
            return;
        }
        err.println();
        err.println("mocozoo: interrupted");
        Runtime.getRuntime().halt(code);
    }

    /** The process's exit code: the signal's if one asked it to end. */
    static int code(int own) {
        return asked == 0 ? own : asked;
    }

    /** Waits until the work is asked to end. */
    void await() throws InterruptedException {
        stop.await();
    }

    @Override
    public boolean getAsBoolean() {
        return stop.getCount() == 0;
    }

    @Override
    public void close() {
        RUNNING.compareAndSet(this, null);
    }
}
