package io.mocozoo.evaluate;

import io.mocozoo.checkpoint.Npy;
import io.mocozoo.evaluate.file.ParquetFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/** Vectors written image by image, in either format; the file appears whole when it is finished. For one thread. */
abstract class VectorFile implements AutoCloseable {
    /**
     * Begins a file.
     *
     * @param stem of its name; the format's word is the suffix
     * @param columns of Parquet
     * @param width numbers of each vector
     * @param notes in the footer of Parquet
     */
    static VectorFile create(
            Path folder,
            String stem,
            VectorFormat format,
            ParquetFile.Columns columns,
            int width,
            Map<String, String> notes)
            throws IOException {
        Path target = folder.resolve(stem + "." + format.word());
        return switch (format) {
            case NPY -> new NpyVectors(new Npy.Writer(target, width), width);
            case PARQUET -> new ParquetVectors(ParquetFile.create(target, columns, width, notes));
        };
    }

    /**
     * Appends an image.
     *
     * @param label negative for none
     * @param values empty for none
     */
    abstract void append(String name, int label, float[] values) throws IOException;

    /** Moves the file into place. */
    abstract void finish() throws IOException;

    @Override
    public abstract void close() throws IOException;

    /** Numbers that are none stand for what is missing, so that row i is that of image i. */
    private static final class NpyVectors extends VectorFile {
        private final Npy.Writer file;
        private final float[] missing;

        NpyVectors(Npy.Writer file, int width) {
            this.file = file;
            this.missing = new float[width];
            Arrays.fill(missing, Float.NaN);
        }

        @Override
        void append(String name, int label, float[] values) throws IOException {
            file.append(values.length == 0 ? missing : values);
        }

        @Override
        void finish() throws IOException {
            file.finish();
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }

    private static final class ParquetVectors extends VectorFile {
        private final ParquetFile file;

        ParquetVectors(ParquetFile file) {
            this.file = file;
        }

        @Override
        void append(String name, int label, float[] values) throws IOException {
            file.append(name, label, values);
        }

        @Override
        void finish() throws IOException {
            file.finish();
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
