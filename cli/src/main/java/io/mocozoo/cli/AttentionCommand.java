package io.mocozoo.cli;

import io.mocozoo.ModelBuilder;
import io.mocozoo.Zoo;
import io.mocozoo.evaluate.AttentionMap;
import io.mocozoo.image.ImageDecoder;
import io.mocozoo.image.RgbImage;
import io.mocozoo.network.Output;
import io.mocozoo.runtime.Model;
import io.mocozoo.store.AtomicFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;
import org.apache.commons.cli.Options;

/** Where a model looks in one picture. */
final class AttentionCommand implements Command {
    @Override
    public String name() {
        return "attention";
    }

    @Override
    public String arguments() {
        return "NAME IMAGE --out F.png";
    }

    @Override
    public String summary() {
        return "draw where a model looks: a transformer's attention, a ResNet's class activation map";
    }

    @Override
    public String example() {
        return "mocozoo attention vit-base-p16_mocov3-pre_8xb64-coslr-150e_in1k bird.jpg --out bird-attention.png";
    }

    @Override
    public Options options() {
        return CommonOptions.running().addOption(CommonOptions.value("out", "F.png", "what to write"));
    }

    @Override
    public int run(Invocation call) throws IOException, UsageException {
        call.atMost(2);
        Path image = Path.of(call.rest("an image").get(0));
        Path out = call.path("out");
        if (!out.toString().toLowerCase(Locale.ROOT).endsWith(".png")) {
            throw new UsageException("--out must end in .png, found '" + out.getFileName() + "'");
        }
        try (Zoo zoo = call.zoo()) {
            Output shown = AttentionMap.output(call.card(zoo, call.name()).network());
            ModelBuilder builder = call.model(zoo, call.name()).outputs(shown);
            RgbImage picture = ImageDecoder.decode(image, call.limits());
            try (Model model = builder.open()) {
                RgbImage drawn = new AttentionMap(model).of(List.of(picture)).get(0);
                ByteArrayOutputStream png = new ByteArrayOutputStream();
                ImageIO.write(drawn.toBufferedImage(), "png", png);
                AtomicFile.write(out, png.toByteArray());
            }
        }
        if (call.json()) {
            call.console().json(Console.mapper().createObjectNode().put("file", out.toString()));
        } else {
            call.console().out().println(out);
        }
        return Main.OK;
    }
}
