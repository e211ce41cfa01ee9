package io.mocozoo.cli;

import com.opencsv.CSVWriter;
import io.mocozoo.checkpoint.Npy;
import io.mocozoo.store.AtomicFile;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Features written row by row, by the suffix of the file; it appears whole when it is finished. */
abstract class FeatureFile implements AutoCloseable {
    /** A file of the suffix's format. */
    static FeatureFile create(Path target) throws IOException, UsageException {
        String name = String.valueOf(target.getFileName());
        Path folder = target.toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        if (name.endsWith(".npy")) {
            return new NpyFile(target);
        } else if (name.endsWith(".csv")) {
            return new CsvFile(target);
        } else if (name.endsWith(".parquet")) {
            return new ParquetFile(target);
        }
        throw new UsageException("--out must end in .npy, .csv or .parquet, found '" + name + "'");
    }

    /** Appends one image's values, row-major, of a shape that never changes. */
    abstract void append(String file, int[] shape, float[] values) throws IOException;

    /** Moves the file into place; gives the number of rows. */
    abstract long finish() throws IOException;

    @Override
    public abstract void close() throws IOException;

    /** A float32 array [n, ...], with the names of the images in a text file beside it. */
    private static final class NpyFile extends FeatureFile {
        private final Path target;
        private final List<String> names = new ArrayList<>();
        private Npy.@Nullable Writer writer;

        NpyFile(Path target) {
            this.target = target;
        }

        @Override
        void append(String file, int[] shape, float[] values) throws IOException {
            if (writer == null) {
                writer = new Npy.Writer(target, shape);
            }
            writer.append(values);
            names.add(file);
        }

        @Override
        long finish() throws IOException {
            if (writer != null) {
                writer.finish();
                byte[] text = (String.join("\n", names) + "\n").getBytes(java.nio.charset.StandardCharsets.UTF_8);
                AtomicFile.write(target.resolveSibling(target.getFileName() + ".txt"), text);
            }
            return names.size();
        }

        @Override
        public void close() throws IOException {
            if (writer != null) {
                writer.close();
            }
        }
    }

    /** A column for the file's name and one a value: file, f0, f1, ... */
    private static final class CsvFile extends FeatureFile {
        private final Path target;
        private final Path part;
        private final BufferedWriter text;
        private final CSVWriter csv;
        private long rows;

        CsvFile(Path target) throws IOException {
            this.target = target;
            this.part = target.resolveSibling("." + target.getFileName() + ".part");
            this.text = Files.newBufferedWriter(part);
            this.csv = new CSVWriter(text);
        }

        @Override
        void append(String file, int[] shape, float[] values) {
            if (rows == 0) {
                String[] head = new String[values.length + 1];
                head[0] = "file";
                for (int i = 0; i < values.length; i++) {
                    head[i + 1] = "f" + i;
                }
                csv.writeNext(head, false);
            }
            String[] row = new String[values.length + 1];
            row[0] = file;
            for (int i = 0; i < values.length; i++) {
                row[i + 1] = Float.toString(values[i]);
            }
            csv.writeNext(row, false);
            rows++;
        }

        @Override
        long finish() throws IOException {
            csv.flush();
            if (csv.checkError()) {
                throw new IOException(target + " could not be written; is the disk full?");
            }
            csv.close();
            AtomicFile.move(part, target);
            return rows;
        }

        @Override
        public void close() throws IOException {
            text.close();
            Files.deleteIfExists(part);
        }
    }
}
