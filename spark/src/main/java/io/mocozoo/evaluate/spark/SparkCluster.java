package io.mocozoo.evaluate.spark;

import io.mocozoo.data.Dataset;
import io.mocozoo.evaluate.Cluster;
import io.mocozoo.evaluate.file.RunException;
import io.mocozoo.onnx.OnnxHeader;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.broadcast.Broadcast;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Blocks of images as jobs of one task each, some more of them begun than there are cores, taken in their order: the
 * driver's memory stays constant, and a task that fails or loses its executor repeats its own block and no other.
 */
final class SparkCluster implements Cluster {
    private static final int BLOCK_IMAGES = 128;
    private static final int MOST_REASON = 300;
    private static final int PATIENCE_SECONDS = 30;
    /** What it means that Spark ends by itself. */
    static final String GONE =
            " (the master is not there, or its workers could not start a process for us: their logs" + " say why)";

    private static final Logger LOG = LoggerFactory.getLogger(SparkCluster.class);

    private final JavaSparkContext spark;
    private final String master;
    private final Images images;
    private final Dataset data;
    private final String run = UUID.randomUUID().toString();
    private int blocks;
    private int parallel = 1;

    SparkCluster(JavaSparkContext spark, String master, Images images, Dataset data) {
        this.spark = spark;
        this.master = master;
        this.images = images;
        this.data = data;
    }

    /** Images of one task. */
    private record Range(int from, int to) implements Serializable {}

    /** A task that has been begun. */
    private record Begun(Range range, JavaFutureAction<List<byte[]>> block) {}

    /** What a task does, wherever it runs. */
    private record Evaluate(Broadcast<Assignment> assignment) implements Function<Range, byte[]> {
        @Override
        public byte[] call(Range range) throws Exception {
            return Desk.of(assignment.value()).block(range.from, range.to);
        }
    }

    @Override
    public Dataset data() {
        return data;
    }

    @Override
    public void run(Job job, int from, BooleanSupplier stop, Receiver receiver)
            throws IOException, InterruptedException {
        send(job.graphs());
        Evaluate evaluate = new Evaluate(spark.broadcast(Assignment.of(run, job, images)));
        Deque<Begun> begun = new ArrayDeque<>();
        int next = from;
        try {
            while (true) {
                while (next < data.size() && !stop.getAsBoolean() && begun.size() < ahead()) {
                    Range range = new Range(next, Math.min(data.size(), next + BLOCK_IMAGES));
                    begun.add(new Begun(
                            range,
                            spark.parallelize(List.of(range), 1).map(evaluate).collectAsync()));
                    next = range.to;
                }
                if (begun.isEmpty()) {
                    return;
                }
                Begun first = begun.remove();
                receiver.accept(first.range.from, block(first));
                blocks++;
            }
        } catch (IOException | RuntimeException e) {
            if (stop.getAsBoolean()) { // the signal that asks us to end ends Spark too
                return;
            }
            if (!(e instanceof RunException) && spark.sc().isStopped()) { // whatever it stumbles over then
                throw new RunException("Spark ended" + GONE + "; what was done before is kept, --resume goes on", e);
            }
            throw e;
        } finally {
            begun.forEach(b -> b.block.cancel(true));
            Desk.close(run); // of a local master, whose executor is this JVM
        }
    }

    /** Jobs begun at once, for the cores that are there at present. */
    private int ahead() {
        parallel = Math.max(1, spark.defaultParallelism());
        return 2 * parallel;
    }

    /** Every ONNX file, and the files of weights beside it, by their names. */
    private void send(List<Path> graphs) throws IOException {
        Set<Path> files = new TreeSet<>(graphs);
        for (Path graph : graphs) {
            OnnxHeader.read(graph).externalFiles().forEach(name -> files.add(graph.resolveSibling(name)));
        }
        files.forEach(file -> spark.addFile(file.toUri().toString()));
    }

    private byte[] block(Begun begun) throws IOException, InterruptedException {
        while (true) {
            try {
                return begun.block.get(PATIENCE_SECONDS, TimeUnit.SECONDS).get(0);
            } catch (TimeoutException e) {
                if (!master.startsWith("local") && spark.statusTracker().getExecutorInfos().length < 2) { // itself
                    LOG.warn(
                            "{} has given us no machine yet: its workers are busy, or have less memory than"
                                    + " spark.executor.memory (1g)",
                            master);
                }
            } catch (ExecutionException e) {
                throw new RunException(
                        "Spark gave up on images " + begun.range.from + " to " + (begun.range.to - 1) + ": "
                                + reason(e) + (spark.sc().isStopped() ? GONE : "")
                                + "; what was done before is kept, --resume goes on",
                        e);
            }
        }
    }

    /** Spark's messages carry the stack traces of other machines. */
    static String reason(Throwable e) {
        Throwable cause = e;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        String first = String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
        String text = first.isEmpty() ? cause.toString() : first;
        return text.substring(0, Math.min(MOST_REASON, text.length()));
    }

    @Override
    public String describe() {
        return "on Spark at " + master + ": " + blocks + " blocks of up to " + BLOCK_IMAGES + " images, " + parallel
                + " at once";
    }

    @Override
    public void close() {
        spark.stop();
    }
}
