package io.mocozoo.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.cli.Options;

/** The whole work on what ships with the program, as a user would type it: no download, some seconds. */
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
        return "show the whole work on the embedded model and drawn pictures, command by command";
    }

    @Override
    public String example() {
        return "mocozoo demo";
    }

    @Override
    public Options options() {
        return CommonOptions.models();
    }

    /**
     * A folder in which one command after the other is run.
     *
     * @param call the demo's own
     * @param text where the commands and what they say go
     * @param given options of the demo that hold for commands with models
     * @param done with {@code --json}, what each command answered
     */
    private record Shown(Invocation call, PrintStream text, List<String> given, ArrayNode done) {
        /** A command that opens no model. */
        void step(String what, Object... words) throws IOException {
            step(what, List.of(), words);
        }

        /** A command about the embedded model. */
        void stepOfModel(String what, Object... words) throws IOException {
            step(what, given, words);
        }

        private void step(String what, List<String> options, Object... words) throws IOException {
            List<String> line = Stream.concat(Stream.of(words).map(Object::toString), options.stream())
                    .collect(Collectors.toCollection(ArrayList::new));
            String typed = "mocozoo " + line.stream().map(DemoCommand::quoted).collect(Collectors.joining(" "));
            text.printf("%n# %s%n$ %s%n", what, typed);
            ByteArrayOutputStream answer = new ByteArrayOutputStream();
            PrintStream out = call.json() ? new PrintStream(answer, true, StandardCharsets.UTF_8) : text;
            if (call.json()) {
                line.add("--json");
            }
            if (Main.run(out, call.console().err(), line.toArray(String[]::new)) != Main.OK) {
                throw new IOException("this step failed: " + typed);
            }
            if (call.json()) {
                done.addObject()
                        .put("command", typed)
                        .set("result", Console.mapper().readTree(answer.toByteArray()));
            }
        }
    }

    @Override
    public int run(Invocation call) throws IOException, UsageException {
        call.atMost(0);
        long start = System.nanoTime();
        PrintStream text = call.json() ? call.console().err() : call.console().out();
        ObjectNode json = Console.mapper().createObjectNode();
        Shown shown = new Shown(call, text, given(call), json.putArray("steps"));
        Path folder = call.cache().resolve("demo");
        Path pictures = folder.resolve("pictures");
        Path shapes = folder.resolve("shapes");
        Path first = folder.resolve("run1");
        Path second = folder.resolve("run2");
        Path learnt = folder.resolve("features").resolve("train");
        Path judged = folder.resolve("features").resolve("val");
        for (Path old : List.of(pictures, shapes, first, second, learnt, judged)) {
            delete(old);
        }
        unpack(pictures);
        text.println("The card of " + MODEL + " says where its checkpoint lies: inside this program.");
        shown.stepOfModel("the PyTorch checkpoint is read, checked and written as ONNX, once", "fetch", MODEL);
        shown.stepOfModel("classify pictures", "predict", MODEL, pictures, "--top", 2);
        shown.step("draw a data set", "shapes", shapes, "--train", 1000, "--val", 300);
        shown.stepOfModel("measure the classifier", "evaluate", MODEL, "--data", shapes, "--out", first);
        shown.stepOfModel(
                "again, with the mirrored crops", "evaluate", MODEL, "--data", shapes, "--out", second, "--tta");
        shown.step("is that better, or chance?", "compare", first, second);
        shown.stepOfModel("judge the encoder alone, by the nearest training images", "knn", MODEL, "--data", shapes);
        shown.stepOfModel("keep its features", "extract", MODEL, "--data", shapes, "--split", "train", "--out", learnt);
        shown.stepOfModel("those to measure with, too", "extract", MODEL, "--data", shapes, "--out", judged);
        shown.step("judge them by a linear classifier", "probe", "--train", learnt, "--val", judged);
        shown.step("draw the pages again, from the files of the runs", "report", first, second);
        List<Path> pages = List.of(first.resolve("report.html"), second.resolve("compare.html"));
        text.printf(
                Locale.ROOT,
                "%nDone in %.1f s. Open %s and %s in a browser.%n",
                (System.nanoTime() - start) / 1e9,
                pages.get(0),
                pages.get(1));
        if (call.json()) {
            ArrayNode open = json.putArray("pages");
            pages.forEach(page -> open.add(page.toString()));
            call.console().json(json);
        }
        return Main.OK;
    }

    private static List<String> given(Invocation call) {
        List<String> given = new ArrayList<>();
        call.texts("registry").forEach(file -> given.addAll(List.of("--registry", file)));
        call.text("cache").ifPresent(folder -> given.addAll(List.of("--cache", folder)));
        return given;
    }

    /** As a shell takes it for one word. */
    private static String quoted(String word) {
        return word.matches("[\\w./:=@%+,-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }

    private static void unpack(Path folder) throws IOException {
        Files.createDirectories(folder);
        for (String name : PICTURES) {
            try (InputStream in = Objects.requireNonNull(DemoCommand.class.getResourceAsStream("demo/" + name), name)) {
                Files.write(folder.resolve(name), in.readAllBytes());
            }
        }
    }

    private static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> below = Files.walk(folder)) {
                for (Path path : below.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
    }
}
