package io.mocozoo.onnx;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One operation.
 *
 * @param operator its type, such as Conv
 * @param domain empty for ONNX's own operators
 * @param inputs names of values; an empty name leaves an optional input out
 * @param outputs names given to the results
 * @param attributes constants by name, written in the order of their names
 */
public record Node(
        String operator, String domain, List<String> inputs, List<String> outputs, Map<String, Attribute> attributes) {
    public Node {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        attributes = Collections.unmodifiableMap(new TreeMap<>(attributes));
    }
}
