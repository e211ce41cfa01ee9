package io.mocozoo.evaluate.spark;

import java.io.IOException;
import java.net.URI;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/** The local disk as {@code flaky:///}, where one image brings its task down as often as a test wants. */
public final class FlakyFileSystem extends RawLocalFileSystem {
    /** How often a task fails yet. */
    static final AtomicInteger FAILURES = new AtomicInteger();

    private static final URI ADDRESS = URI.create("flaky:///");

    /** For Hadoop. */
    public FlakyFileSystem() {}

    @Override
    public URI getUri() {
        return ADDRESS;
    }

    @Override
    public FSDataInputStream open(Path file, int bufferBytes) throws IOException {
        if (file.getName().contains("000200") && FAILURES.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
            throw new IllegalStateException("this machine has gone mad");
        }
        return super.open(file, bufferBytes);
    }
}
