package io.mocozoo.convert.graph;

import io.mocozoo.checkpoint.StoredTensor;
import io.mocozoo.image.Preprocessing;
import io.mocozoo.network.Cost;
import io.mocozoo.network.Network;
import io.mocozoo.network.Output;
import io.mocozoo.onnx.Attribute;
import io.mocozoo.onnx.ElementType;
import io.mocozoo.onnx.GraphInput;
import io.mocozoo.onnx.Initializer;
import io.mocozoo.onnx.OnnxModel;
import io.mocozoo.onnx.Precision;
import io.mocozoo.onnx.ValueInfo;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * A network with weights as an ONNX model.
 *
 * @param network its layers
 * @param weights by mmpretrain's keys, checked before
 * @param preprocessing for the normalisation inside a graph of pixels
 * @param outputs results wanted, in the order of {@link Output}
 * @param style how layers become operators
 * @param precision of weights and arithmetic
 */
public record NetworkGraph(
        Network network,
        Map<String, StoredTensor> weights,
        Preprocessing preprocessing,
        Set<Output> outputs,
        GraphStyle style,
        Precision precision) {
    /** ONNX's operator set. */
    public static final long OPSET = 20;

    /** The model for one kind of input; metadata goes into the file as it is. */
    public OnnxModel build(GraphInput input, Map<String, String> metadata) {
        GraphBuilder graph = new GraphBuilder();
        Value image = input == GraphInput.TENSOR
                ? Value.named(input.inputName(), 4)
                : Value.named(normalised(graph, input.inputName()), 4);
        if (precision == Precision.FP16) {
            image = Value.named(cast(graph, image.name(), ElementType.FLOAT16, "half"), 4);
        }
        OnnxOps ops = new OnnxOps(graph, new Weights(weights, precision), style, precision, outputs);
        network.forward(ops, image);
        Map<Output, List<String>> shapes = outputShapes();
        ops.results().forEach((output, value) -> {
            ValueInfo info =
                    new ValueInfo(output.word(), ElementType.FLOAT.code(), Objects.requireNonNull(shapes.get(output)));
            if (precision == Precision.FP16) {
                graph.output("Cast", value.name(), Map.of("to", new Attribute.Int(ElementType.FLOAT.code())), info);
            } else {
                graph.output("Identity", value.name(), Map.of(), info);
            }
        });
        Map<String, Long> opsets =
                style == GraphStyle.FUSED ? Map.of("", OPSET, OnnxOps.MICROSOFT, 1L) : Map.of("", OPSET);
        return graph.build("mocozoo", inputInfo(input), opsets, metadata);
    }

    private static ValueInfo inputInfo(GraphInput input) {
        return input == GraphInput.TENSOR
                ? new ValueInfo(input.inputName(), ElementType.FLOAT.code(), List.of("n", "3", "h", "w"))
                : new ValueInfo(input.inputName(), ElementType.UINT8.code(), List.of("n", "h", "w", "3"));
    }

    private static String cast(GraphBuilder graph, String x, ElementType type, String wish) {
        return graph.node("Cast", wish, List.of(x), Map.of("to", new Attribute.Int(type.code())));
    }

    /** (v - mean) / std in single precision by true division, as the reference does; [n, h, w, 3] to [n, 3, h, w]. */
    private String normalised(GraphBuilder graph, String pixels) {
        String values = cast(graph, pixels, ElementType.FLOAT, "values");
        String mean = graph.weight(Initializer.of("mean", List.of(3L), triple(preprocessing.mean())));
        String std = graph.weight(Initializer.of("std", List.of(3L), triple(preprocessing.std())));
        String centred = graph.node("Sub", "centred", List.of(values, mean), Map.of());
        String scaled = graph.node("Div", "normalised", List.of(centred, std), Map.of());
        return graph.node("Transpose", "normalised", List.of(scaled), Map.of("perm", Attribute.of(0, 3, 1, 2)));
    }

    private static float[] triple(List<Double> values) {
        return new float[] {
            values.get(0).floatValue(),
            values.get(1).floatValue(),
            values.get(2).floatValue()
        };
    }

    /** Shapes of the outputs: what changes when the image does is left open. */
    private Map<Output, List<String>> outputShapes() {
        int side = preprocessing.crop();
        Map<Output, List<Integer>> small = Cost.of(network, side, side).shapes();
        Map<Output, List<Integer>> large = Cost.of(network, 2 * side, 2 * side).shapes();
        Map<Output, List<String>> shapes = new EnumMap<>(Output.class);
        small.forEach((output, sizes) -> {
            List<Integer> others = Objects.requireNonNull(large.get(output));
            List<String> dims = new ArrayList<>(List.of("n"));
            for (int i = 0; i < sizes.size(); i++) {
                dims.add(sizes.get(i).equals(others.get(i)) ? String.valueOf(sizes.get(i)) : "");
            }
            shapes.put(output, dims);
        });
        return shapes;
    }
}
