package io.mocozoo.bench;

import io.mocozoo.image.ImageDecoder;
import io.mocozoo.image.ImageLimits;
import io.mocozoo.image.Interpolation;
import io.mocozoo.image.Preprocessing;
import io.mocozoo.image.Preprocessor;
import io.mocozoo.image.RgbImage;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
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

/** From a 500 x 375 JPEG in memory to its place in a batch, on one thread. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class PreprocessBenchmark {
    /** Linear probes and fine-tuned models. */
    @Param
    public Interpolation interpolation = Interpolation.BILINEAR;

    private final byte[] jpeg = jpeg();
    private final RgbImage image = decode(jpeg);
    private final ByteBuffer target = ByteBuffer.allocateDirect(3 * 224 * 224);
    private Preprocessor preprocessor = preprocessor(interpolation);

    /** Reads the parameter. */
    @Setup
    public void setUp() {
        preprocessor = preprocessor(interpolation);
    }

    /** Decode, resize, crop, pack. */
    @Benchmark
    public ByteBuffer decodeAndPack() {
        preprocessor.pack(decode(jpeg), target.clear());
        return target;
    }

    /** Decode alone. */
    @Benchmark
    public RgbImage decodeOnly() {
        return decode(jpeg);
    }

    /** Resize, crop, pack. */
    @Benchmark
    public ByteBuffer packOnly() {
        preprocessor.pack(image, target.clear());
        return target;
    }

    private static Preprocessor preprocessor(Interpolation interpolation) {
        var preprocessing = new Preprocessing(
                256, interpolation, 224, List.of(123.675, 116.28, 103.53), List.of(58.395, 57.12, 57.375));
        return new Preprocessor(preprocessing, ImageLimits.DEFAULT);
    }

    private static RgbImage decode(byte[] encoded) {
        try {
            return ImageDecoder.decode(encoded, "benchmark", ImageLimits.DEFAULT);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Shapes and some noise: about 40 kB, as a photograph of this size takes. */
    static byte[] jpeg() {
        var random = new SplittableRandom(1);
        var drawn = new BufferedImage(500, 375, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < 375; y++) {
            for (int x = 0; x < 500; x++) {
                int gray = (int) (120 + 90 * Math.sin(x * 0.11) * Math.cos(y * 0.07)) + random.nextInt(24);
                drawn.setRGB(x, y, gray << 16 | (gray + x / 10) % 256 << 8 | (gray + y / 8) % 256);
            }
        }
        var bytes = new ByteArrayOutputStream();
        try {
            ImageIO.write(drawn, "jpg", bytes);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return bytes.toByteArray();
    }
}
