package io.mocozoo.cli;

import io.mocozoo.Zoo;
import io.mocozoo.data.Dataset;
import io.mocozoo.evaluate.Evaluation;
import io.mocozoo.evaluate.Unreadable;
import io.mocozoo.evaluate.Wanted;
import io.mocozoo.image.ImageDecoder;
import io.mocozoo.image.ImageLimits;
import io.mocozoo.image.Preprocessor;
import io.mocozoo.network.Classifier;
import io.mocozoo.network.Output;
import io.mocozoo.onnx.GraphInput;
import io.mocozoo.registry.ModelCard;
import io.mocozoo.runtime.Device;
import io.mocozoo.runtime.GraphFile;
import io.mocozoo.runtime.Model;
import io.mocozoo.runtime.OnnxSession;
import io.mocozoo.store.Progress;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The evaluation's pipeline against what bounds it, in turns so that a busy machine slows both: the session alone, fed the
 * same batch again and again, and the decoder alone, as many threads as the evaluation has workers. The first round warms
 * up; the ratio is the median of the rounds' own ratios.
 */
final class EvaluationBenchmark {
    /** So small, and fed so little, that decoding is the limit: on few cores the session takes its share of them. */
    private static final String TINY =
            """
            {"schema": 1, "models": [{"name": "tiny", "task": "image-classification",
              "architecture": {"backbone": {"type": "vit", "embedDim": 12, "depth": 1, "heads": 3, "mlpDim": 12,
                                            "patch": 16, "imageSize": 32, "positions": "sincos"},
                               "head": {"type": "linear", "classes": 10}},
              "preprocessing": {"resizeShortEdge": 36, "interpolation": "bilinear", "crop": 32,
                                "mean": [123.675, 116.28, 103.53], "std": [58.395, 57.12, 57.375]}}]}
            """;

    private static final int ROUNDS = 5;
    private static final int LEAST_BATCHES = 8; // the first waits for the decoder, and is the smaller share of more
    private static final int MOST_IMAGES = 1_000_000;

    private final Device device;
    private final int threads;
    private final int batch;
    private final long budget;
    private final Measured rows;
    private final int workers = Runtime.getRuntime().availableProcessors();

    /**
     * A benchmark.
     *
     * @param threads of one operator; 0 for one a core
     * @param batch images run at once
     * @param budget of one turn, in nanoseconds
     */
    EvaluationBenchmark(Device device, int threads, int batch, long budget, Measured rows) {
        this.device = device;
        this.threads = threads;
        this.batch = batch;
        this.budget = budget;
        this.rows = rows;
    }

    /** Something that is done to a number of images. */
    @FunctionalInterface
    private interface Speed {
        /** Images a second. */
        double of(int images) throws IOException, InterruptedException;
    }

