package io.mocozoo.onnx;

import java.util.Arrays;
import java.util.Locale;

/** In which numbers a graph computes; inputs and outputs are single precision whatever it is. */
public enum Precision {
    /** Single precision: the reference. */
    FP32,
    /** Half-precision weights and arithmetic, for GPUs; a CPU only stores it so and is slower. */
    FP16;

    /** The name on the command line and in files. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The precision of that name; an unknown one is an {@link IllegalArgumentException}. */
    public static Precision of(String word) {
        return Arrays.stream(values())
                .filter(p -> p.word().equals(word))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("unknown precision '" + word + "'; expected one of "
                        + Arrays.stream(values()).map(Precision::word).toList()));
    }
}
