package io.mocozoo.evaluate;

import io.mocozoo.evaluate.file.RunException;
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
     * Refuses to begin what could not be written at its end.
     *
     * @throws RunException if the class path lacks what writes the format
     */
    void check() throws RunException {
        check(VectorFormat.class.getClassLoader());
    }

    void check(ClassLoader loader) throws RunException {
        if (this == NPY) {
            return;
        }
        for (String name : List.of("org.apache.parquet.hadoop.ParquetWriter", "org.apache.hadoop.conf.Configuration")) {
            try {
                Class.forName(name, false, loader);
            } catch (ClassNotFoundException e) {
                throw new RunException(
                        "expected Parquet's writer on the class path, found no " + name
                                + "; add org.apache.parquet:parquet-hadoop and org.apache.hadoop:hadoop-client-api, or"
                                + " write .npy",
                        e);
            }
        }
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
