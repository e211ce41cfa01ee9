package io.mocozoo.bench;

import io.mocozoo.image.Interpolation;
import io.mocozoo.image.PillowResize;
import io.mocozoo.image.RgbImage;
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
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** A whole resize of the commonest ImageNet size; to be set against {@code Image.resize} of Pillow on one machine. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class ResizeBenchmark {
    /** Both kinds. */
    @Param
    public Interpolation interpolation = Interpolation.BILINEAR;

    private final RgbImage image = noise();

    private static RgbImage noise() {
        byte[] rgb = new byte[3 * 500 * 375];
        new SplittableRandom(1).nextBytes(rgb);
        return new RgbImage(500, 375, rgb);
    }

    /** 500 x 375 to 341 x 256. */
    @Benchmark
    public RgbImage whole() {
        return PillowResize.resize(image, 341, 256, interpolation);
    }
}
