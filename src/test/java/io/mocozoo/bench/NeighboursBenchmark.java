package io.mocozoo.bench;

import io.mocozoo.neighbours.NearestNeighbours;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** A block of 2,048 features against 512 queries, and the bare products by the plainest loop that sums in the same order. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 1, jvmArgsAppend = "-Djava.util.concurrent.ForkJoinPool.common.parallelism=0")
public class NeighboursBenchmark {
    private static final int QUERIES = 512;
    private static final int ROWS = 2048;

    /** Numbers of a feature: those of ViT-S, ViT-B and ResNet-50. */
    @Param({"384", "768", "2048"})
    public int width = 384;

    private float[] queries = new float[0];
    private float[] bank = new float[0];

    /** Draws both. */
    @Setup
    public void draw() {
        queries = numbers(QUERIES * width, 1);
        bank = numbers(ROWS * width, 2);
    }

    private static float[] numbers(int count, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = (float) random.nextDouble(-1, 1);
        }
        return numbers;
    }

    /** The search, with 20 neighbours kept, as the training monitor has it. */
    @Benchmark
    public NearestNeighbours search() {
        NearestNeighbours search = new NearestNeighbours(queries, width, 20);
        search.add(bank, new int[ROWS]);
        return search;
    }

    /** One sum after the other. */
    @Benchmark
    public float plain() {
        float largest = 0;
        for (int query = 0; query < QUERIES; query++) {
            for (int row = 0; row < ROWS; row++) {
                float sum = 0;
                for (int d = 0; d < width; d++) {
                    sum += queries[query * width + d] * bank[row * width + d];
                }
                largest = Math.max(largest, sum);
            }
        }
        return largest;
    }
}
