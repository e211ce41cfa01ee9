package io.mocozoo.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mocozoo.ModelBuilder;
import io.mocozoo.Zoo;
import io.mocozoo.data.Dataset;
import io.mocozoo.data.Datasets;
import io.mocozoo.evaluate.StoredFeatures;
import io.mocozoo.evaluate.Thumbnail;
import io.mocozoo.evaluate.file.JsonFiles;
import io.mocozoo.evaluate.report.RetrievalSheet;
import io.mocozoo.image.ImageDecoder;
import io.mocozoo.image.RgbImage;
import io.mocozoo.neighbours.NearestNeighbours;
import io.mocozoo.network.Output;
import io.mocozoo.runtime.Model;
import io.mocozoo.runtime.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.commons.cli.Options;

/** The images of a data set that are nearest to a picture. */
final class RetrieveCommand implements Command {
    @Override
    public String name() {
        return "retrieve";
    }

    @Override
    public String arguments() {
        return "NAME IMAGE... --index DIR [--data ROOT --out F.html]";
    }

    @Override
    public String summary() {
        return "find the images nearest to a picture among features that extract --data has stored";
    }

    @Override
    public String example() {
        return "mocozoo retrieve mocov3_vit-small-p16_16xb256-amp-coslr-300e_in1k bird.jpg --index features/val --data"
                + " /imagenet --out near.html";
    }

    @Override
    public Options options() {
        return CommonOptions.running()
                .addOption(CommonOptions.value("index", "DIR", "stored features, as extract --data leaves them"))
                .addOption(CommonOptions.value("top", "K", "images found for each picture (10)"))
                .addOption(CommonOptions.value("data", "ROOT", "the data set of the features, for the page's pictures"))
                .addOption(CommonOptions.value("split", "NAME", "its split (val)"))
                .addOption(CommonOptions.value("out", "F.html", "a page with the pictures found"));
    }

    @Override
    public int run(Invocation call) throws IOException, UsageException {
        Path index = call.path("index");
        int top = call.whole("top", 1, 1000, 10);
        List<Path> files = Images.of(call.rest("an image"));
        if (call.has("out") != call.has("data")) {
            throw new UsageException("--out needs the pictures of --data, and --data is for --out alone");
        }
        try (Zoo zoo = call.zoo()) {
            ModelBuilder builder = call.model(zoo, call.name());
            Output stage = check(index, builder);
            List<RgbImage> images = new ArrayList<>();
            for (Path file : files) {
                images.add(ImageDecoder.decode(file, call.limits()));
            }
            try (StoredFeatures bank = StoredFeatures.open(index);
                    Model model = builder.open()) {
                Tensor queries = model.extract(images, stage);
                NearestNeighbours nearest =
                        new NearestNeighbours(queries.toArray(), bank.width(), Math.min(top, bank.count()));
                bank.forEachBlock(nearest::add);
                print(call, files, bank, nearest);
                if (call.has("out")) {
                    page(call, files, images, bank, nearest, model);
                }
            }
        }
        return Main.OK;
    }

    /** The stage of the stored features, which must be of this model and these weights. */
    private static Output check(Path index, ModelBuilder builder) throws IOException {
        ObjectNode provenance = JsonFiles.read(index.resolve("provenance.json"));
        String stored = provenance.path("weights").path("sha256").asText();
        String own = builder.source().sha256();
        if (!stored.equals(own)) {
            throw new IOException(
                    index + " holds features of " + provenance.path("model").asText() + " with weights " + stored
                            + ", asked for are weights " + own + "; extract them again with this model");
        }
        return Output.of(provenance.path("output").asText());
    }

    private static void print(Invocation call, List<Path> files, StoredFeatures bank, NearestNeighbours nearest) {
        ArrayNode all = Console.mapper().createArrayNode();
        for (int i = 0; i < files.size(); i++) {
            ArrayNode found =
                    all.addObject().put("file", files.get(i).toString()).putArray("nearest");
            if (!call.json()) {
                call.console().out().println(files.get(i));
            }
            for (NearestNeighbours.Neighbour one : nearest.of(i)) {
                String path = bank.path(one.index());
                ObjectNode shown = found.addObject().put("path", path);
                if (one.label() >= 0) {
                    shown.put("label", one.label());
                }
                shown.put("similarity", one.similarity());
                if (!call.json()) {
                    call.console()
                            .out()
                            .printf(
                                    Locale.ROOT,
                                    "  %7.4f  %4s  %s%n",
                                    one.similarity(),
                                    one.label() < 0 ? "" : one.label(),
                                    path);
                }
            }
        }
        if (call.json()) {
            call.console().json(all);
        }
    }

    private static void page(
            Invocation call,
            List<Path> files,
            List<RgbImage> images,
            StoredFeatures bank,
            NearestNeighbours nearest,
            Model model)
            throws IOException, UsageException {
        Dataset data = Datasets.open(call.path("data"), call.text("split").orElse("val"));
        Map<String, Integer> places = new HashMap<>();
        for (int i = 0; i < data.size(); i++) {
            places.put(data.name(i), i);
        }
        List<RetrievalSheet.Row> rows = new ArrayList<>();
        for (int i = 0; i < files.size(); i++) {
            List<RetrievalSheet.Shot> found = new ArrayList<>();
            for (NearestNeighbours.Neighbour one : nearest.of(i)) {
                String path = bank.path(one.index());
                Integer place = places.get(path);
                if (place == null) {
                    throw new IOException(call.path("data") + " has no image " + path + ", which the features of "
                            + call.path("index") + " are of; name their data set and --split");
                }
                RgbImage image = ImageDecoder.decode(data.read(place), path, call.limits());
                found.add(new RetrievalSheet.Shot(
                        Thumbnail.base64(model.preprocessor().crop(image)), path, one.similarity()));
            }
            rows.add(new RetrievalSheet.Row(
                    new RetrievalSheet.Shot(
                            Thumbnail.base64(model.preprocessor().crop(images.get(i))),
                            files.get(i).toString(),
                            1),
                    found));
        }
        RetrievalSheet.write(
                call.path("out"), "Nearest images by " + model.card().name(), rows);
    }
}
