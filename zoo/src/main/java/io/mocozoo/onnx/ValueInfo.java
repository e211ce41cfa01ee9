package io.mocozoo.onnx;

import java.util.List;

/**
 * An input or output of a graph.
 *
 * @param name its name
 * @param elementType its {@code TensorProto.DataType} code
 * @param dims sizes: a number, or a symbol such as n; empty text for a size that is not said
 */
public record ValueInfo(String name, int elementType, List<String> dims) {
    public ValueInfo {
        dims = List.copyOf(dims);
    }

    /** Whether a size of {@link #dims} is a number. */
    public static boolean isFixed(String dim) {
        return !dim.isEmpty() && dim.chars().allMatch(Character::isDigit);
    }
}
