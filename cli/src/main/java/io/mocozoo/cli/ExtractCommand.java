package io.mocozoo.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mocozoo.ModelBuilder;
import io.mocozoo.Zoo;
import io.mocozoo.data.Dataset;
import io.mocozoo.data.Datasets;
import io.mocozoo.evaluate.Extraction;
import io.mocozoo.evaluate.VectorFormat;
import io.mocozoo.network.Output;
import io.mocozoo.runtime.Model;
import io.mocozoo.runtime.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.apache.commons.cli.Options;

/** Features of images into a file. */
final class ExtractCommand implements Command {
    @Override
    public String name() {
        return "extract";
    }

    @Override
    public String arguments() {
        return "NAME IMAGE|DIR... --out F.npy|F.csv|F.parquet [--stage OUTPUT], or NAME --data ROOT --out DIR"
                + " [--format F] [--resume]";
    }

    @Override
    public String summary() {
        return "write the features of images, a row each in their order";
    }

    @Override
    public String example() {
        return "mocozoo extract mocov3_vit-base-p16_16xb256-amp-coslr-300e_in1k photos --out features.npy";
    }

    @Override
    public Options options() {
        return CommonOptions.sharing()
                .addOption(CommonOptions.value(
                        "out", "FILE", "what to write; .npy has the images' names beside it in FILE.txt"))
                .addOption(CommonOptions.value("data", "ROOT", "a whole data set into the folder --out, resumable"))
                .addOption(CommonOptions.value("split", "NAME", "which split of the data set (val)"))
                .addOption(CommonOptions.value("format", "F", "with --data: features as npy or parquet (npy)"))
                .addOption(CommonOptions.flag("resume", "with --data: go on with the run in DIR, if there is one"))
                .addOption(
                        CommonOptions.value("workers", "N", "with --data: threads that read and decode (one a core)"))
                .addOption(CommonOptions.value(
                        "stage", "OUTPUT", "which result: features, backbone, projection, tokens, ... (features)"));
    }

    @Override
    public int run(Invocation call) throws IOException, UsageException {
        Output stage;
        try {
            stage = Output.of(call.text("stage").orElse("features"));
        } catch (IllegalArgumentException e) {
            throw new UsageException("--stage: " + e.getMessage());
        }
        Path target = call.path("out");
        if (call.text("data").isPresent()) {
            call.atMost(1);
            return dataSet(call, stage, target);
        }
        for (String option : List.of("resume", "split", "workers", "format")) {
            if (call.has(option)) {
                throw new UsageException("--" + option + " goes with --data");
            }
        }
        FeatureFile.checkSuffix(target);
        List<Path> files = Images.of(call.rest("an image"));
        int batch = call.batch();
        List<Path> bad;
        long rows;
        try (Zoo zoo = call.zoo()) {
            ModelBuilder builder = builder(call, zoo, stage);
            try (Model model = builder.open();
                    FeatureFile out = FeatureFile.create(target)) {
                bad = Batches.forEach(files, batch, call.limits(), call.console(), name(), (some, images) -> {
                    Tensor features = model.extract(images, stage);
                    int[] shape = Arrays.copyOfRange(features.shape(), 1, features.rank());
                    for (int i = 0; i < some.size(); i++) {
                        out.append(
                                some.get(i).toString(), shape, features.row(i).toArray());
                    }
                });
                if (bad.size() == files.size()) {
                    throw new IOException("none of " + files.size() + " images could be read; nothing is written");
                }
                rows = out.finish();
            }
        }
        if (call.json()) {
            call.console()
                    .json(Console.mapper()
                            .createObjectNode()
                            .put("file", target.toString())
                            .put("rows", rows)
                            .put("unreadable", bad.size()));
        } else {
            call.console()
                    .out()
                    .println(target + ": " + rows + " rows"
                            + (bad.isEmpty() ? "" : ", " + bad.size() + " images could not be read"));
        }
        return bad.isEmpty() ? Main.OK : Main.FAILED;
    }

    /** The model with the stage among its outputs. */
    private static ModelBuilder builder(Invocation call, Zoo zoo, Output stage) throws IOException, UsageException {
        Set<Output> known = call.card(zoo, call.name()).network().outputs();
        if (!known.contains(stage)) {
            throw new UsageException("--stage: " + call.name() + " has no '" + stage.word() + "'; it has "
                    + known.stream().map(Output::word).toList());
        }
        ModelBuilder builder = call.model(zoo, call.name());
        Set<Output> outputs = new TreeSet<>(Set.of(stage));
        if (call.text("weights").filter(w -> ModelBuilder.isOnnx(Path.of(w))).isEmpty()) {
            // what is converted serves predict too; an ONNX file need not have more than is asked for
            outputs.addAll(call.card(zoo, call.name()).network().defaultOutputs());
        }
        return builder.outputs(outputs);
    }

    private static int dataSet(Invocation call, Output stage, Path out) throws IOException, UsageException {
        Path root = call.path("data");
        VectorFormat format = call.vectorFormat("format");
        try (Zoo zoo = call.zoo(call.devices().get(0))) {
            ModelBuilder builder = builder(call, zoo, stage);
            Dataset data = Datasets.open(root, call.text("split").orElse("val"));
            ObjectNode origin = Origin.of(call, builder);
            try (Sessions sessions = Sessions.open(
                            builder,
                            call.devices(),
                            call.whole("threads", 1, Invocation.MOST_THREADS, 0),
                            call.batch(),
                            call.limits());
                    Interrupt interrupt = new Interrupt()) {
                Extraction.Settings settings = new Extraction.Settings(
                        data,
                        out,
                        call.has("resume"),
                        stage,
                        format,
                        call.batch(),
                        call.whole(
                                "workers",
                                1,
                                Invocation.MOST_THREADS,
                                Runtime.getRuntime().availableProcessors()),
                        call.limits(),
                        call.console().imageProgress(),
                        interrupt);
                return report(
                        call,
                        out.resolve("features." + format.word()),
                        new Extraction(sessions.models(), origin, settings).run());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted; --resume goes on", e);
            }
        }
    }

    private static int report(Invocation call, Path file, Extraction.Outcome outcome) {
        if (!outcome.complete()) {
            call.console()
                    .err()
                    .printf(
                            Locale.ROOT,
                            "mocozoo extract: %,d of %,d images are done and kept; the same command with --resume goes"
                                    + " on%n",
                            outcome.done(),
                            outcome.total());
            return Main.FAILED;
        }
        int bad = outcome.total() - outcome.rows();
        if (call.json()) {
            call.console()
                    .json(Console.mapper()
                            .createObjectNode()
                            .put("folder", String.valueOf(file.getParent()))
                            .put("rows", outcome.rows())
                            .put("unreadable", bad));
        } else {
            call.console()
                    .out()
                    .printf(
                            Locale.ROOT,
                            "%s: %,d rows%s, %.1f images/s; %s%n",
                            file,
                            outcome.rows(),
                            bad == 0 ? "" : ", " + bad + " images could not be read, see failed.csv",
                            outcome.imagesPerSecond(),
                            outcome.advice());
        }
        return Main.OK; // as evaluate does: of many images some may be unreadable, and failed.csv lists them
    }
}
