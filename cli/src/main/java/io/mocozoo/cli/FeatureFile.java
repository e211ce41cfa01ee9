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
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Features written row by row, by the suffix of the file; it appears whole when it is finished. */
abstract class FeatureFile implements AutoCloseable {
    private static String suffix(Path target) {
        String name = String.valueOf(target.getFileName()).toLowerCase(Locale.ROOT);
        return name.substring(name.lastIndexOf('.') + 1);
    }

    /** Refuses other suffixes before any work is done. */
    static void checkSuffix(Path target) throws UsageException {
        if (!List.of("npy", "csv", "parquet").contains(suffix(target))) {
            throw new UsageException("--out must end in .npy, .csv or .parquet, found '" + target.getFileName() + "'");
        }
    }

    /** A file of the suffix's format. */
    static FeatureFile create(Path target) throws IOException {
        Path folder = target.toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        if (Files.isDirectory(target)) {
            throw new IOException(target + " is a folder; name a file");
        }
        return switch (suffix(target)) {
            case "npy" -> new NpyFile(target);
            case "csv" -> new CsvFile(target);
            case "parquet" -> new ParquetFeatures(target);
            default -> throw new IllegalArgumentException("checked before: " + target);
        };
    }

    /** A name beside the target that no other process uses. */
    static Path part(Path target) {
        return target.resolveSibling(
                "." + target.getFileName() + "." + ProcessHandle.current().pid() + ".part");
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
            this.part = part(target);
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
