package io.mocozoo.convert.graph;

import io.mocozoo.onnx.Attribute;
import io.mocozoo.onnx.Initializer;
import io.mocozoo.onnx.Node;
import io.mocozoo.onnx.OnnxModel;
import io.mocozoo.onnx.ValueInfo;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Collects the nodes and weights of a graph; what no output needs falls away in the end. */
final class GraphBuilder {
    private final List<Node> nodes = new ArrayList<>();
    private final Map<String, Initializer> weights = new LinkedHashMap<>();
    private final List<ValueInfo> outputs = new ArrayList<>();
    private final Map<String, Integer> used = new HashMap<>();

    /** A name nothing else has; short ones stay readable in a viewer. */
    private String unique(String wish) {
        int count = used.merge(wish, 1, Integer::sum);
        return count == 1 ? wish : wish + "_" + count;
    }

    /** Adds an operation of ONNX's own. */
    String node(String operator, String wish, List<String> inputs, Map<String, Attribute> attributes) {
        return node("", operator, wish, inputs, attributes);
    }

    String node(String domain, String operator, String wish, List<String> inputs, Map<String, Attribute> attributes) {
        String name = unique(wish + "/" + operator); // a weight's key has no slash
        nodes.add(new Node(operator, domain, inputs, List.of(name), attributes));
        return name;
    }

    /** Adds the operation that gives an output of the graph, under just its name. */
    void output(String operator, String input, Map<String, Attribute> attributes, ValueInfo output) {
        nodes.add(new Node(operator, "", List.of(input), List.of(output.name()), attributes));
        outputs.add(output);
    }

    /** Adds an operation that gives several results. */
    List<String> split(String wish, String input, String sizes, int axis, int count) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            names.add(unique(wish + "/Split"));
        }
        nodes.add(new Node("Split", "", List.of(input, sizes), names, Map.of("axis", new Attribute.Int(axis))));
        return names;
    }

    /** Adds a weight once; the same name means the same weight. */
    String weight(Initializer weight) {
        weights.putIfAbsent(weight.name(), weight);
        return weight.name();
    }

    /** A small constant of whole numbers. */
    String shape(long... values) {
        return weight(Initializer.of("shape" + Arrays.toString(values).replace(" ", ""), values));
    }

    /** The graph of what the outputs need, nodes in their order. */
    OnnxModel build(String name, ValueInfo input, Map<String, Long> opsets, Map<String, String> metadata) {
        Map<String, Node> makers = new HashMap<>();
        nodes.forEach(n -> n.outputs().forEach(o -> makers.put(o, n)));
        Set<Node> needed = new HashSet<>();
        Set<String> names = new HashSet<>();
        Deque<String> open = new ArrayDeque<>();
        outputs.forEach(o -> open.add(o.name()));
        while (!open.isEmpty()) {
            String value = open.pop();
            Node maker = makers.get(value);
            if (names.add(value) && maker != null && needed.add(maker)) {
                open.addAll(maker.inputs());
            }
        }
        return new OnnxModel(
                name,
                List.of(input),
                outputs,
                nodes.stream().filter(needed::contains).toList(),
                weights.values().stream().filter(w -> names.contains(w.name())).toList(),
                opsets,
                metadata);
    }
}