    /** Both cases: a classifier of the user's choice, and one that is small. */
    void run(ModelCard card, GraphFile pixels) throws IOException, UsageException {
        if (!(card.network() instanceof Classifier)) {
            throw new UsageException(card.name() + " has no classes to evaluate; name a classifier");
        }
        byte[] jpeg = Photograph.jpeg();
        Path folder = Files.createTempDirectory("mocozoo-benchmark");
        Path registry = Files.writeString(folder.resolve("registry.json"), TINY);
        try (Zoo zoo =
                Zoo.builder().registry(registry).cache(folder.resolve("cache")).build()) {
            inference(card, pixels, jpeg);
            ModelCard tiny = zoo.registry().get("tiny");
            GraphFile graph = zoo.configure("tiny").pretrained(false).prepare().stream()
                    .filter(g -> g.input() == GraphInput.PIXELS)
                    .findFirst()
                    .orElseThrow();
            decoding(tiny, graph, jpeg);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            delete(folder);
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    private void inference(ModelCard card, GraphFile pixels, byte[] jpeg) throws IOException, InterruptedException {
        int side = card.preprocessing().crop();
        byte[] noise = new byte[batch * side * side * 3];
        new SplittableRandom(3).nextBytes(noise);
        ByteBuffer fed = ByteBuffer.allocateDirect(noise.length).put(noise).flip();
        List<String> wanted = List.of(Objects.requireNonNull(pixels.outputs().get(Output.LOGITS)));
        try (OnnxSession session = OnnxSession.open(pixels.path(), new OnnxSession.Settings(device, threads, true))) {
            turns(
                    "session alone, batch " + batch,
                    images -> {
                        long start = System.nanoTime();
                        for (int i = 0; i < images; i += batch) {
                            session.run(pixels.inputName(), fed, new int[] {batch, side, side, 3}, wanted);
                        }
                        return speed(images, start);
                    },
                    card,
                    pixels,
                    jpeg);
        }
    }

    private void decoding(ModelCard card, GraphFile pixels, byte[] jpeg) throws IOException, InterruptedException {
        Preprocessor preprocessor = new Preprocessor(card.preprocessing(), ImageLimits.DEFAULT);
        ExecutorService pool = Executors.newFixedThreadPool(workers);
        try {
            turns(
                    "decoder alone, " + workers + " threads",
                    images -> {
                        List<Future<?>> parts = new ArrayList<>();
                        long start = System.nanoTime();
                        for (int worker = 0; worker < workers; worker++) {
                            int own = images / workers;
                            parts.add(pool.submit(() -> {
                                for (int i = 0; i < own; i++) {
                                    preprocessor.crop(ImageDecoder.decode(jpeg, "photograph", ImageLimits.DEFAULT));
                                }
                                return null;
                            }));
                        }
                        for (Future<?> part : parts) {
                            get(part);
                        }
                        return speed(images / workers * workers, start);
                    },
                    card,
                    pixels,
                    jpeg);
        } finally {
            pool.shutdownNow();
        }
    }

    private static void get(Future<?> part) throws IOException, InterruptedException {
        try {
            part.get();
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        }
    }

    private static double speed(int images, long start) {
        return images * 1e9 / (System.nanoTime() - start);
    }

    private void turns(String what, Speed bare, ModelCard card, GraphFile pixels, byte[] jpeg)
            throws IOException, InterruptedException {
        double first = bare.of(batch * workers); // warms up, and tells how many images fill a turn
        double expected = bare.of((int) Math.min(MOST_IMAGES, Math.max(first * budget / 4e9, batch * workers)));
        int images = (int) Math.min(MOST_IMAGES, Math.max(expected * budget / 1e9, LEAST_BATCHES * batch));
        images = (images + batch - 1) / batch * batch; // whole batches on either side
        List<Double> alone = new ArrayList<>();
        List<Double> whole = new ArrayList<>();
        List<Double> ratios = new ArrayList<>();
        double before = bare.of(images);
        for (int round = 0; round <= ROUNDS; round++) {
            double evaluated = evaluated(card, pixels, jpeg, images);
            double after = bare.of(images);
            if (round > 0) {
                alone.add(after);
                whole.add(evaluated);
                ratios.add(100 * evaluated / ((before + after) / 2));
            }
            before = after;
        }
        for (List<Double> list : List.of(alone, whole, ratios)) {
            Collections.sort(list);
        }
        rows.more(what, "images/s", alone);
        rows.more("evaluate, " + (what.startsWith("decoder") ? "a tiny model" : "batch " + batch), "images/s", whole);
        rows.more("evaluate over " + what + ", in turns", "%", ratios);
    }

    private double evaluated(ModelCard card, GraphFile pixels, byte[] jpeg, int images)
            throws IOException, InterruptedException {
        Path out = Files.createTempDirectory("mocozoo-benchmark");
        try (Model model = BenchmarkCommand.model(card, pixels, device, threads, batch)) {
            Evaluation.Settings settings = new Evaluation.Settings(
                    new Copies(jpeg, images, ((Classifier) card.network()).classes()),
                    out,
                    false,
                    batch,
                    workers,
                    ImageLimits.DEFAULT,
                    false,
                    Unreadable.WRONG,
                    Optional.empty(),
                    Wanted.USUAL,
                    Optional.empty(),
                    "mocozoo benchmark --evaluate",
                    Optional.empty(),
                    Progress.NONE,
                    () -> false);
            return new Evaluation(model, Console.mapper().createObjectNode(), settings)
                    .run()
                    .imagesPerSecond();
        } finally {
            delete(out);
        }
    }

    /** One photograph many times, under names of their own, in memory. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Copies(byte[] jpeg, int size, int count) implements Dataset {
        @Override
        public List<String> classes() {
            return IntStream.range(0, count).mapToObj(Integer::toString).toList();
        }

        @Override
        public int label(int index) {
            return index % count;
        }

        @Override
        public String name(int index) {
            return "copy-" + index + ".jpg";
        }

        @Override
        public byte[] read(int index) {
            return Arrays.copyOf(jpeg, jpeg.length);
        }

        @Override
        public long bytes(int index) {
            return jpeg.length;
        }
    }
}
