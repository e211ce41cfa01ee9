package io.mocozoo.onnx;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Walks the messages; field numbers are those of {@code onnx.proto}. */
final class HeaderReader {
    private final Map<String, ValueInfo> inputs = new LinkedHashMap<>();
    private final List<ValueInfo> outputs = new ArrayList<>();
    private final Map<String, Long> opsets = new TreeMap<>();
    private final Set<String> domains = new TreeSet<>();
    private final Set<String> externalFiles = new TreeSet<>();
    private final Map<String, String> metadata = new TreeMap<>();
    private boolean hasGraph;

    private HeaderReader() {}

    /** Reads the header in a file's outermost message. */
    static OnnxHeader read(Wire model) throws OnnxFormatException {
        HeaderReader reader = new HeaderReader();
        reader.model(model);
        if (!reader.hasGraph) {
            throw model.problem("a graph", "none");
        }
        return reader.header();
    }

    private OnnxHeader header() {
        return new OnnxHeader(List.copyOf(inputs.values()), outputs, opsets, domains, externalFiles, metadata);
    }

    private void model(Wire model) throws OnnxFormatException {
        while (model.next()) {
            switch (model.field()) {
                case 7 -> {
                    hasGraph = true;
                    graph(model.message(), true);
                }
                case 8 -> opset(model.message());
                case 14 -> {
                    Map.Entry<String, String> entry = entry(model.message());
                    metadata.put(entry.getKey(), entry.getValue());
                }
                case 20 -> throw model.problem("an inference model", "training information");
                case 25 -> function(model.message());
                default -> {}
            }
        }
    }

    private void opset(Wire opset) throws OnnxFormatException {
        String domain = "";
        long version = 0;
        while (opset.next()) {
            if (opset.field() == 1) {
                domain = opset.text();
            } else if (opset.field() == 2) {
                version = opset.number();
            }
        }
        opsets.put(domain, version);
    }

    private void function(Wire function) throws OnnxFormatException {
        while (function.next()) {
            switch (function.field()) {
                case 7 -> node(function.message());
                case 9 -> opset(function.message());
                default -> {}
            }
        }
    }

    private void graph(Wire graph, boolean outermost) throws OnnxFormatException {
        Set<String> weights = new TreeSet<>();
        while (graph.next()) {
            switch (graph.field()) {
                case 1 -> node(graph.message());
                case 5 -> weights.add(tensor(graph.message()));
                case 11 -> {
                    ValueInfo input = valueInfo(graph.message());
                    if (outermost) {
                        inputs.put(input.name(), input);
                    }
                }
                case 12 -> {
                    ValueInfo output = valueInfo(graph.message());
                    if (outermost) {
                        outputs.add(output);
                    }
                }
                case 15 -> sparse(graph.message());
                default -> {}
            }
        }
        if (outermost) {
            inputs.keySet().removeAll(weights); // before IR version 4 weights were inputs too
        }
    }

    private void sparse(Wire sparse) throws OnnxFormatException {
        while (sparse.next()) {
            if (sparse.field() == 1 || sparse.field() == 2) {
                tensor(sparse.message());
            }
        }
    }

    private void node(Wire node) throws OnnxFormatException {
        String domain = "";
        while (node.next()) {
            if (node.field() == 7) {
                domain = node.text();
            } else if (node.field() == 5) {
                attribute(node.message());
            }
        }
        domains.add(domain);
    }

    private void attribute(Wire attribute) throws OnnxFormatException {
        while (attribute.next()) {
            switch (attribute.field()) {
                case 5, 10 -> tensor(attribute.message());
                case 6, 11 -> graph(attribute.message(), false);
                case 22, 23 -> sparse(attribute.message());
                default -> {}
            }
        }
    }

    private String tensor(Wire tensor) throws OnnxFormatException {
        String name = "";
        while (tensor.next()) {
            if (tensor.field() == 8) {
                name = tensor.text();
            } else if (tensor.field() == 13) {
                Map.Entry<String, String> entry = entry(tensor.message());
                if (entry.getKey().equals("location")) {
                    externalFiles.add(entry.getValue());
                }
            }
        }
        return name;
    }

    private static Map.Entry<String, String> entry(Wire entry) throws OnnxFormatException {
        String key = "";
        String value = "";
        while (entry.next()) {
            if (entry.field() == 1) {
                key = entry.text();
            } else if (entry.field() == 2) {
                value = entry.text();
            }
        }
        return Map.entry(key, value);
    }

    private static ValueInfo valueInfo(Wire info) throws OnnxFormatException {
        String name = "";
        int type = 0;
        List<String> dims = List.of();
        while (info.next()) {
            if (info.field() == 1) {
                name = info.text();
            } else if (info.field() == 2) {
                Wire any = info.message();
                while (any.next()) {
                    if (any.field() == 1) { // tensor_type
                        Wire tensor = any.message();
                        while (tensor.next()) {
                            if (tensor.field() == 1) {
                                type = (int) tensor.number();
                            } else if (tensor.field() == 2) {
                                dims = shape(tensor.message());
                            }
                        }
                    }
                }
            }
        }
        return new ValueInfo(name, type, dims);
    }

    private static List<String> shape(Wire shape) throws OnnxFormatException {
        List<String> dims = new ArrayList<>();
        while (shape.next()) {
            if (shape.field() == 1) {
                String dim = "";
                Wire one = shape.message();
                while (one.next()) {
                    dim = one.field() == 1 ? String.valueOf(one.number()) : one.field() == 2 ? one.text() : dim;
                }
                dims.add(dim);
            }
        }
        return dims;
    }
}
