package io.mocozoo.cli;

import io.mocozoo.store.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroupFactory;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Types;

/** A column {@code file} of strings and a column {@code features} of lists of floats; other ranks are flattened. */
final class ParquetFile extends FeatureFile {
    private static final MessageType SCHEMA = Types.buildMessage()
            .required(PrimitiveTypeName.BINARY)
            .as(LogicalTypeAnnotation.stringType())
            .named("file")
            .requiredList()
            .requiredElement(PrimitiveTypeName.FLOAT)
            .named("features")
            .named("features");

    private final Path target;
    private final Path part;
    private final ParquetWriter<Group> writer;
    private final SimpleGroupFactory groups = new SimpleGroupFactory(SCHEMA);
    private long rows;

    ParquetFile(Path target) throws IOException {
        this.target = target;
        this.part = part(target);
        Files.deleteIfExists(part);
        this.writer = ExampleParquetWriter.builder(new LocalOutputFile(part))
                .withConf(new PlainParquetConfiguration())
                .withType(SCHEMA)
                .withCompressionCodec(CompressionCodecName.UNCOMPRESSED)
                .build();
    }

    @Override
    void append(String file, int[] shape, float[] values) throws IOException {
        Group row = groups.newGroup().append("file", file);
        Group features = row.addGroup("features");
        for (float value : values) {
            features.addGroup("list").append("element", value);
        }
        writer.write(row);
        rows++;
    }

    @Override
    long finish() throws IOException {
        writer.close();
        AtomicFile.move(part, target);
        return rows;
    }

    @Override
    public void close() throws IOException {
        writer.close();
        Files.deleteIfExists(part);
    }
}
