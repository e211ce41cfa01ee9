package io.mocozoo.evaluate;

import io.mocozoo.store.Progress;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Gathers results into blocks of a size that is worth a write. For one thread; closing writes what is left. */
final class BlockWriter implements AutoCloseable {
    private static final int IMAGES = 256;
    private static final long MOST_NANOS = 5_000_000_000L; // a kill loses no more than these of a slow model's work

    private final BlockFile blocks;
    private final Progress.Work shown;
    private final List<ImageResult> waiting = new ArrayList<>();
    private long since = System.nanoTime();

    BlockWriter(BlockFile blocks, Progress.Work shown) {
        this.blocks = blocks;
        this.shown = shown;
    }

    void accept(List<ImageResult> results) throws IOException {
        waiting.addAll(results);
        if (waiting.size() >= IMAGES || System.nanoTime() - since > MOST_NANOS) {
            flush();
        }
        shown.at(blocks.images() + waiting.size());
    }

    private void flush() throws IOException {
        blocks.append(waiting);
        waiting.clear();
        since = System.nanoTime();
    }

    @Override
    public void close() throws IOException {
        flush();
    }
}
