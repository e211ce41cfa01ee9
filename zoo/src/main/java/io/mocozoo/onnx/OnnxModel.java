package io.mocozoo.onnx;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A graph with what a file says beside it.
 *
 * @param name of the graph
 * @param inputs fed by the caller
 * @param outputs given back
 * @param nodes in an order in which they can run
 * @param initializers weights
 * @param opsets version by operator domain; the empty domain is ONNX's own
 * @param metadata the file's own history, written in the order of its keys
 */
public record OnnxModel(
        String name,
        List<ValueInfo> inputs,
        List<ValueInfo> outputs,
        List<Node> nodes,
        List<Initializer> initializers,
        Map<String, Long> opsets,
        Map<String, String> metadata) {
    public OnnxModel {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        nodes = List.copyOf(nodes);
        initializers = List.copyOf(initializers);
        opsets = Collections.unmodifiableMap(new TreeMap<>(opsets));
        metadata = Collections.unmodifiableMap(new TreeMap<>(metadata));
    }

    /** Bytes of all weights. */
    public long weightBytes() {
        return initializers.stream().mapToLong(Initializer::byteCount).sum();
    }
}
