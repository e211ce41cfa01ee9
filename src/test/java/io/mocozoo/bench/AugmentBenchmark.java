package io.mocozoo.bench;

import io.mocozoo.image.ImageDecoder;
import io.mocozoo.image.ImageLimits;
import io.mocozoo.image.Interpolation;
import io.mocozoo.image.RgbImage;
import io.mocozoo.train.augment.ColorJitter;
import io.mocozoo.train.augment.GaussianBlur;
import io.mocozoo.train.augment.MocoViews;
import io.mocozoo.train.augment.RandomResizedCrop;
import io.mocozoo.train.augment.View;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * From JPEGs of 500 x 375 in memory to both normalised views of a ViT's pre-training, on one thread; and the dearest
 * operations by themselves. The pictures are drawn, or those of the folder named by {@code -Dmocozoo.bench.jpegs}.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 4, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class AugmentBenchmark {
    private static final int SIDE = 224;
    private static final RandomResizedCrop CROP = new RandomResizedCrop(SIDE, 0.08, 1, Interpolation.BILINEAR);

    private final List<byte[]> jpegs = jpegs();
    private final List<View> views =
            MocoViews.of(CROP, List.of(123.675, 116.28, 103.53), List.of(58.395, 57.12, 57.375));
    private final FloatBuffer target = FloatBuffer.allocate(3 * SIDE * SIDE);
    private final SplittableRandom random = new SplittableRandom(1);
    private final RgbImage image = decode(jpegs.get(0));
    private final RgbImage crop = CROP.apply(image, random);
    private int next;

    /** Decode, both views, normalise: images per second. */
    @Benchmark
    public FloatBuffer twoViews() {
        RgbImage decoded = decode();
        for (View view : views) {
            view.apply(decoded, random, target.clear());
        }
        return target;
    }

    /** Decode alone. */
    @Benchmark
    public RgbImage decode() {
        next = (next + 1) % jpegs.size();
        return decode(jpegs.get(next));
    }

    /** Random resized crop alone. */
    @Benchmark
    public RgbImage crop() {
        return CROP.apply(image, random);
    }

    /** Hue alone. */
    @Benchmark
    public RgbImage hue() {
        return ColorJitter.hue(crop, 0.05);
    }

    /** Saturation alone. */
    @Benchmark
    public RgbImage saturation() {
        return ColorJitter.saturation(crop, 1.15);
    }

    /** Brightness alone. */
    @Benchmark
    public RgbImage brightness() {
        return ColorJitter.brightness(crop, 1.2);
    }

    /** Blur alone. */
    @Benchmark
    public RgbImage blur() {
        return GaussianBlur.apply(crop, 1.5);
    }

    private static RgbImage decode(byte[] encoded) {
        try {
            return ImageDecoder.decode(encoded, "benchmark", ImageLimits.DEFAULT);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<byte[]> jpegs() {
        String folder = System.getProperty("mocozoo.bench.jpegs", "");
        if (folder.isEmpty()) {
            return List.of(PreprocessBenchmark.jpeg());
        }
        List<byte[]> jpegs = new ArrayList<>();
        try (Stream<Path> files = Files.list(Path.of(folder))) {
            for (Path file : files.sorted().toList()) {
                jpegs.add(Files.readAllBytes(file));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return jpegs;
    }
}
