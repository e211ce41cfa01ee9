package io.mocozoo.runtime;

import io.mocozoo.Zoo;
import io.mocozoo.image.RgbImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Sixteen threads on one model in a process whose heap never grows: what grows is native memory. */
final class ManyThreadsMain {
    private static final int THREADS = 16;
    private static final int PREDICTIONS = 10_000;

    private ManyThreadsMain() {}

    public static void main(String[] args) throws Exception {
        try (Zoo zoo = EmbeddedModel.zoo(Path.of(args[0]));
                Model model = zoo.configure(EmbeddedModel.NAME).open()) {
            List<RgbImage> images = new ArrayList<>();
            List<float[]> expected = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                images.add(EmbeddedModel.noise(i));
                expected.add(model.predict(images.get(i)).predScores());
            }
            predict(model, images, expected, 2_000); // buffers and arenas find their size
            long before = residentKilobytes();
            predict(model, images, expected, PREDICTIONS);
            System.out.println("grown by " + (residentKilobytes() - before) + " kB");
        }
    }

    private static void predict(Model model, List<RgbImage> images, List<float[]> expected, int count)
            throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        List<Future<?>> running = new ArrayList<>();
        for (int t = 0; t < THREADS; t++) {
            int first = t;
            running.add(threads.submit(() -> {
                for (int i = first; i < count; i += THREADS) {
                    int which = i % images.size();
                    if (!Arrays.equals(model.predict(images.get(which)).predScores(), expected.get(which))) {
                        throw new AssertionError("prediction " + i + " differs");
                    }
                }
            }));
        }
        for (Future<?> one : running) {
            one.get();
        }
        threads.shutdown();
    }

    private static long residentKilobytes() throws Exception {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        throw new IllegalStateException("no VmRSS");
    }
}
