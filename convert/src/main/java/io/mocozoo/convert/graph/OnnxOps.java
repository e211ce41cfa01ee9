package io.mocozoo.convert.graph;

import io.mocozoo.network.Ops;
import io.mocozoo.network.Output;
import io.mocozoo.onnx.Attribute;
import io.mocozoo.onnx.Initializer;
import io.mocozoo.onnx.Precision;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The layers as ONNX operators of opset 20, and ONNX Runtime's fused attention.
 *
 * <p>Every value has the batch as its first axis, of any size; images of any size are taken.
 */
final class OnnxOps implements Ops<Value> {
    static final String MICROSOFT = "com.microsoft";

    private final String scope;
    private final GraphBuilder graph;
    private final Weights weights;
    private final GraphStyle style;
    private final Precision precision;
    private final Set<Output> wanted;
    private final Map<Output, Value> results;

    OnnxOps(GraphBuilder graph, Weights weights, GraphStyle style, Precision precision, Set<Output> wanted) {
        this("", graph, weights, style, precision, wanted, new EnumMap<>(Output.class));
    }

    private OnnxOps(
            String scope,
            GraphBuilder graph,
            Weights weights,
            GraphStyle style,
            Precision precision,
            Set<Output> wanted,
            Map<Output, Value> results) {
        this.scope = scope;
        this.graph = graph;
        this.weights = weights;
        this.style = style;
        this.precision = precision;
        this.wanted = wanted;
        this.results = results;
    }

    /** What the network named, of what was wanted. */
    Map<Output, Value> results() {
        return results;
    }

    @Override
    public Ops<Value> at(String below) {
        return below(below);
    }

    private OnnxOps below(String key) {
        return new OnnxOps(scope + key + ".", graph, weights, style, precision, wanted, results);
    }

    @Override
    public boolean wants(Output name) {
        return wanted.contains(name);
    }

    @Override
    public Value output(Output name, Value x) {
        if (wanted.contains(name)) {
            results.put(name, x);
        }
        return x;
    }

    private Value emit(String operator, String wish, Value x, Map<String, Attribute> attributes, int rank) {
        return Value.named(graph.node(operator, scope + wish, List.of(x.name()), attributes), rank);
    }

    @Override
    public Value conv2d(String key, Value x, int in, int out, int kernel, int stride, int padding, boolean bias) {
        String name = scope + key;
        Map<String, Attribute> attributes = Map.of(
                "kernel_shape", Attribute.of(kernel, kernel),
                "strides", Attribute.of(stride, stride),
                "pads", Attribute.of(padding, padding, padding, padding));
        long[] dims = {out, in, kernel, kernel};
        return Value.open(
                4,
                new Value.Open(
                        name,
                        bias,
                        folded -> graph.node("Conv", name, inputs(x, name, bias, folded, dims), attributes)));
    }

    /** The inputs of an affine layer: what flows in, its weight, its bias if there is one. */
    private List<String> inputs(Value x, String name, boolean bias, @Nullable Folded folded, long... dims) {
        if (folded != null) {
            return List.of(
                    x.name(),
                    graph.weight(weights.made(name + ".weight", folded::weight, dims)),
                    graph.weight(weights.made(name + ".bias", folded::bias, dims[0])));
        }
        String weight = graph.weight(weights.asIs(name + ".weight", dims));
        return bias
                ? List.of(x.name(), weight, graph.weight(weights.asIs(name + ".bias", dims[0])))
                : List.of(x.name(), weight);
    }

    @Override
    public Value linear(String key, Value x, int in, int out, boolean bias) {
        String name = scope + key;
        if (x.rank() == 2) {
            return Value.open(
                    2,
                    new Value.Open(
                            name,
                            bias,
                            folded -> graph.node(
                                    "Gemm",
                                    name,
                                    inputs(x, name, bias, folded, out, in),
                                    Map.of("transB", new Attribute.Int(1)))));
        }
        String product = graph.node("MatMul", name, List.of(x.name(), transposed(name, in, out)), Map.of());
        if (!bias) {
            return Value.named(product, x.rank());
        }
        String added = graph.weight(weights.asIs(name + ".bias", out));
        return Value.named(graph.node("Add", name, List.of(product, added), Map.of()), x.rank());
    }

    @Override
    public Value linearMap(String key, Value x, int in, int out) {
        String name = scope + key;
        String last = graph.node(
                "Transpose",
                name + ".map",
                List.of(x.name()),
                Map.of("perm", Attribute.of(0, 2, 3, 1))); // [n, h, w, c]
        // Turned in the graph, which the session folds: the layer's own product takes the same weight as it is.
        String weight = graph.node(
                "Transpose",
                name + ".weight.T",
                List.of(graph.weight(weights.asIs(name + ".weight", out, in))),
                Map.of("perm", Attribute.of(1, 0)));
        String product = graph.node("MatMul", name + ".map", List.of(last, weight), Map.of());
        String bias = graph.weight(weights.asIs(name + ".bias", out));
        String added = graph.node("Add", name + ".map", List.of(product, bias), Map.of());
        return Value.named(
                graph.node("Transpose", name + ".map", List.of(added), Map.of("perm", Attribute.of(0, 3, 1, 2))), 4);
    }

