package io.mocozoo.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.opencsv.CSVWriter;
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
import io.mocozoo.store.AtomicFile;
import io.mocozoo.train.Hardware;
import io.mocozoo.train.recipe.Recipe;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;
import org.apache.commons.cli.Options;

/** How fast a model and its preprocessing are on this machine. */
final class BenchmarkCommand implements Command {
    private static final int WIDTH = 500;
    private static final int HEIGHT = 375;

    /** Something timed. */
    @FunctionalInterface
    private interface Work {
        void run() throws IOException;
    }

    @Override
    public String name() {
        return "benchmark";
    }

    @Override
    public String arguments() {
        return "NAME";
    }

    @Override
    public String summary() {
        return "measure latency, throughput, preprocessing, load time and memory of a model on this machine";
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
                .addOption(CommonOptions.value("batches", "A,B,...", "batch sizes of the throughput rows (1,8,32)"))
                .addOption(CommonOptions.value("seconds", "S", "time for each row (5)"))
                .addOption(CommonOptions.flag("train", "NAME is a recipe: measure its training steps"))
                .addOption(CommonOptions.value("steps", "N", "with --train: steps to measure (10)"))
                .addOption(CommonOptions.value(
                        "workers", "N", "with --train: threads that decode and augment (one a core)"))
                .addOption(CommonOptions.repeated("set", "KEY=VALUE", "with --train: change a number of the recipe"))
                .addOption(CommonOptions.value("csv", "FILE", "write the rows as CSV too"));
    }

