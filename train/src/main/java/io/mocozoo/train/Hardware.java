package io.mocozoo.train;

import io.mocozoo.runtime.Device;
import java.util.List;

/**
 * What a training runs on.
 *
 * @param devices a replica each, over which every batch is spread evenly; the first holds the weights that are written
 *     down. A device may be named more than once: its replicas then share it, to no gain but that of a test
 * @param threads of one operator on the CPU; 0 leaves it to the engine, which takes one a core
 * @param workers threads that decode and augment
 */
public record Hardware(List<Device> devices, int threads, int workers) {
    public Hardware {
        devices = List.copyOf(devices);
        if (devices.isEmpty() || threads < 0 || workers < 1) {
            throw new IllegalArgumentException("expected at least one device, no negative threads and at least one"
                    + " worker, found " + devices + ", " + threads + " and " + workers);
        }
    }

    /** One replica on the CPU. */
    public static Hardware cpu(int workers) {
        return new Hardware(List.of(Device.CPU), 0, workers);
    }
}