    /** The weight [out, in] of a linear layer as the [in, out] a matrix product takes. */
    private String transposed(String name, int in, int out) {
        if (style == GraphStyle.PLAIN) {
            String weight = graph.weight(weights.asIs(name + ".weight", out, in));
            return graph.node("Transpose", name + ".weight.T", List.of(weight), Map.of("perm", Attribute.of(1, 0)));
        }
        return graph.weight(
                weights.made(name + ".weight", () -> weights.transposed(name + ".weight", out, in), in, out));
    }

    @Override
    public Value batchNorm(String key, Value x, int channels, boolean affine) {
        String name = scope + key;
        Value.Open layer = x.layer();
        if (style == GraphStyle.FUSED && layer != null) {
            Folded folded = new Folded(weights, layer.key(), layer.bias(), name, channels, affine);
            return Value.named(layer.emit().apply(folded), x.rank());
        }
        String gamma = affine
                ? graph.weight(weights.asIs(name + ".weight", channels))
                : graph.weight(weights.made(name + ".ones", () -> filled(channels, 1), channels));
        String beta = affine
                ? graph.weight(weights.asIs(name + ".bias", channels))
                : graph.weight(weights.made(name + ".zeros", () -> filled(channels, 0), channels));
        List<String> inputs = List.of(
                x.name(),
                gamma,
                beta,
                graph.weight(weights.asIs(name + ".running_mean", channels)),
                graph.weight(weights.asIs(name + ".running_var", channels)));
        Map<String, Attribute> attributes = Map.of("epsilon", new Attribute.Real((float) Folded.EPSILON));
        return Value.named(graph.node("BatchNormalization", name, inputs, attributes), x.rank());
    }

    private static float[] filled(int count, float value) {
        float[] all = new float[count];
        Arrays.fill(all, value);
        return all;
    }

    @Override
    public Value layerNorm(String key, Value x, int width, double epsilon) {
        String name = scope + key;
        String gamma = graph.weight(weights.asIs(name + ".weight", width));
        String beta = graph.weight(weights.asIs(name + ".bias", width));
        if (style == GraphStyle.FUSED) {
            Map<String, Attribute> attributes =
                    Map.of("axis", new Attribute.Int(-1), "epsilon", new Attribute.Real((float) epsilon));
            return Value.named(
                    graph.node("LayerNormalization", name, List.of(x.name(), gamma, beta), attributes), x.rank());
        }
        String mean = mean(name, x.name());
        String centred = graph.node("Sub", name, List.of(x.name(), mean), Map.of());
        String square = graph.node("Mul", name, List.of(centred, centred), Map.of());
        String variance =
                graph.node("Add", name, List.of(mean(name, square), scalar(name + ".epsilon", epsilon)), Map.of());
        String deviation = graph.node("Sqrt", name, List.of(variance), Map.of());
        String normed = graph.node("Div", name, List.of(centred, deviation), Map.of());
        String scaled = graph.node("Mul", name, List.of(normed, gamma), Map.of());
        return Value.named(graph.node("Add", name, List.of(scaled, beta), Map.of()), x.rank());
    }

    private String mean(String name, String x) {
        return graph.node("ReduceMean", name, List.of(x, graph.shape(-1)), Map.of());
    }

    private String scalar(String name, double value) {
        return graph.weight(weights.made(name, () -> new float[] {(float) value}));
    }

    @Override
    public Value selfAttention(String key, Value x, int width, int heads) {
        OnnxOps at = below(key);
        Value mixed =
                style == GraphStyle.FUSED ? at.fusedAttention(x, width, heads) : at.plainAttention(x, width, heads);
        return at.linear("proj", mixed, width, width, true);
    }

    private Value fusedAttention(Value x, int width, int heads) {
        List<String> inputs = List.of(
                x.name(),
                transposed(scope + "qkv", width, 3 * width),
                graph.weight(weights.asIs(scope + "qkv.bias", 3L * width)));
        Map<String, Attribute> attributes = Map.of("num_heads", new Attribute.Int(heads));
        return Value.named(graph.node(MICROSOFT, "Attention", scope + "attention", inputs, attributes), 3);
    }

