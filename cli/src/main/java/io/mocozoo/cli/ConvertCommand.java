package io.mocozoo.cli;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mocozoo.CheckpointConverter.Report;
import io.mocozoo.CheckpointConverter.Request;
import io.mocozoo.Zoo;
import io.mocozoo.checkpoint.Checkpoint;
import io.mocozoo.checkpoint.KeyMap;
import io.mocozoo.checkpoint.ReadLimits;
import io.mocozoo.checkpoint.Safetensors;
import io.mocozoo.checkpoint.StateDictCheck;
import io.mocozoo.checkpoint.StoredTensor;
import io.mocozoo.checkpoint.TorchZip;
import io.mocozoo.convert.Converter;
import io.mocozoo.network.Cost;
import io.mocozoo.network.Output;
import io.mocozoo.onnx.GraphInput;
import io.mocozoo.onnx.Precision;
import io.mocozoo.registry.CardJson;
import io.mocozoo.registry.ModelCard;
import io.mocozoo.store.AtomicFile;
import io.mocozoo.store.StoredFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.apache.commons.cli.Options;

/** A checkpoint to ONNX, safetensors or PyTorch. */
final class ConvertCommand implements Command {
    @Override
    public String name() {
        return "convert";
    }

    @Override
    public String arguments() {
        return "CHECKPOINT [--model NAME] --out F.onnx|F.safetensors|F.pth|F.pt";
    }

    @Override
    public String summary() {
        return "convert a PyTorch or safetensors checkpoint, by the suffix of --out";
    }

    @Override
    public String example() {
        return "mocozoo convert vit.pth --model vit-small-p16_mocov3-pre_8xb128-linear-coslr-90e_in1k --out vit.onnx";
    }

    @Override
    public Options options() {
        return CommonOptions.models()
                .addOption(CommonOptions.value(
                        "model",
                        "NAME",
                        "the model the weights are for; needed for .onnx, maps and checks keys elsewhere"))
                .addOption(CommonOptions.value("out", "FILE", "what to write"))
                .addOption(CommonOptions.value("precision", "P", "fp32 or fp16 (fp32)"))
                .addOption(CommonOptions.value(
                        "input",
                        "KIND",
                        "tensor: normalised float32 [n, 3, h, w]; pixels: uint8 [n, h, w, 3] (tensor)"))
                .addOption(CommonOptions.value("outputs", "A,B,...", "results of the graph (the model's default ones)"))
                .addOption(CommonOptions.flag(
                        "ema", "take ema_state_dict: in a training checkpoint the weights before averaging"))
                .addOption(CommonOptions.value("report", "F.json", "write what was done"));
    }

    @Override
    public int run(Invocation call) throws IOException, UsageException {
        call.atMost(1);
        if (call.words().isEmpty()) {
            throw new UsageException("the checkpoint is missing");
        }
        Path source = Path.of(call.words().get(0));
        Path target = call.path("out");
        String suffix = suffix(target);
        for (String option : List.of("precision", "input", "outputs")) {
            if (!suffix.equals("onnx") && call.has(option)) {
                throw new UsageException("--" + option + " is for ONNX files; a state dict is written as it is");
            }
        }
        if (suffix.equals("onnx") && call.text("model").isEmpty()) {
            throw new UsageException("--model is missing: an ONNX file needs the model's network");
        }
        if (call.text("report").isPresent() && Files.isDirectory(call.path("report"))) {
            throw new UsageException("--report names the folder " + call.path("report") + "; name a file");
        }
        if (call.text("report").isPresent() && same(target, call.path("report"))) {
            throw new UsageException("--out and --report name the same file " + target + "; name two");
        }
        GraphInput input = word(call, "input", GraphInput::of, GraphInput.TENSOR);
        Precision precision = word(call, "precision", Precision::of, Precision.FP32);
        long start = System.nanoTime();
        ObjectNode report = Console.mapper().createObjectNode();
        try (Zoo zoo = call.zoo()) {
            Optional<ModelCard> card = call.text("model").isPresent()
                    ? Optional.of(call.card(zoo, call.text("model").get()))
                    : Optional.empty();
            Set<Output> outputs = card.isPresent() && suffix.equals("onnx")
                    ? RunCommand.outputs(call, card.get())
                            .orElse(card.get().network().defaultOutputs())
                    : Set.of();
            StoredFile file = zoo.store().local(source);
            report.put("source", source.toString()).put("sha256", file.sha256());
            try (Checkpoint checkpoint = Checkpoint.open(source, ReadLimits.DEFAULT)) {
                Map<String, StoredTensor> weights = weights(checkpoint, call.has("ema"));
                report.put("format", checkpoint.format().toString()).put("tensors", weights.size());
                checkpoint.warnings().forEach(w -> call.console().err().println("warning: " + w));
                if (suffix.equals("onnx")) {
                    Map<String, String> origin = new TreeMap<>();
                    origin.put("mocozoo.model", card.orElseThrow().name());
                    origin.put("mocozoo.source", String.valueOf(file.path().getFileName()));
                    origin.put("mocozoo.source.sha256", file.sha256());
                    Request request =
                            new Request(card.get().network(), card.get().preprocessing(), outputs, precision, origin);
                    report.put("model", card.get().name());
                    onnx(call, new Converter().convert(source, weights, request, input, target), report);
                    report.put("precision", precision.word()).put("input", input.word());
                } else {
                    report.put("layout", KeyMap.layout(weights.keySet()));
                    stateDict(call, card, source, checkpoint, weights, suffix, target);
                }
            }
        }
        report.put("target", target.toString()).put("bytes", Files.size(target));
        report.put("seconds", Math.round((System.nanoTime() - start) / 1e6) / 1e3);
        finish(call, report);
        return Main.OK;
    }

