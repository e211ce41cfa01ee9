package io.mocozoo.cli;

import io.mocozoo.Zoo;
import io.mocozoo.data.Shapes;
import io.mocozoo.image.ImageDecoder;
import io.mocozoo.image.ImageLimits;
import io.mocozoo.image.RgbImage;
import io.mocozoo.network.Output;
import io.mocozoo.runtime.Model;
import io.mocozoo.runtime.Prediction;
import io.mocozoo.runtime.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.commons.cli.Options;

/** The whole path on what ships with the program: no download, a few seconds. */
final class DemoCommand implements Command {
    /** The one built-in model whose weights ship with the program. */
    private static final String MODEL = "vit-tiny-p8_shapes";

    private static final List<String> PICTURES = List.of("circle.jpg", "square.jpg", "star.jpg", "triangle.jpg");

    @Override
    public String name() {
        return "demo";
    }

    @Override
    public String arguments() {
        return "";
    }

    @Override
    public String summary() {
        return "classify, extract and evaluate with the embedded model and pictures";
    }

    @Override
    public String example() {
        return "mocozoo demo";
    }

    @Override
    public Options options() {
        return CommonOptions.models();
    }

    @Override
    public int run(Invocation call) throws IOException, UsageException {
        call.atMost(0);
        PrintStream out = call.json() ? call.console().err() : call.console().out();
        try (Zoo zoo = call.zoo()) {
            out.println("1. The card of " + MODEL + " says where its checkpoint lies: inside this program.");
            long start = System.nanoTime();
            out.println("2. The PyTorch checkpoint is read, checked and written as ONNX, once: " + zoo.prepare(MODEL));
            out.printf(Locale.ROOT, "   %.2f s%n", seconds(start));
            try (Model model = zoo.configure(MODEL).open()) {
                List<RgbImage> images = new ArrayList<>();
                for (String picture : PICTURES) {
                    images.add(picture(picture));
                }
                start = System.nanoTime();
                List<Prediction> predictions = model.predict(images);
                out.printf(
                        Locale.ROOT,
                        "3. Classified %d pictures, engine start included: %.2f s%n",
                        images.size(),
                        seconds(start));
                for (int i = 0; i < images.size(); i++) {
                    Prediction p = predictions.get(i);
                    out.printf(Locale.ROOT, "   %-14s %-10s %.3f%n", PICTURES.get(i), p.predClass(), p.predScore());
                }
                Tensor features = model.extract(images, Output.FEATURES);
                out.println("4. Extracted features " + features + "; cosine similarity of the pictures:");
                similarities(features, out);
                if (call.json()) {
                    var json = Console.mapper().createArrayNode();
                    for (int i = 0; i < images.size(); i++) {
                        json.addObject()
                                .put("file", PICTURES.get(i))
                                .put("pred_label", predictions.get(i).predLabel())
                                .put("pred_score", predictions.get(i).predScore())
                                .put("pred_class", predictions.get(i).predClass());
                    }
                    call.console().json(json);
                }
            }
            evaluate(call, out);
            out.println("Next: mocozoo list; mocozoo predict NAME IMAGE; mocozoo COMMAND --help");
        }
        return Main.OK;
    }

    /** A drawn data set, measured; the cache folder keeps the run to look at, until the next demo. */
    private static void evaluate(Invocation call, PrintStream out) throws IOException {
        Path folder = call.cache().resolve("demo");
        clear(folder.resolve("run"));
        Path shapes = folder.resolve("shapes");
        Shapes.write(shapes, "val", 200, 0);
        long start = System.nanoTime();
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream quiet = new PrintStream(said, true, StandardCharsets.UTF_8);
        Path run = folder.resolve("run");
        int code = Main.run(
                quiet,
                call.console().err(),
                "evaluate",
                MODEL,
                "--data",
                shapes.toString(),
                "--out",
                run.toString(),
                "--cache",
                call.cache().toString());
        if (code != Main.OK) {
            throw new IOException("the evaluation of the demo failed");
        }
        out.printf(
                Locale.ROOT,
                "5. Evaluated 200 drawn pictures: %.2f s, %s%n",
                seconds(start),
                run.resolve("report.html"));
        said.toString(StandardCharsets.UTF_8)
                .lines()
                .skip(1)
                .limit(3)
                .forEach(line -> out.println("   " + line.strip()));
    }

    private static void clear(Path run) throws IOException {
        if (Files.isDirectory(run)) {
            try (Stream<Path> files = Files.list(run)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    private static double seconds(long start) {
        return (System.nanoTime() - start) / 1e9;
    }

    private static RgbImage picture(String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(DemoCommand.class.getResourceAsStream("demo/" + name), name)) {
            return ImageDecoder.decode(in.readAllBytes(), name, ImageLimits.DEFAULT);
        }
    }

    private static void similarities(Tensor features, PrintStream out) {
        for (int i = 0; i < features.size(0); i++) {
            StringBuilder row = new StringBuilder();
            for (int j = 0; j < features.size(0); j++) {
                row.append(String.format(
                        Locale.ROOT,
                        "  %6.3f",
                        cosine(features.row(i).toArray(), features.row(j).toArray())));
            }
            out.printf("   %-14s%s%n", PICTURES.get(i), row);
        }
    }

    private static double cosine(float[] a, float[] b) {
        double product = 0;
        double lengthA = 0;
        double lengthB = 0;
        for (int i = 0; i < a.length; i++) {
            product += a[i] * (double) b[i];
            lengthA += a[i] * (double) a[i];
            lengthB += b[i] * (double) b[i];
        }
        return product / Math.sqrt(lengthA * lengthB);
    }
}