    /** q, k and v by head, [n, heads, l, d / heads] each. */
    private List<String> heads(Value x, int width, int heads) {
        Value qkv = linear("qkv", x, width, 3 * width, true);
        String parted = graph.node(
                "Reshape", scope + "heads", List.of(qkv.name(), graph.shape(0, 0, 3, heads, width / heads)), Map.of());
        String turned =
                graph.node("Transpose", scope + "heads", List.of(parted), Map.of("perm", Attribute.of(2, 0, 3, 1, 4)));
        return graph.split(scope + "part", turned, graph.shape(1, 1, 1), 0, 3).stream()
                .map(part -> graph.node("Squeeze", scope + "part", List.of(part, graph.shape(0)), Map.of()))
                .toList();
    }

    /** softmax(q k^T / sqrt(d / heads)), [n, heads, rows of q, l]. */
    private String attend(String q, String k, int width, int heads) {
        String keys = graph.node("Transpose", scope + "keys", List.of(k), Map.of("perm", Attribute.of(0, 1, 3, 2)));
        String products = graph.node("MatMul", scope + "scores", List.of(q, keys), Map.of());
        String root = scalar(scope + "root", Math.sqrt(width / (double) heads));
        String scores = graph.node("Div", scope + "scores", List.of(products, root), Map.of());
        return graph.node("Softmax", scope + "weights", List.of(scores), Map.of("axis", new Attribute.Int(-1)));
    }

    private Value plainAttention(Value x, int width, int heads) {
        List<String> qkv = heads(x, width, heads);
        String attended = attend(qkv.get(0), qkv.get(1), width, heads);
        String mixed = graph.node("MatMul", scope + "mixed", List.of(attended, qkv.get(2)), Map.of());
        String turned =
                graph.node("Transpose", scope + "mixed", List.of(mixed), Map.of("perm", Attribute.of(0, 2, 1, 3)));
        return Value.named(
                graph.node("Reshape", scope + "mixed", List.of(turned, graph.shape(0, 0, width)), Map.of()), 3);
    }

    @Override
    public Value classAttention(String key, Value x, int width, int heads) {
        OnnxOps at = below(key);
        List<String> qkv = at.heads(x, width, heads);
        String first = graph.node(
                "Slice",
                at.scope + "class",
                List.of(qkv.get(0), graph.shape(0), graph.shape(1), graph.shape(2)),
                Map.of()); // [n, heads, 1, d / heads]
        String attended = at.attend(first, qkv.get(1), width, heads);
        return Value.named(graph.node("Squeeze", at.scope + "class", List.of(attended, graph.shape(2)), Map.of()), 3);
    }

    @Override
    public Value patchTokens(Value image, int width, int patch, int grid) {
        PatchTokens tokens = new PatchTokens(scope, graph, weights, precision);
        Value patches = below("patch_embed")
                .conv2d("projection", tokens.padded(image, patch), 3, width, patch, patch, 0, true); // [n, d, gh, gw]
        return tokens.placed(patches, width, grid);
    }

    @Override
    public Value relu(Value x) {
        return emit("Relu", "relu", x, Map.of(), x.rank());
    }

    @Override
    public Value gelu(Value x) {
        if (style == GraphStyle.FUSED) {
            return emit("Gelu", "gelu", x, Map.of(), x.rank());
        }
        String scaled =
                graph.node("Div", scope + "gelu", List.of(x.name(), scalar("gelu.root2", Math.sqrt(2))), Map.of());
        String erf = graph.node("Erf", scope + "gelu", List.of(scaled), Map.of());
        String sum = graph.node("Add", scope + "gelu", List.of(erf, scalar("gelu.one", 1)), Map.of());
        String half = graph.node("Mul", scope + "gelu", List.of(x.name(), scalar("gelu.half", 0.5)), Map.of());
        return Value.named(graph.node("Mul", scope + "gelu", List.of(half, sum), Map.of()), x.rank());
    }

    @Override
    public Value maxPool(Value x, int kernel, int stride, int padding) {
        Map<String, Attribute> attributes = Map.of(
                "kernel_shape", Attribute.of(kernel, kernel),
                "strides", Attribute.of(stride, stride),
                "pads", Attribute.of(padding, padding, padding, padding));
        return emit("MaxPool", "maxpool", x, attributes, 4);
    }

    @Override
    public Value globalAveragePool(Value x) {
        return emit("Flatten", "pool", emit("GlobalAveragePool", "pool", x, Map.of(), 4), Map.of(), 2);
    }

    @Override
    public Value token(Value x, int index) {
        String which = graph.weight(Initializer.scalar("token" + index, index));
        return Value.named(
                graph.node("Gather", scope + "token", List.of(x.name(), which), Map.of("axis", new Attribute.Int(1))),
                2);
    }

    @Override
    public Value residual(Value x, Value branch, double depth) {
        return Value.named(graph.node("Add", scope + "sum", List.of(x.name(), branch.name()), Map.of()), x.rank());
    }
}
