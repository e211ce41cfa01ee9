package io.mocozoo.convert;

import io.mocozoo.CheckpointConverter.Difference;
import io.mocozoo.convert.graph.GraphStyle;
import io.mocozoo.convert.graph.NetworkGraph;
import io.mocozoo.image.Preprocessing;
import io.mocozoo.network.Output;
import io.mocozoo.onnx.GraphInput;
import io.mocozoo.onnx.OnnxModel;
import io.mocozoo.onnx.OnnxWriter;
import io.mocozoo.onnx.Precision;
import io.mocozoo.onnx.WeightsFile;
import io.mocozoo.runtime.Device;
import io.mocozoo.runtime.OnnxSession;
import io.mocozoo.runtime.Tensor;
import io.mocozoo.store.Trees;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;

/**
 * Runs a written file against a plain graph of the same weights: no fused operator, no folded norm, no optimiser. The
 * plain graph lives in a folder of its own until it has run; the two are never open at once.
 */
final class SelfCheck {
    /**
     * Beyond these relative distances a file is wrong, not rounded: rounding stays below 1e-5 in single precision; in half
     * precision it adds up over the layers, but other weights or another order of them end near 1.
     */
    private static final Map<Precision, Double> LARGEST = Map.of(Precision.FP32, 1e-3, Precision.FP16, 1e-1);

    private static final OnnxSession.Settings PLAIN = new OnnxSession.Settings(Device.CPU, 0, false);
    private static final OnnxSession.Settings USUAL = new OnnxSession.Settings(Device.CPU, 0, true);

    private final NetworkGraph graph;
    private final byte[] pixels;
    private final Tensor normalised;
    private final Map<Output, Tensor> expected;

    private SelfCheck(NetworkGraph graph, byte[] pixels, Tensor normalised, Map<Output, Tensor> expected) {
        this.graph = graph;
        this.pixels = pixels;
        this.normalised = normalised;
        this.expected = expected;
    }

    /** Runs the plain graph; needs room for the weights once more in the folder while it does. */
    static SelfCheck against(NetworkGraph graph, Path folder) throws IOException {
        int side = graph.preprocessing().crop();
        byte[] pixels = new byte[side * side * 3];
        new SplittableRandom(20210405).nextBytes(pixels);
        Tensor normalised = normalised(pixels, side, graph.preprocessing());
        NetworkGraph plain = new NetworkGraph(
                graph.network(),
                graph.weights(),
                graph.preprocessing(),
                graph.outputs(),
                GraphStyle.PLAIN,
                Precision.FP32);
        Path scratch = Files.createTempDirectory(folder, ".check");
        try {
            OnnxModel model = plain.build(GraphInput.TENSOR, Map.of());
            WeightsFile weights = WeightsFile.plan("weights.bin", model);
            weights.write(model.initializers(), scratch);
            Path file = scratch.resolve("plain.onnx");
            OnnxWriter.write(model, weights, file);
            return new SelfCheck(
                    graph, pixels, normalised, run(file, PLAIN, graph, GraphInput.TENSOR, normalised, pixels));
        } finally {
            Trees.delete(scratch);
        }
    }

    /** HWC bytes to [1, 3, side, side]. */
    private static Tensor normalised(byte[] pixels, int side, Preprocessing preprocessing) {
        float[] values = new float[pixels.length];
        int plane = side * side;
        for (int i = 0; i < plane; i++) {
            for (int c = 0; c < 3; c++) {
                values[c * plane + i] = preprocessing.normalise(c, pixels[3 * i + c] & 0xFF);
            }
        }
        return Tensor.of(values, 1, 3, side, side);
    }

    private static Map<Output, Tensor> run(
            Path file,
            OnnxSession.Settings settings,
            NetworkGraph graph,
            GraphInput input,
            Tensor normalised,
            byte[] pixels)
            throws IOException {
        List<String> names = graph.outputs().stream().map(Output::word).toList();
        int side = graph.preprocessing().crop();
        try (OnnxSession session = OnnxSession.open(file, settings)) {
            Map<String, Tensor> results = input == GraphInput.TENSOR
                    ? session.run(input.inputName(), normalised, names)
                    : session.run(
                            input.inputName(),
                            ByteBuffer.allocateDirect(pixels.length).put(pixels).flip(),
                            new int[] {1, side, side, 3},
                            names);
            Map<Output, Tensor> byOutput = new EnumMap<>(Output.class);
            results.forEach((name, value) -> byOutput.put(Output.of(name), value));
            return byOutput;
        }
    }

    /**
     * The differences of a file from the plain graph.
     *
     * @throws IOException if the file is further off than rounding explains
     */
    Map<Output, Difference> run(Path file, GraphInput input) throws IOException {
        Map<Output, Difference> differences = new EnumMap<>(Output.class);
        for (Map.Entry<Output, Tensor> found :
                run(file, USUAL, graph, input, normalised, pixels).entrySet()) {
            Output output = found.getKey();
            Difference difference = between(found.getValue(), Objects.requireNonNull(expected.get(output)));
            differences.put(output, difference);
            if (!isFinite(Objects.requireNonNull(expected.get(output)))) {
                throw new IOException("output " + output.word() + " of these weights is not finite, whatever the graph:"
                        + " the checkpoint holds NaN or infinity; train or fetch it again");
            }
            if (!Double.isFinite(difference.relativeL2())) {
                throw new IOException("output " + output.word() + " overflows in "
                        + graph.precision().word() + "; convert with --precision fp32");
            }
            double largest = Objects.requireNonNull(LARGEST.get(graph.precision()));
            if (!(difference.relativeL2() <= largest)) {
                throw new IOException(file + ": output " + output.word() + " is " + difference.relativeL2()
                        + " (relative L2) from a plain graph of the same weights, expected at most " + largest
                        + "; the file is wrong: please report this with the model's name");
            }
        }
        return differences;
    }

    private static boolean isFinite(Tensor tensor) {
        var values = tensor.buffer();
        while (values.hasRemaining()) {
            if (!Float.isFinite(values.get())) {
                return false;
            }
        }
        return true;
    }

    private static Difference between(Tensor found, Tensor expected) {
        double largest = 0;
        double apart = 0;
        double length = 0;
        var a = found.buffer();
        var b = expected.buffer();
        while (b.hasRemaining()) {
            double reference = b.get();
            double off = a.get() - reference;
            largest = Double.isNaN(off) ? off : Math.max(largest, Math.abs(off));
            apart += off * off;
            length += reference * reference;
        }
        return new Difference(largest, apart == 0 ? 0 : Math.sqrt(apart / length));
    }
}
