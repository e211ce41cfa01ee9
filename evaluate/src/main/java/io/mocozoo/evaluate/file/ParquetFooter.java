package io.mocozoo.evaluate.file;

import io.mocozoo.store.AtomicFile;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collections;
import java.util.Comparator;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.PageEncodingStats;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.Util;

/**
 * The end of a Parquet file: the footer, its length in four bytes, and PAR1.
 *
 * @see <a href="https://parquet.apache.org/docs/file-format/">the format</a>
 */
final class ParquetFooter {
    private static final int TAIL_BYTES = 8;

    private ParquetFooter() {}

    /**
     * Puts each column's encodings into the order of their numbers: the writer keeps them in sets whose order is another in
     * every process, and nothing depends on it. No byte moves.
     */
    static void sortEncodings(AtomicFile file) throws IOException {
        long end = file.position();
        ByteBuffer tail = file.read(end - TAIL_BYTES, TAIL_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        int length = tail.getInt();
        long start = end - TAIL_BYTES - length;
        byte[] footer = file.read(start, length).array();
        FileMetaData metadata = Util.readFileMetaData(new ByteArrayInputStream(footer));
        for (RowGroup group : metadata.getRow_groups()) {
            for (ColumnChunk column : group.getColumns()) {
                sort(column.getMeta_data());
            }
        }
        ByteArrayOutputStream sorted = new ByteArrayOutputStream(length);
        Util.writeFileMetaData(metadata, sorted);
        if (sorted.size() != length) {
            throw new IOException("the footer of " + length + " bytes has " + sorted.size()
                    + " when it is written again; expected as many");
        }
        file.rewrite(start, ByteBuffer.wrap(sorted.toByteArray()));
    }

    private static void sort(ColumnMetaData column) {
        Collections.sort(column.getEncodings());
        if (column.isSetEncoding_stats()) {
            column.getEncoding_stats()
                    .sort(Comparator.comparing(PageEncodingStats::getPage_type)
                            .thenComparing(PageEncodingStats::getEncoding));
        }
    }
}
