package io.mocozoo.cli;

import io.mocozoo.registry.ModelCard;
import io.mocozoo.runtime.Device;
import io.mocozoo.runtime.Engine;
import java.io.IOException;
import java.util.List;

/**
 * How many images are run at once where nobody says. A GPU is given many; a CPU as many as fill its threads with work, since
 * what the layers of a large model hand on from more of them leaves the caches.
 */
final class BatchSize {
    /** The most; small models and GPUs. */
    private static final int MOST = 32;

    private static final int LEAST = 4;
    private static final long WORK = 10_000_000_000L; // multiply-adds of a run, for each thread

    private BatchSize() {}

    /**
     * Images for a run.
     *
     * @param threads of one operator; 0 for one a core
     */
    static int of(ModelCard card, List<Device> devices, int threads) throws IOException {
        for (Device device : devices) {
            if (Engine.choose(device).kind() != Device.Kind.CPU) {
                return MOST;
            }
        }
        return onCpu(
                card.flops().orElse(0),
                threads > 0 ? threads : Runtime.getRuntime().availableProcessors());
    }

    /**
     * Images for a run on a CPU.
     *
     * @param flops multiply-adds of one image
     * @param threads at least 1
     */
    static int onCpu(long flops, int threads) {
        return (int) Math.max(LEAST, Math.min(MOST, WORK * threads / Math.max(flops, 1)));
    }
}
