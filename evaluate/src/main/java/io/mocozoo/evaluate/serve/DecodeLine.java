package io.mocozoo.evaluate.serve;

import io.mocozoo.image.ImageLimits;
import io.mocozoo.image.RgbImage;
import java.io.IOException;
import java.util.concurrent.Semaphore;

/** Lets a few pictures be decoded at once and some more wait; what does not fit is refused at once. */
final class DecodeLine {
    private final Semaphore places;
    private final Semaphore running;

    /** Makes a picture of bytes. */
    @FunctionalInterface
    interface Decoding {
        RgbImage decode() throws IOException;
    }

    /**
     * A line.
     *
     * @param atOnce pictures decoded at once, at least 1
     * @param waiting pictures that may wait
     */
    DecodeLine(int atOnce, int waiting) {
        this.places = new Semaphore(atOnce + waiting);
        this.running = new Semaphore(atOnce, true);
    }

    /** As many at once as there are cores, or fewer if the largest pictures would take more than a quarter of the heap. */
    static int atOnce(ImageLimits limits, int cores, long heapBytes) {
        long fit = heapBytes / 4 / 3 / limits.maxPixels();
        return (int) Math.max(1, Math.min(cores, fit));
    }

    /**
     * Decodes in the caller's thread, when it is its turn.
     *
     * @throws FullException if too many wait
     */
    RgbImage decode(Decoding decoding) throws IOException, InterruptedException {
        if (!places.tryAcquire()) {
            throw new FullException();
        }
        try {
            running.acquire();
            try {
                return decoding.decode();
            } finally {
                running.release();
            }
        } finally {
            places.release();
        }
    }
}
