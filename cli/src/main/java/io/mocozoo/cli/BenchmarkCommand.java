package io.mocozoo.cli;

import io.mocozoo.ModelBuilder;
import io.mocozoo.Zoo;
import io.mocozoo.image.ImageDecoder;
import io.mocozoo.image.ImageLimits;
import io.mocozoo.image.Preprocessor;
import io.mocozoo.image.RgbImage;
import io.mocozoo.network.Output;
import io.mocozoo.onnx.GraphInput;
import io.mocozoo.registry.ModelCard;
import io.mocozoo.runtime.Device;
import io.mocozoo.runtime.GraphFile;
import io.mocozoo.runtime.Labels;
import io.mocozoo.runtime.Model;
import io.mocozoo.runtime.OnnxSession;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.apache.commons.cli.Options;

/** How fast a model and its preprocessing are on this machine. */
final class BenchmarkCommand implements Command {
    private static final List<String> OF_MODELS =
            List.of("evaluate", "untrained", "weights", "batches", "seconds", "registry", "offline", "mirror", "cache");
    private static final List<String> OF_TRAININGS = List.of("steps", "workers", "set");

    @Override
    public String name() {
        return "benchmark";
    }

    @Override
    public String arguments() {
        return "NAME | --train RECIPE";
    }

    @Override
    public String summary() {
        return "measure a model on this machine: latency, throughput, preprocessing, loading, memory; or a recipe's steps";
    }

    @Override
    public String example() {
        return "mocozoo benchmark resnet50_mocov3-100e-pre_8xb128-linear-coslr-90e_in1k --untrained --csv r50.csv";
    }

    @Override
    public Options options() {
        return CommonOptions.opening()
                .addOption(CommonOptions.flag(
                        "untrained", "initialise the weights instead of fetching them: speed does not depend on them"))
                .addOption(CommonOptions.flag(
                        "evaluate",
                        "measure the evaluation against its parts instead: the session alone where inference is the limit,"
                                + " the decoder alone where decoding is; at the last of the batch sizes"))
                .addOption(CommonOptions.value("batches", "A,B,...", "batch sizes of the throughput rows (1,8,32)"))
                .addOption(CommonOptions.value("seconds", "S", "time for each row (5)"))
                .addOption(CommonOptions.flag(
                        "train", "measure the training steps of a recipe, and where their time goes"))
                .addOption(CommonOptions.value("steps", "N", "with --train: steps to measure (10)"))
                .addOption(CommonOptions.value(
                        "workers", "N", "with --train: threads that decode and augment (one a core)"))
                .addOption(CommonOptions.repeated("set", "KEY=VALUE", "with --train: change a number of the recipe"))
                .addOption(CommonOptions.value("csv", "FILE", "write the rows as CSV too"));
    }

