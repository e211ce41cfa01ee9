package io.mocozoo.cli;

import io.mocozoo.ModelBuilder;
import io.mocozoo.Zoo;
import io.mocozoo.evaluate.serve.ModelServer;
import io.mocozoo.image.ImageLimits;
import io.mocozoo.runtime.Model;
import java.io.IOException;
import java.nio.file.Path;
import org.apache.commons.cli.Options;

/** A model behind HTTP, until the process is asked to end. */
final class ServeCommand implements Command {
    private static final int MOST_BYTES = 32 << 20;
    private static final long MOST_PIXELS = 25_000_000;

    @Override
    public String name() {
        return "serve";
    }

    @Override
    public String arguments() {
        return "NAME [--port N]";
    }

    @Override
    public String summary() {
        return "answer images by HTTP with predictions and features; on loopback unless told otherwise";
    }

    @Override
    public String example() {
        return "mocozoo serve vit-base-p16_mocov3-pre_8xb64-coslr-150e_in1k --port 8080";
    }

    @Override
    public Options options() {
        return CommonOptions.running()
                .addOption(CommonOptions.value(
                        "max-pixels",
                        "N",
                        "refuse images with more pixels, before decoding them (" + MOST_PIXELS + ")"))
                .addOption(CommonOptions.value("host", "ADDRESS", "to listen on (127.0.0.1)"))
                .addOption(CommonOptions.value("port", "N", "to listen on; 0 for a free one (8080)"))
                .addOption(CommonOptions.flag(
                        "no-attention", "serve no attention, which takes a second graph in the cache and in memory"))
                .addOption(CommonOptions.value("labels", "FILE", "names of the classes, one a line"))
                .addOption(CommonOptions.value(
                        "batch", "N", "images run at once, at most (16; 1 for an .onnx file, which may depend on it)"))
                .addOption(CommonOptions.value("delay", "MS", "an image waits for others, at most (5)"))
                .addOption(CommonOptions.value(
                        "queue", "N", "images that may wait to be decoded or run; more are refused with 503 (64)"));
    }

    @Override
    public int run(Invocation call) throws IOException, UsageException {
        call.atMost(1);
        boolean onnx = call.text("weights")
                .filter(w -> ModelBuilder.isOnnx(Path.of(w)))
                .isPresent();
        int batch = call.has("batch") || !onnx ? call.batch() : 1;
        ModelServer.Settings settings = new ModelServer.Settings(
                call.text("host").orElse("127.0.0.1"),
                call.whole("port", 0, 65_535, 8080),
                batch,
                call.whole("delay", 0, 10_000, 5),
                call.whole("queue", 1, 1000, 64),
                new ImageLimits(call.whole("max-pixels", 1, MOST_PIXELS), MOST_BYTES));
        try (Zoo zoo = call.zoo();
                Model model = call.model(zoo, call.name()).open().warm();
                Looks looks = looks(call, zoo);
                ModelServer server = new ModelServer(model, looks.map(), settings);
                Interrupt interrupt = new Interrupt()) {
            String address = "http://" + settings.host() + ":" + server.port() + "/";
            if (call.json()) {
                call.console().json(Console.mapper().createObjectNode().put("address", address));
            } else {
                call.console().out().println(model.card().name() + ": " + address + " (Ctrl-C ends it)");
            }
            interrupt.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return Main.OK;
    }

    private static Looks looks(Invocation call, Zoo zoo) throws IOException, UsageException {
        return call.has("no-attention")
                ? Looks.none()
                : Looks.of(call, zoo, call.card(zoo, call.name()).preprocessing());
    }
}
