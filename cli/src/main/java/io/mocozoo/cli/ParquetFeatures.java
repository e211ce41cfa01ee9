package io.mocozoo.cli;

import io.mocozoo.evaluate.file.ParquetFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A column {@code file} of strings and a column {@code features} of lists of floats; other ranks are flattened. */
final class ParquetFeatures extends FeatureFile {
    private static final ParquetFile.Columns COLUMNS =
            new ParquetFile.Columns("file", Optional.empty(), "features", false);

    private final Path target;
    private @Nullable ParquetFile file; // its width shows with the first image
    private long rows;

    ParquetFeatures(Path target) {
        this.target = target;
    }

    @Override
    void append(String name, int[] shape, float[] values) throws IOException {
        if (file == null) {
            file = ParquetFile.create(target, COLUMNS, values.length, Map.of());
        }
        file.append(name, -1, values);
        rows++;
    }

    @Override
    long finish() throws IOException {
        if (file != null) {
            file.finish();
        }
        return rows;
    }

    @Override
    public void close() throws IOException {
        if (file != null) {
            file.close();
        }
    }
}
