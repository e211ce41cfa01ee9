package io.mocozoo.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mocozoo.ModelBuilder;
import io.mocozoo.Zoo;
import io.mocozoo.image.Caption;
import io.mocozoo.image.RgbImage;
import io.mocozoo.runtime.Model;
import io.mocozoo.runtime.Prediction;
import io.mocozoo.runtime.Tensor;
import io.mocozoo.store.AtomicFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;
import org.apache.commons.cli.Options;

/** What a model says of images. */
final class PredictCommand implements Command {
    @Override
    public String name() {
        return "predict";
    }

    @Override
    public String arguments() {
        return "NAME IMAGE|DIR...";
    }

    @Override
    public String summary() {
        return "classify images; with a pretraining model, show their features";
    }

    @Override
    public String example() {
        return "mocozoo predict resnet50_mocov3-100e-pre_8xb128-linear-coslr-90e_in1k bird.jpg --top 3";
    }

    @Override
    public Options options() {
        return CommonOptions.running()
                .addOption(CommonOptions.value("top", "K", "classes to show (5)"))
                .addOption(CommonOptions.value("labels", "FILE", "names of the classes, one a line"))
                .addOption(
                        CommonOptions.value("show-dir", "DIR", "draw each prediction on its picture, as DIR/NAME.png"));
    }

    @Override
    public int run(Invocation call) throws IOException, UsageException {
        int top = call.whole("top", 1, 1_000_000, 5);
        List<Path> files = Images.of(call.rest("an image"));
        if (call.text("show-dir").isPresent()) {
            Path shown = Path.of(call.text("show-dir").get());
            Images.checkNames(files, shown, PredictCommand::shown);
        }
        ArrayNode all = Console.mapper().createArrayNode();
        List<Path> bad;
        try (Zoo zoo = call.zoo()) {
            ModelBuilder builder = call.model(zoo, call.name());
            if (call.text("show-dir").isPresent()) {
                Files.createDirectories(call.path("show-dir")); // a place that cannot be made is known before the work
            }
            int batch = call.batch();
            try (Model model = builder.open()) {
                bad = Batches.forEach(files, batch, call.limits(), call.console(), name(), (some, images) -> {
                    List<Prediction> predictions = model.predict(images);
                    for (int i = 0; i < some.size(); i++) {
                        Prediction prediction = predictions.get(i);
                        if (call.json()) {
                            all.add(json(some.get(i), prediction, top));
                        } else {
                            print(call.console(), some.get(i), prediction, top);
                        }
                        if (call.text("show-dir").isPresent()) {
                            draw(Path.of(call.text("show-dir").get()), some.get(i), images.get(i), prediction);
                        }
                    }
                });
            }
        }
        if (call.json()) {
            call.console().json(all);
        }
        return bad.isEmpty() ? Main.OK : Main.FAILED;
    }

    private static ObjectNode json(Path file, Prediction prediction, int top) {
        ObjectNode json = Console.mapper().createObjectNode().put("file", file.toString());
        if (!prediction.hasClasses()) {
            json.putNull("pred_label").putNull("pred_score").putNull("pred_class");
            json.putArray("top");
            ArrayNode features = json.putArray("features");
            for (float value : prediction.features().orElseThrow().toArray()) {
                features.add(value);
            }
            return json;
        }
        json.put("pred_label", prediction.predLabel())
                .put("pred_score", prediction.predScore())
                .put("pred_class", prediction.predClass());
        ArrayNode best = json.putArray("top");
        prediction.top(top).forEach(s -> best.addObject()
                .put("label", s.label())
                .put("score", s.score())
                .put("class", s.name()));
        return json;
    }

    private static void print(Console console, Path file, Prediction prediction, int top) {
        console.out().println(file);
        if (!prediction.hasClasses()) {
            Tensor features = prediction.features().orElseThrow();
            double square = 0;
            for (float value : features.toArray()) {
                square += value * (double) value;
            }
            console.out()
                    .printf(
                            Locale.ROOT,
                            "  features [%d], length %.4f (a pretraining model has no classes; 'extract' writes them to a file)%n",
                            features.elementCount(),
                            Math.sqrt(square));
            return;
        }
        prediction.top(top).forEach(s -> console.out()
                .printf(Locale.ROOT, "  %7.4f  %4d  %s%n", s.score(), s.label(), s.name()));
    }

    private static String shown(String name) {
        return (name.contains(".") ? name.substring(0, name.lastIndexOf('.')) : name) + ".png";
    }

    private static void draw(Path folder, Path file, RgbImage image, Prediction prediction) throws IOException {
        String text = prediction.hasClasses()
                ? String.format(
                        Locale.ROOT,
                        "Prediction: %d, %.2f (%s)",
                        prediction.predLabel(),
                        prediction.predScore(),
                        prediction.predClass())
                : "features [" + prediction.features().orElseThrow().elementCount() + "]";
        Files.createDirectories(folder);
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        ImageIO.write(Caption.draw(image, text).toBufferedImage(), "png", png);
        AtomicFile.write(folder.resolve(shown(String.valueOf(file.getFileName()))), png.toByteArray());
    }
}
