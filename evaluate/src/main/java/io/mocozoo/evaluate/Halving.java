package io.mocozoo.evaluate;

import io.mocozoo.image.RgbImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Runs batches; where memory does not suffice, half as many images at once, from then on. For one thread. */
final class Halving {
    private int batch;

    Halving(int batch) {
        this.batch = batch;
    }

    /** Images run at once at present. */
    int batch() {
        return batch;
    }

    List<ImageResult> run(List<RgbImage> crops, Pipeline.Session session) {
        List<ImageResult> results = new ArrayList<>(crops.size());
        for (int from = 0; from < crops.size(); ) {
            List<RgbImage> some = crops.subList(from, Math.min(crops.size(), from + batch));
            try {
                results.addAll(session.run(some));
                from += some.size();
            } catch (RuntimeException | OutOfMemoryError e) {
                if (some.size() == 1 || !isMemory(e)) {
                    throw e;
                }
                batch = some.size() / 2;
            }
        }
        return results;
    }

    /** The engine says so in words alone: its allocator's, or CUDA's. */
    private static boolean isMemory(Throwable e) {
        String message = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
        return e instanceof OutOfMemoryError
                || message.contains("out of memory")
                || message.contains("allocate memory");
    }
}