    private static boolean same(Path one, Path other) {
        return one.toAbsolutePath().normalize().equals(other.toAbsolutePath().normalize());
    }

    /** What an option's word means, known before any work. */
    private static <T> T word(Invocation call, String option, Function<String, T> known, T otherwise)
            throws UsageException {
        Optional<String> text = call.text(option);
        try {
            return text.isPresent() ? known.apply(text.get()) : otherwise;
        } catch (IllegalArgumentException e) {
            throw new UsageException(String.valueOf(e.getMessage()));
        }
    }

    private static String suffix(Path target) throws UsageException {
        String name = String.valueOf(target.getFileName()).toLowerCase(Locale.ROOT);
        for (String suffix : List.of("onnx", "safetensors", "pth", "pt")) {
            if (name.endsWith("." + suffix)) {
                return suffix;
            }
        }
        throw new UsageException("--out must end in .onnx, .safetensors, .pth or .pt, found '" + name + "'");
    }

    private static Map<String, StoredTensor> weights(Checkpoint checkpoint, boolean ema) throws IOException {
        return ema
                ? checkpoint
                        .emaStateDict()
                        .orElseThrow(() -> new IOException(
                                checkpoint.file() + " has no ema_state_dict; it has " + checkpoint.topLevelKeys()))
                : checkpoint.stateDict();
    }

    private static void onnx(Invocation call, Report done, ObjectNode report) {
        report.put("layout", done.layout()).put("opset", done.opset()).put("weightBytes", done.weightBytes());
        var spare = report.putArray("spareKeys");
        done.spareKeys().forEach(spare::add);
        var check = report.putObject("selfCheck");
        done.selfCheck()
                .values()
                .forEach(m -> m.forEach((output, d) -> check.putObject(output.word())
                        .put("maxAbsolute", d.maxAbsolute())
                        .put("relativeL2", d.relativeL2())));
        report.put("selfCheckSeconds", Math.round(done.selfCheckSeconds() * 1e3) / 1e3);
        if (!done.spareKeys().isEmpty()) {
            call.console()
                    .err()
                    .println("warning: left out, the model has no such keys: "
                            + StateDictCheck.listed(done.spareKeys()));
        }
    }

    private static void stateDict(
            Invocation call,
            Optional<ModelCard> card,
            Path source,
            Checkpoint checkpoint,
            Map<String, StoredTensor> weights,
            String suffix,
            Path target)
            throws IOException {
        Map<String, StoredTensor> written = weights;
        if (card.isPresent()) {
            Cost cost = Cost.of(
                    card.get().network(),
                    card.get().preprocessing().crop(),
                    card.get().preprocessing().crop());
            written = KeyMap.toMmpretrain(weights, cost.keys().keySet());
            List<String> spare = StateDictCheck.check(source, written, cost.keys(), cost.needed());
            if (!spare.isEmpty()) {
                call.console()
                        .err()
                        .println("warning: kept, though the model has no such keys: " + StateDictCheck.listed(spare));
            }
        }
        if (suffix.equals("safetensors")) {
            Map<String, String> metadata = new TreeMap<>(checkpoint.metadata());
            if (checkpoint.classes().isPresent()) {
                metadata.put(
                        "classes",
                        Console.mapper()
                                .writer()
                                .without(SerializationFeature.INDENT_OUTPUT)
                                .writeValueAsString(checkpoint.classes().get()));
            }
            card.ifPresent(c -> metadata.put(
                    "architecture", CardJson.write(c).get("architecture").toString()));
            Safetensors.write(target, written, metadata);
        } else {
            TorchZip.write(target, written);
        }
    }

    private static void finish(Invocation call, ObjectNode report) throws IOException {
        Optional<String> file = call.text("report");
        if (file.isPresent()) {
            byte[] bytes = (report.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8);
            AtomicFile.write(Path.of(file.get()), bytes);
        }
        if (call.json()) {
            call.console().json(report);
            return;
        }
        List<String> words = new ArrayList<>();
        words.add(report.get("target").textValue() + ": "
                + Console.size(report.get("bytes").longValue()));
        words.add(report.get("layout").textValue() + " keys");
        if (report.has("selfCheck")) {
            double worst = 0;
            for (var one : report.get("selfCheck")) {
                worst = Math.max(worst, one.get("relativeL2").doubleValue());
            }
            words.add(String.format(Locale.ROOT, "self-check within %.1e (relative L2)", worst));
        }
        words.add(report.get("seconds").doubleValue() + " s");
        call.console().out().println(String.join(", ", words));
    }
}
