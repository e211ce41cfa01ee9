package io.mocozoo.convert;

import io.mocozoo.CheckpointConverter;
import io.mocozoo.checkpoint.KeyMap;
import io.mocozoo.checkpoint.StateDictCheck;
import io.mocozoo.checkpoint.StoredTensor;
import io.mocozoo.convert.graph.GraphStyle;
import io.mocozoo.convert.graph.NetworkGraph;
import io.mocozoo.network.Cost;
import io.mocozoo.network.Output;
import io.mocozoo.onnx.GraphInput;
import io.mocozoo.onnx.OnnxModel;
import io.mocozoo.onnx.OnnxWriter;
import io.mocozoo.onnx.WeightsFile;
import io.mocozoo.registry.ArchitectureJson;
import io.mocozoo.registry.CardJson;
import io.mocozoo.store.AtomicFile;
import io.mocozoo.store.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Writes ONNX files from state dicts. Stateless; safe for many threads. */
public final class Converter implements CheckpointConverter {
    private static final String WEIGHTS = "weights.bin";

    private final long maxInlineBytes;

    /** A converter; also made by {@link java.util.ServiceLoader}. */
    public Converter() {
        this(OnnxWriter.MAX_INLINE_BYTES);
    }

    /** A converter that puts more bytes of weights than these beside a file that stands alone. */
    Converter(long maxInlineBytes) {
        this.maxInlineBytes = maxInlineBytes;
    }

    @Override
    public Report convert(Path source, Map<String, StoredTensor> weights, Request request, Path folder)
            throws IOException {
        Checked checked = check(source, weights, request);
        List<Path> files = new ArrayList<>();
        OnnxModel tensor = checked.build(GraphInput.TENSOR);
        WeightsFile shared = WeightsFile.plan(WEIGHTS, tensor);
        shared.write(tensor.initializers(), folder);
        files.add(folder.resolve(WEIGHTS));
        for (GraphInput input : GraphInput.values()) {
            Path target = folder.resolve(CheckpointConverter.fileName(input));
            OnnxWriter.write(input == GraphInput.TENSOR ? tensor : checked.build(input), shared, target);
            files.add(target);
        }
        return checked.report(files, tensor.weightBytes(), folder, Set.of(GraphInput.values()));
    }

    /**
     * Writes one file that stands alone, or has its weights beside it under its own name with {@code .data} where
     * they do not fit inside.
     *
     * @param input what the graph is fed
     * @param target the file
     */
    public Report convert(
            Path source, Map<String, StoredTensor> weights, Request request, GraphInput input, Path target)
            throws IOException {
        Checked checked = check(source, weights, request);
        OnnxModel model = checked.build(input);
        Path folder = target.toAbsolutePath().getParent();
        if (folder == null || Files.isDirectory(target)) {
            throw new IOException(target + " is no place for a file");
        }
        Files.createDirectories(folder);
        Path scratch = Files.createTempDirectory(folder, ".convert");
        try {
            Path written = scratch.resolve(String.valueOf(target.getFileName()));
            List<Path> names = new ArrayList<>(List.of(written));
            if (model.weightBytes() > maxInlineBytes) {
                WeightsFile beside = WeightsFile.plan(target.getFileName() + ".data", model);
                beside.write(model.initializers(), scratch);
                names.add(0, scratch.resolve(beside.name()));
                OnnxWriter.write(model, beside, written);
            } else {
                OnnxWriter.write(model, written);
            }
            Report report = checked.report(List.of(written), model.weightBytes(), scratch, Set.of(input));
            List<Path> files = new ArrayList<>();
            for (Path name : names) { // checked: only now do they take the place of older ones
                files.add(folder.resolve(String.valueOf(name.getFileName())));
                AtomicFile.move(name, files.get(files.size() - 1));
            }
            return new Report(
                    report.layout(),
                    files,
                    report.opset(),
                    report.weightBytes(),
                    report.spareKeys(),
                    report.selfCheck(),
                    report.selfCheckSeconds());
        } finally {
            Trees.delete(scratch);
        }
    }

    private static Checked check(Path source, Map<String, StoredTensor> weights, Request request) throws IOException {
        int side = request.preprocessing().crop();
        Cost cost = Cost.of(request.network(), side, side);
        Map<String, StoredTensor> mapped =
                KeyMap.toMmpretrain(weights, cost.keys().keySet());
        Set<String> needed = cost.needed(request.outputs());
        List<String> spare = StateDictCheck.check(source, mapped, cost.keys(), needed);
        NetworkGraph graph = new NetworkGraph(
                request.network(),
                mapped,
                request.preprocessing(),
                request.outputs(),
                GraphStyle.FUSED,
                request.precision());
        return new Checked(request, graph, KeyMap.layout(weights.keySet()), spare);
    }

    /** A request whose weights fit. */
    private record Checked(Request request, NetworkGraph graph, String layout, List<String> spare) {
        OnnxModel build(GraphInput input) {
            Map<String, String> metadata = new TreeMap<>(request.origin());
            metadata.put("mocozoo.converter", VERSION);
            metadata.put(
                    "mocozoo.architecture",
                    ArchitectureJson.write(request.network()).toString());
            metadata.put(
                    "mocozoo.preprocessing",
                    CardJson.write(request.preprocessing()).toString());
            metadata.put("mocozoo.precision", request.precision().word());
            metadata.put("mocozoo.input", input.word());
            metadata.put("mocozoo.opset", String.valueOf(NetworkGraph.OPSET));
            return graph.build(input, metadata);
        }

        Report report(List<Path> files, long weightBytes, Path folder, Set<GraphInput> inputs) throws IOException {
            Map<GraphInput, Map<Output, Difference>> differences = new EnumMap<>(GraphInput.class);
            long start = System.nanoTime();
            SelfCheck check = SelfCheck.against(graph, folder);
            for (GraphInput input : inputs) {
                Path written = files.stream()
                        .filter(f -> inputs.size() == 1 || f.endsWith(CheckpointConverter.fileName(input)))
                        .findFirst()
                        .orElseThrow();
                differences.put(input, check.run(written, input));
            }
            return new Report(
                    layout,
                    files,
                    NetworkGraph.OPSET,
                    weightBytes,
                    spare,
                    differences,
                    (System.nanoTime() - start) / 1e9);
        }
    }
}