    /** The steps of a recipe instead of a model. */
    private static int trainingSteps(Invocation call) throws IOException, UsageException {
        Measured rows = new Measured();
        try {
            TrainingBenchmark.run(
                    TrainCommand.recipe(call, call.name()),
                    TrainCommand.hardware(call),
                    call.whole("steps", 1, 1_000_000, 10),
                    rows);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        memory(rows);
        rows.print(call);
        return Main.OK;
    }

    @Override
    public int run(Invocation call) throws IOException, UsageException {
        call.atMost(1);
        boolean train = call.has("train");
        for (String other : train ? OF_MODELS : OF_TRAININGS) {
            if (call.has(other)) {
                throw new UsageException(
                        "--" + other + (train ? " does not go with --train" : " goes with --train only"));
            }
        }
        if (train) {
            return trainingSteps(call);
        }
        long budget = call.whole("seconds", 1, 3600, 5) * 1_000_000_000L;
        if (call.has("untrained") && call.has("weights")) {
            throw new UsageException("--untrained and --weights exclude each other; give one");
        }
        if (call.text("csv").isPresent() && Files.isDirectory(call.path("csv"))) {
            throw new UsageException("--csv names the folder " + call.path("csv") + "; name a file");
        }
        int[] batches = batches(call.text("batches").orElse("1,8,32"));
        Measured rows = new Measured();
        try (Zoo zoo = call.zoo()) {
            ModelCard card = call.card(zoo, call.name());
            ModelBuilder builder = call.model(zoo, call.name()).pretrained(!call.has("untrained"));
            GraphFile pixels = builder.prepare().stream()
                    .filter(g -> g.input() == GraphInput.PIXELS)
                    .findFirst()
                    .orElseThrow(() -> new UsageException("--weights: the benchmark needs a graph that is fed pixels;"
                            + " convert with --input pixels, or give a checkpoint"));
            Device device = Device.of(call.text("device").orElse("auto"));
            int threads = call.whole("threads", 1, Invocation.MOST_THREADS, 0);
            if (call.has("evaluate")) {
                new EvaluationBenchmark(device, threads, batches[batches.length - 1], budget, rows).run(card, pixels);
                rows.print(call);
                return Main.OK;
            }
            preprocessing(card, budget, rows);
            loading(card, pixels, device, threads, rows);
            overhead(card, pixels, device, threads, budget, rows);
            for (int batch : batches) {
                throughput(card, pixels, device, threads, batch, budget, rows);
            }
            memory(rows);
        }
        rows.print(call);
        return Main.OK;
    }

    private static int[] batches(String text) throws UsageException {
        try {
            int[] sizes =
                    Arrays.stream(text.split(",")).mapToInt(Integer::parseInt).toArray();
            if (Arrays.stream(sizes).allMatch(b -> b > 0)) {
                return sizes;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new UsageException("--batches expects positive numbers with commas between, found '" + text + "'");
    }

    static Output result(ModelCard card) {
        return card.network().outputs().contains(Output.LOGITS) ? Output.LOGITS : Output.FEATURES;
    }

    private static void preprocessing(ModelCard card, long budget, Measured rows) throws IOException {
        byte[] jpeg = Photograph.jpeg();
        Preprocessor preprocessor = new Preprocessor(card.preprocessing(), ImageLimits.DEFAULT);
        int side = card.preprocessing().crop();
        ByteBuffer target = ByteBuffer.allocateDirect(side * side * 3);
        String kind = card.preprocessing().interpolation().word();
        List<Double> decode =
                Measured.times(budget / 2, () -> ImageDecoder.decode(jpeg, "benchmark", ImageLimits.DEFAULT));
        rows.perSecond(
                "decode " + Photograph.WIDTH + "x" + Photograph.HEIGHT + " JPEG (" + jpeg.length / 1000
                        + " kB), 1 thread",
                1,
                decode);
        RgbImage decoded = ImageDecoder.decode(jpeg, "benchmark", ImageLimits.DEFAULT);
        List<Double> resize = Measured.times(budget / 2, () -> preprocessor.pack(decoded, target.clear()));
        rows.perSecond("resize (" + kind + ") + crop, 1 thread", 1, resize);
        List<Double> all = Measured.times(
                budget / 2,
                () -> preprocessor.pack(ImageDecoder.decode(jpeg, "benchmark", ImageLimits.DEFAULT), target.clear()));
        rows.perSecond("decode + resize (" + kind + ") + crop, 1 thread", 1, all);
    }

    static Model model(ModelCard card, GraphFile pixels, Device device, int threads, int batch) {
        return new Model(
                card, Labels.NONE, List.of(pixels), new Model.Settings(device, threads, batch, ImageLimits.DEFAULT));
    }

    private static void loading(ModelCard card, GraphFile pixels, Device device, int threads, Measured rows) {
        List<Double> times = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            long start = System.nanoTime();
            model(card, pixels, device, threads, 1).warm().close();
            double seconds = (System.nanoTime() - start) / 1e9;
            if (i == 0) {
                rows.add(
                        "open the cached model, first time: engine start included",
                        "ms",
                        1e3 * seconds,
                        1e3 * seconds,
                        1e3 * seconds);
            } else {
                times.add(seconds);
            }
        }
        Collections.sort(times);
        rows.milliseconds("open the cached model", times);
    }

    /** Model.predict against the session alone, in turns, so that a busy machine slows both. */
    private static void overhead(
            ModelCard card, GraphFile pixels, Device device, int threads, long budget, Measured rows)
            throws IOException {
        int side = card.preprocessing().crop();
        int edge = card.preprocessing().resizeShortEdge();
        byte[] noise = new byte[edge * edge * 3];
        new SplittableRandom(1).nextBytes(noise);
        RgbImage image = new RgbImage(edge, edge, noise);
        ByteBuffer fed = ByteBuffer.allocateDirect(side * side * 3);
        fed.put(Arrays.copyOf(noise, side * side * 3)).flip();
        List<Double> bare = new ArrayList<>();
        List<Double> ours = new ArrayList<>();
        List<Double> ratios = new ArrayList<>();
        try (OnnxSession session = OnnxSession.open(pixels.path(), new OnnxSession.Settings(device, threads, true));
                Model model = model(card, pixels, device, threads, 1)) {
            List<String> wanted =
                    List.of(Objects.requireNonNull(pixels.outputs().get(result(card))));
            int[] shape = {1, side, side, 3};
            for (long end = System.nanoTime() + 2 * budget; System.nanoTime() < end || ratios.size() < 10; ) {
                long start = System.nanoTime();
                session.run(pixels.inputName(), fed, shape, wanted);
                long middle = System.nanoTime();
                model.predict(image);
                long stop = System.nanoTime();
                bare.add((middle - start) / 1e9);
                ours.add((stop - middle) / 1e9);
                ratios.add((stop - middle) / (double) (middle - start));
            }
        }
        for (List<Double> list : List.of(bare, ours, ratios)) {
            list.subList(0, list.size() / 5).clear(); // the first fifth warms up
            Collections.sort(list);
        }
        rows.milliseconds("session alone, batch 1", bare);
        rows.milliseconds("Model.predict, batch 1", ours);
        rows.add(
                "Model.predict over session, in turns",
                "%",
                100 * (Measured.at(ratios, 0.5) - 1),
                100 * (Measured.at(ratios, 0.1) - 1),
                100 * (Measured.at(ratios, 0.9) - 1));
    }

    private static void throughput(
            ModelCard card, GraphFile pixels, Device device, int threads, int batch, long budget, Measured rows)
            throws IOException {
        int edge = card.preprocessing().resizeShortEdge();
        byte[] noise = new byte[edge * edge * 3];
        new SplittableRandom(2).nextBytes(noise);
        List<RgbImage> images = Collections.nCopies(batch, new RgbImage(edge, edge, noise));
        try (Model model = model(card, pixels, device, threads, batch)) {
            rows.perSecond("Model.predict, batch " + batch, batch, Measured.times(budget, () -> model.predict(images)));
        }
    }

    /** Resident memory as Linux tells it. */
    private static void memory(Measured rows) throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.isReadable(status)) {
            return;
        }
        for (String line : Files.readAllLines(status)) {
            if (line.startsWith("VmHWM:")) {
                double mega = Long.parseLong(line.replaceAll("\\D", "")) * 1024 / 1e6;
                rows.add("resident memory, highest", "MB", mega, mega, mega);
            }
        }
    }
}
