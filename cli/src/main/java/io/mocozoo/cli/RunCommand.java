package io.mocozoo.cli;

import io.mocozoo.ModelBuilder;
import io.mocozoo.Zoo;
import io.mocozoo.checkpoint.Npy;
import io.mocozoo.network.Output;
import io.mocozoo.registry.ModelCard;
import io.mocozoo.runtime.Model;
import io.mocozoo.runtime.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.apache.commons.cli.Options;

/** A raw tensor in, every named result out. */
final class RunCommand implements Command {
    @Override
    public String name() {
        return "run";
    }

    @Override
    public String arguments() {
        return "NAME --input X.npy --out DIR";
    }

    @Override
    public String summary() {
        return "feed a normalised float32 tensor [n, 3, h, w] and write every output as DIR/<output>.npy";
    }

    @Override
    public String example() {
        return "mocozoo run mocov3_resnet50_8xb512-amp-coslr-100e_in1k --input x.npy --out results";
    }

    @Override
    public Options options() {
        return CommonOptions.opening()
                .addOption(CommonOptions.value("input", "X.npy", "the tensor"))
                .addOption(CommonOptions.value("out", "DIR", "where results go"))
                .addOption(CommonOptions.value("outputs", "A,B,...", "results wanted (the default ones)"));
    }

    /** The outputs an option names, if it does; all of them such as the model's network can give. */
    static Optional<Set<Output>> outputs(Invocation call, ModelCard card) throws UsageException {
        Optional<String> text = call.text("outputs");
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            Set<Output> outputs = new TreeSet<>();
            for (String word : text.get().split(",")) {
                outputs.add(Output.of(word.strip()));
            }
            Set<Output> known = card.network().outputs();
            if (!known.containsAll(outputs)) {
                throw new UsageException("--outputs: expected some of "
                        + known.stream().map(Output::word).toList() + ", found "
                        + outputs.stream().map(Output::word).toList());
            }
            return Optional.of(outputs);
        } catch (IllegalArgumentException e) {
            throw new UsageException("--outputs: " + e.getMessage());
        }
    }

    @Override
    public int run(Invocation call) throws IOException, UsageException {
        call.atMost(1);
        String name = call.name();
        Path file = call.path("input");
        Path folder = call.path("out");
        Npy.Array array = Npy.read(file);
        int[] shape = array.shape().length == 3
                ? IntStream.concat(IntStream.of(1), IntStream.of(array.shape()))
                        .toArray() // what preprocess --npy writes
                : array.shape();
        if (shape.length != 4 || shape[0] < 1 || shape[1] != 3) {
            throw new IOException(
                    file + ": expected a tensor [n, 3, h, w] or [3, h, w], found " + Arrays.toString(array.shape()));
        }
        try (Zoo zoo = call.zoo()) {
            ModelBuilder builder = call.model(zoo, name);
            Optional<Set<Output>> wanted = outputs(call, call.card(zoo, name));
            wanted.ifPresent(builder::outputs);
            try (Model model = builder.open()) {
                Tensor input = Tensor.of(array.toFloats(), shape);
                Map<Output, Tensor> results = wanted.isPresent() ? model.run(input, wanted.get()) : model.run(input);
                Files.createDirectories(folder);
                var written = Console.mapper().createObjectNode();
                for (Map.Entry<Output, Tensor> result : results.entrySet()) {
                    Path target = folder.resolve(result.getKey().word() + ".npy");
                    Npy.write(
                            target, result.getValue().shape(), result.getValue().toArray());
                    written.put(result.getKey().word(), target.toString());
                    if (!call.json()) {
                        call.console()
                                .out()
                                .println(target + " "
                                        + Arrays.toString(result.getValue().shape()));
                    }
                }
                if (call.json()) {
                    call.console().json(written);
                }
            }
        }
        return Main.OK;
    }
}
