package io.mocozoo.cli;

import io.mocozoo.Zoo;
import io.mocozoo.image.ImageDecoder;
import io.mocozoo.image.ImageLimits;
import io.mocozoo.image.RgbImage;
import io.mocozoo.network.Output;
import io.mocozoo.registry.ModelCard;
import io.mocozoo.runtime.Model;
import io.mocozoo.runtime.Prediction;
import io.mocozoo.runtime.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.apache.commons.cli.Options;

/** The whole path on what ships with the program: no download, a few seconds. */
final class DemoCommand implements Command {
    /** The one built-in model whose weights ship with the program. */
    private static final String MODEL = "vit-tiny-p8_linear_shapes";

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
        return "classify embedded pictures and extract their features with the embedded model";
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
            ModelCard card = zoo.registry().get(MODEL);
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
                if (card.results().isEmpty()) {
                    out.println("   These weights are UNTRAINED: every step is real, the classes mean nothing.");
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
            out.println("Next: mocozoo list; mocozoo predict NAME IMAGE; mocozoo COMMAND --help");
        }
        return Main.OK;
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
