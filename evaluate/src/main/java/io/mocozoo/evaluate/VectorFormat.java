package io.mocozoo.evaluate;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** How the vectors of a whole data set are stored, one an image. */
public enum VectorFormat {
    /** NumPy's: an array [n, width] and nothing else; the images are in a table beside it. */
    NPY,
    /** Parquet: a table of name, label and vector. */
    PARQUET;

    /** The word that options and file names have. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The format of a word.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static VectorFormat of(String word) {
        return Arrays.stream(values())
                .filter(format -> format.word().equals(word))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("expected one of "
                        + List.of(values()).stream().map(VectorFormat::word).toList() + ", found '" + word + "'"));
    }
}