    /** The steps of a recipe instead of a model. */
    private static int trainingSteps(Invocation call) throws IOException, UsageException {
        List<BenchmarkRow> rows = new ArrayList<>();
        try {
            Recipe recipe = TrainCommand.recipe(call, call.name());
            Hardware hardware = TrainCommand.hardware(call);
            rows.addAll(TrainingBenchmark.rows(recipe, hardware, call.whole("steps", 1, 1_000_000, 10), photograph()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        memory(rows);
        print(call, rows);
        return Main.OK;
    }

    @Override
    public int run(Invocation call) throws IOException, UsageException {
        call.atMost(1);
        if (call.has("train")) {
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
        List<BenchmarkRow> rows = new ArrayList<>();
        try (Zoo zoo = call.zoo()) {
            ModelCard card = call.card(zoo, call.name());
            ModelBuilder builder = call.model(zoo, call.name()).pretrained(!call.has("untrained"));
            GraphFile pixels = builder.prepare().stream()
                    .filter(g -> g.input() == GraphInput.PIXELS)
                    .findFirst()
                    .orElseThrow(() -> new UsageException("--weights: the benchmark needs a graph that is fed pixels;"
                            + " convert with --input pixels, or give a checkpoint"));
            preprocessing(card, budget, rows);
            Device device = Device.of(call.text("device").orElse("auto"));
            int threads = call.whole("threads", 1, Invocation.MOST_THREADS, 0);
            loading(card, pixels, device, threads, rows);
            overhead(card, pixels, device, threads, budget, rows);
            for (int batch : batches) {
                throughput(card, pixels, device, threads, batch, budget, rows);
            }
            memory(rows);
        }
        print(call, rows);
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

    private static Output result(ModelCard card) {
        return card.network().outputs().contains(Output.LOGITS) ? Output.LOGITS : Output.FEATURES;
    }

    /** Runs for a while after some rounds of warming up; the times of all rounds in seconds. */
    private static List<Double> times(long budget, Work work) throws IOException {
        for (long end = System.nanoTime() + budget / 4; System.nanoTime() < end; ) {
            work.run();
        }
        List<Double> times = new ArrayList<>();
        for (long end = System.nanoTime() + budget; System.nanoTime() < end || times.size() < 5; ) {
            long start = System.nanoTime();
            work.run();
            times.add((System.nanoTime() - start) / 1e9);
        }
        Collections.sort(times);
        return times;
    }

    /** A 500x375 JPEG of shapes and noise, about 50 kB: like a photograph of ImageNet in size and detail. */
    private static byte[] photograph() throws IOException {
        SplittableRandom random = new SplittableRandom(42);
        BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        for (int i = 0; i < 300; i++) {
            graphics.setColor(new Color(random.nextInt(1 << 24)));
            graphics.fillOval(random.nextInt(WIDTH), random.nextInt(HEIGHT), random.nextInt(90), random.nextInt(90));
        }
        graphics.dispose();
        for (int y = 0; y < HEIGHT; y++) {
            for (int x = 0; x < WIDTH; x++) {
                int noise = random.nextInt(24);
                image.setRGB(x, y, (image.getRGB(x, y) & 0xE0E0E0) | (noise * 0x010101));
            }
        }
        ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
        ImageIO.write(image, "jpg", jpeg);
        return jpeg.toByteArray();
    }

    private static void preprocessing(ModelCard card, long budget, List<BenchmarkRow> rows) throws IOException {
        byte[] jpeg = photograph();
        Preprocessor preprocessor = new Preprocessor(card.preprocessing(), ImageLimits.DEFAULT);
        int side = card.preprocessing().crop();
        ByteBuffer target = ByteBuffer.allocateDirect(side * side * 3);
        String kind = card.preprocessing().interpolation().word();
        List<Double> decode = times(budget / 2, () -> ImageDecoder.decode(jpeg, "benchmark", ImageLimits.DEFAULT));
        rows.add(BenchmarkRow.perSecond(
                "decode " + WIDTH + "x" + HEIGHT + " JPEG (" + jpeg.length / 1000 + " kB), 1 thread", 1, decode));
        RgbImage decoded = ImageDecoder.decode(jpeg, "benchmark", ImageLimits.DEFAULT);
        List<Double> resize = times(budget / 2, () -> preprocessor.pack(decoded, target.clear()));
        rows.add(BenchmarkRow.perSecond("resize (" + kind + ") + crop, 1 thread", 1, resize));
        List<Double> all = times(
                budget / 2,
                () -> preprocessor.pack(ImageDecoder.decode(jpeg, "benchmark", ImageLimits.DEFAULT), target.clear()));
        rows.add(BenchmarkRow.perSecond("decode + resize (" + kind + ") + crop, 1 thread", 1, all));
    }

    private static Model model(ModelCard card, GraphFile pixels, Device device, int threads, int batch) {
        return new Model(
                card, Labels.NONE, List.of(pixels), new Model.Settings(device, threads, batch, ImageLimits.DEFAULT));
    }

    private static void loading(ModelCard card, GraphFile pixels, Device device, int threads, List<BenchmarkRow> rows) {
        List<Double> times = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            long start = System.nanoTime();
            model(card, pixels, device, threads, 1).warm().close();
            double seconds = (System.nanoTime() - start) / 1e9;
            if (i == 0) {
                rows.add(new BenchmarkRow(
                        "open the cached model, first time: engine start included",
                        "ms",
                        1e3 * seconds,
                        1e3 * seconds,
                        1e3 * seconds));
            } else {
                times.add(seconds);
            }
        }
        Collections.sort(times);
        rows.add(BenchmarkRow.milliseconds("open the cached model", times));
    }

    /** Model.predict against the session alone, in turns, so that a busy machine slows both. */
    private static void overhead(
            ModelCard card, GraphFile pixels, Device device, int threads, long budget, List<BenchmarkRow> rows)
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
        rows.add(BenchmarkRow.milliseconds("session alone, batch 1", bare));
        rows.add(BenchmarkRow.milliseconds("Model.predict, batch 1", ours));
        rows.add(new BenchmarkRow(
                "Model.predict over session, in turns",
                "%",
                100 * (BenchmarkRow.at(ratios, 0.5) - 1),
                100 * (BenchmarkRow.at(ratios, 0.1) - 1),
                100 * (BenchmarkRow.at(ratios, 0.9) - 1)));
    }

    private static void throughput(
            ModelCard card,
            GraphFile pixels,
            Device device,
            int threads,
            int batch,
            long budget,
            List<BenchmarkRow> rows)
            throws IOException {
        int edge = card.preprocessing().resizeShortEdge();
        byte[] noise = new byte[edge * edge * 3];
        new SplittableRandom(2).nextBytes(noise);
        List<RgbImage> images = Collections.nCopies(batch, new RgbImage(edge, edge, noise));
        try (Model model = model(card, pixels, device, threads, batch)) {
            rows.add(BenchmarkRow.perSecond(
                    "Model.predict, batch " + batch, batch, times(budget, () -> model.predict(images))));
        }
    }

    /** Resident memory as Linux tells it. */
    private static void memory(List<BenchmarkRow> rows) throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.isReadable(status)) {
            return;
        }
        for (String line : Files.readAllLines(status)) {
            if (line.startsWith("VmHWM:")) {
                double mega = Long.parseLong(line.replaceAll("\\D", "")) * 1024 / 1e6;
                rows.add(new BenchmarkRow("resident memory, highest", "MB", mega, mega, mega));
            }
        }
    }

    private static void print(Invocation call, List<BenchmarkRow> rows) throws IOException {
        Optional<String> csv = call.text("csv");
        if (csv.isPresent()) {
            StringWriter text = new StringWriter();
            try (CSVWriter writer = new CSVWriter(text)) {
                writer.writeNext(new String[] {"what", "unit", "median", "best tenth", "worst tenth"}, false);
                rows.forEach(r -> writer.writeNext(
                        new String[] {
                            r.what(),
                            r.unit(),
                            BenchmarkRow.number(r.median()),
                            BenchmarkRow.number(r.best()),
                            BenchmarkRow.number(r.worst())
                        },
                        false));
            }
            byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
            AtomicFile.write(Path.of(csv.get()), bytes);
        }
        if (call.json()) {
            ArrayNode all = Console.mapper().createArrayNode();
            rows.forEach(r -> all.addObject()
                    .put("what", r.what())
                    .put("unit", r.unit())
                    .put("median", r.median())
                    .put("best", r.best())
                    .put("worst", r.worst()));
            call.console().json(all);
            return;
        }
        call.console().out().printf("%-56s %10s  %10s  %10s%n", "", "median", "best 10%", "worst 10%");
        rows.forEach(r -> call.console()
                .out()
                .printf(
                        "%-56s %10s  %10s  %10s  %s%n",
                        r.what(),
                        BenchmarkRow.number(r.median()),
                        BenchmarkRow.number(r.best()),
                        BenchmarkRow.number(r.worst()),
                        r.unit()));
    }
}
