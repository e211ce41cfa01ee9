package io.mocozoo.onnx;

import java.util.Arrays;
import java.util.List;

/** A constant of a node. */
public sealed interface Attribute {
    /** An attribute of whole numbers. */
    static Attribute of(long... values) {
        return new Ints(Arrays.stream(values).boxed().toList());
    }

    /** One whole number. */
    record Int(long value) implements Attribute {}

    /** One single-precision number. */
    record Real(float value) implements Attribute {}

    /** A word. */
    record Text(String value) implements Attribute {}

    /** Whole numbers. */
    record Ints(List<Long> values) implements Attribute {
        public Ints {
            values = List.copyOf(values);
        }
    }
}
