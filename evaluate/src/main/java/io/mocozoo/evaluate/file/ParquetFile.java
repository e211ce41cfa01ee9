package io.mocozoo.evaluate.file;

import io.mocozoo.store.AtomicFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.DelegatingPositionOutputStream;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;

/**
 * A table of images in Parquet, a row each: the name, perhaps a label, and a vector of numbers as a list of floats. Rows go
 * to the disk in groups of some 32 MiB (at least one row), so that memory does not grow with them. The file appears whole when it is
 * {@link #finish finished}; the same rows give the same bytes. For one thread.
 *
 * <p>Needs {@code org.apache.parquet:parquet-hadoop} and {@code org.apache.hadoop:hadoop-client-api} on the class path,
 * which this module does not bring along.
 *
 * @see <a href="https://parquet.apache.org/docs/file-format/">the format</a>
 */
public final class ParquetFile implements AutoCloseable {
    private static final int PAGE_BYTES = 1 << 20;
    private static final int GROUP_BYTES = 1 << 25;

    private final AtomicFile file;
    private final int width;
    private final ParquetWriter<ParquetRows.Row> writer;
    private final boolean missing;

    /**
     * What the columns are.
     *
     * @param name of the column of names, strings
     * @param label of the column of labels, int32 or null; none if empty
     * @param vector of the column of vectors, lists of floats
     * @param missing whether vectors may be null
     */
    public record Columns(String name, Optional<String> label, String vector, boolean missing) {}

    private ParquetFile(AtomicFile file, int width, boolean missing, ParquetWriter<ParquetRows.Row> writer) {
        this.file = file;
        this.width = width;
        this.missing = missing;
        this.writer = writer;
    }

    /**
     * Begins a file; folders on the way are made.
     *
     * @param width numbers of each vector, at least 1
     * @param notes keys and values kept in the file's footer
     * @throws IllegalArgumentException if the width is not positive
     */
    public static ParquetFile create(Path target, Columns columns, int width, Map<String, String> notes)
            throws IOException {
        if (width < 1) {
            throw new IllegalArgumentException("a vector must have at least 1 number, found " + width);
        }
        long rowBytes = (long) Float.BYTES * width;
        AtomicFile file = AtomicFile.create(target);
        try {
            return new ParquetFile(
                    file,
                    width,
                    columns.missing(),
                    new ParquetRows.Builder(new Target(file), columns, notes)
                            .withConf(new PlainParquetConfiguration())
                            .withCompressionCodec(CompressionCodecName.UNCOMPRESSED)
                            .withDictionaryEncoding(false) // names and features hardly ever repeat
                            .withPageRowCountLimit((int) Math.max(1, PAGE_BYTES / rowBytes))
                            .withRowGroupRowCountLimit((int) Math.max(1, GROUP_BYTES / rowBytes))
                            .build());
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /**
     * Appends a row.
     *
     * @param label negative for none
     * @param values copied; empty for none, where vectors may be missing
     * @throws IllegalArgumentException if the vector has another width
     */
    public void append(String name, int label, float[] values) throws IOException {
        if (values.length != width && !(missing && values.length == 0)) {
            throw new IllegalArgumentException("expected a vector of " + width + " numbers, found " + values.length);
        }
        writer.write(new ParquetRows.Row(name, label, values));
    }

    /** Writes the footer and moves the file into place; nothing can be appended afterwards. */
    public void finish() throws IOException {
        writer.close();
        ParquetFooter.sortEncodings(file);
        file.commit();
    }

    /** Throws the file away unless it is finished. Harmless when repeated. */
    @Override
    public void close() throws IOException {
        file.close();
    }

    /** Where the writer's bytes go; what it closes is closed by the file's owner. */
    private record Target(AtomicFile file) implements OutputFile {
        @Override
        public PositionOutputStream create(long blockBytes) {
            return new DelegatingPositionOutputStream(file.stream()) {
                @Override
                public long getPos() throws IOException {
                    return file.position();
                }
            };
        }

        @Override
        public PositionOutputStream createOrOverwrite(long blockBytes) {
            return create(blockBytes);
        }

        @Override
        public boolean supportsBlockSize() {
            return false;
        }

        @Override
        public long defaultBlockSize() {
            return 0;
        }
    }
}
