package io.mocozoo.cli;

import io.mocozoo.Zoo;
import io.mocozoo.checkpoint.Npy;
import io.mocozoo.image.Preprocessor;
import io.mocozoo.image.RgbImage;
import io.mocozoo.registry.ModelCard;
import io.mocozoo.store.AtomicFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.apache.commons.cli.Options;

/** What a model is fed. */
final class PreprocessCommand implements Command {
    @Override
    public String name() {
        return "preprocess";
    }

    @Override
    public String arguments() {
        return "NAME IMAGE|DIR... --out DIR";
    }

    @Override
    public String summary() {
        return "write the crop a model is fed as a PNG; fetches no weights";
    }

    @Override
    public String example() {
        return "mocozoo preprocess resnet50_mocov3-100e-pre_8xb128-linear-coslr-90e_in1k bird.jpg --out crops --npy";
    }

    @Override
    public Options options() {
        return CommonOptions.models()
                .addOption(CommonOptions.value("out", "DIR", "where DIR/<file name>.png goes"))
                .addOption(CommonOptions.flag("npy", "write the normalised tensor too, DIR/<file name>.npy, [3, h, w]"))
                .addOption(CommonOptions.value("max-pixels", "N", "refuse images with more pixels"));
    }

    @Override
    public int run(Invocation call) throws IOException, UsageException {
        Path folder = call.path("out");
        List<Path> files = Images.of(call.rest("an image"));
        Images.checkNames(files, folder, name -> name + ".png");
        List<Path> bad;
        try (Zoo zoo = call.zoo()) {
            ModelCard card = call.card(zoo, call.name());
            Preprocessor preprocessor = new Preprocessor(card.preprocessing(), call.limits());
            Files.createDirectories(folder);
            var written = Console.mapper().createArrayNode();
            bad = Batches.forEach(files, 16, call.limits(), call.console(), name(), (some, images) -> {
                for (int i = 0; i < some.size(); i++) {
                    RgbImage crop = preprocessor.crop(images.get(i));
                    Path target = folder.resolve(some.get(i).getFileName() + ".png");
                    ByteArrayOutputStream png = new ByteArrayOutputStream();
                    ImageIO.write(crop.toBufferedImage(), "png", png);
                    AtomicFile.write(target, png.toByteArray());
                    if (call.has("npy")) {
                        Npy.write(
                                folder.resolve(some.get(i).getFileName() + ".npy"),
                                new int[] {3, crop.height(), crop.width()},
                                preprocessor.normalise(crop));
                    }
                    written.addObject().put("file", some.get(i).toString()).put("crop", target.toString());
                    if (!call.json()) {
                        call.console().out().println(target);
                    }
                }
            });
            if (call.json()) {
                call.console().json(written);
            }
        }
        return bad.isEmpty() ? Main.OK : Main.FAILED;
    }
}
