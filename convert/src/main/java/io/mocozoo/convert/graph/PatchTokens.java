package io.mocozoo.convert.graph;

import io.mocozoo.onnx.Attribute;
import io.mocozoo.onnx.ElementType;
import io.mocozoo.onnx.Precision;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** How an image of any size becomes the tokens of a vision transformer: padding, positions, class token. */
final class PatchTokens {
    private final String scope;
    private final GraphBuilder graph;
    private final Weights weights;
    private final Precision precision;

    PatchTokens(String scope, GraphBuilder graph, Weights weights, Precision precision) {
        this.scope = scope;
        this.graph = graph;
        this.weights = weights;
        this.precision = precision;
    }

    /** Zeros right and below up to a multiple of the patch. */
    Value padded(Value image, int patch) {
        String size = shapeOf(image.name(), 2, 4);
        String negative = graph.node("Neg", scope + "size", List.of(size), Map.of());
        String missing = graph.node("Mod", scope + "missing", List.of(negative, graph.shape(patch)), Map.of());
        String pads = graph.node(
                "Concat",
                scope + "pads",
                List.of(graph.shape(0, 0, 0, 0, 0, 0), missing),
                Map.of("axis", new Attribute.Int(0)));
        return Value.named(graph.node("Pad", scope + "padded", List.of(image.name(), pads), Map.of()), 4);
    }

    /** Patches [n, d, gh, gw] as tokens [n, 1 + gh * gw, d] with their positions, the class token first. */
    Value placed(Value patches, int width, int grid) {
        String size = shapeOf(patches.name(), 2, 4);
        String table = graph.weight(
                weights.single(scope + "pos_embed", () -> patchPositions(width, grid), 1, width, grid, grid));
        String positions = resized(table, width, size);
        String placed = graph.node("Add", scope + "placed", List.of(patches.name(), positions), Map.of());
        String flat = graph.node("Reshape", scope + "placed", List.of(placed, graph.shape(0, width, -1)), Map.of());
        String tokens = graph.node("Transpose", scope + "placed", List.of(flat), Map.of("perm", Attribute.of(0, 2, 1)));
        String first = graph.weight(weights.made(scope + "cls_token", () -> classToken(width), 1, 1, width));
        String batch = graph.node(
                "Concat",
                scope + "batch",
                List.of(shapeOf(patches.name(), 0, 1), graph.shape(1, 1)),
                Map.of("axis", new Attribute.Int(0)));
        String firsts = graph.node("Expand", scope + "cls_token", List.of(first, batch), Map.of());
        return Value.named(
                graph.node("Concat", scope + "tokens", List.of(firsts, tokens), Map.of("axis", new Attribute.Int(1))),
                3);
    }

    private String shapeOf(String x, int from, int to) {
        return graph.node(
                "Shape",
                scope + "size",
                List.of(x),
                Map.of("start", new Attribute.Int(from), "end", new Attribute.Int(to)));
    }

    /**
     * Positions for a grid of another size: bicubic with a = -0.75, corners not aligned, edges repeated, no
     * antialiasing. The resize runs in single precision and gives the table itself where the size is the same.
     */
    private String resized(String table, int width, String size) {
        String sizes = graph.node(
                "Concat", scope + "grid", List.of(graph.shape(1, width), size), Map.of("axis", new Attribute.Int(0)));
        String positions = graph.node(
                "Resize",
                scope + "positions",
                List.of(table, "", "", sizes),
                Map.of(
                        "mode", new Attribute.Text("cubic"),
                        "cubic_coeff_a", new Attribute.Real(-0.75f),
                        "coordinate_transformation_mode", new Attribute.Text("half_pixel")));
        return precision == Precision.FP32
                ? positions
                : graph.node(
                        "Cast",
                        scope + "positions",
                        List.of(positions),
                        Map.of("to", new Attribute.Int(ElementType.FLOAT16.code())));
    }

    /** Rows 1.. of the position embedding as a map [d, grid, grid]. */
    private float[] patchPositions(int width, int grid) throws IOException {
        float[] rows = weights.floats(scope + "pos_embed");
        int cells = grid * grid;
        float[] map = new float[width * cells];
        for (int cell = 0; cell < cells; cell++) {
            for (int d = 0; d < width; d++) {
                map[d * cells + cell] = rows[(cell + 1) * width + d];
            }
        }
        return map;
    }

    /** The class token with its position already added. */
    private float[] classToken(int width) throws IOException {
        float[] token = weights.floats(scope + "cls_token");
        float[] rows = weights.floats(scope + "pos_embed");
        for (int d = 0; d < width; d++) {
            token[d] += rows[d];
        }
        return token;
    }
}
