package io.mocozoo.train.torch;

import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** In what products of matrices are computed; weights, norms, softmax and losses stay in single precision. */
public enum Precision {
    FP32(6),
    BF16(15),
    FP16(5);

    private final int code;

    Precision(int code) {
        this.code = code;
    }

    /** PyTorch's number of the type. */
    int code() {
        return code;
    }

    /** What the names of functions end in. */
    String suffix() {
        return this == FP32 ? "" : "_" + word();
    }

    /** The word that recipes use. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The precision of a word.
     *
     * @throws IllegalArgumentException if there is none; names those there are
     */
    public static Precision of(String word) {
        return Stream.of(values())
                .filter(known -> known.word().equals(word))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("precision must be "
                        + Stream.of(values()).map(Precision::word).collect(Collectors.joining(" or ")) + ", found "
                        + word));
    }
}
