package io.mocozoo.cli;

import io.mocozoo.ModelBuilder;
import io.mocozoo.Zoo;
import io.mocozoo.network.Output;
import io.mocozoo.runtime.Model;
import io.mocozoo.runtime.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
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
        return "NAME IMAGE|DIR... --out F.npy|F.csv|F.parquet [--stage OUTPUT]";
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
        return CommonOptions.running()
                .addOption(CommonOptions.value(
                        "out", "FILE", "what to write; .npy has the images' names beside it in FILE.txt"))
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
        FeatureFile.checkSuffix(target);
        List<Path> files = Images.of(call.rest("an image"));
        int batch = call.batch();
        List<Path> bad;
        long rows;
        try (Zoo zoo = call.zoo()) {
            Set<Output> known = call.card(zoo, call.name()).network().outputs();
            if (!known.contains(stage)) {
                throw new UsageException("--stage: " + call.name() + " has no '" + stage.word() + "'; it has "
                        + known.stream().map(Output::word).toList());
            }
            ModelBuilder builder = call.model(zoo, call.name());
            Set<Output> outputs = new TreeSet<>(Set.of(stage));
            if (call.text("weights")
                    .filter(w -> ModelBuilder.isOnnx(Path.of(w)))
                    .isEmpty()) {
                // what is converted serves predict too; an ONNX file need not have more than is asked for
                outputs.addAll(call.card(zoo, call.name()).network().defaultOutputs());
            }
            builder.outputs(outputs);
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
}
