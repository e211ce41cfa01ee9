package io.mocozoo.evaluate.file;

import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Types;
import org.jspecify.annotations.Nullable;

/** Hands rows to Parquet's writer number by number, with no object for each. */
final class ParquetRows extends WriteSupport<ParquetRows.Row> {
    private final ParquetFile.Columns columns;
    private final Map<String, String> notes;
    private final MessageType schema;
    private @Nullable RecordConsumer consumer;

    private ParquetRows(ParquetFile.Columns columns, Map<String, String> notes) {
        this.columns = columns;
        this.notes = Map.copyOf(notes);
        this.schema = schema(columns);
    }

    /** A row; the label is negative, or the vector empty, where there is none. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Row(String name, int label, float[] values) {}

    private static MessageType schema(ParquetFile.Columns columns) {
        Types.MessageTypeBuilder message = Types.buildMessage();
        message.required(PrimitiveTypeName.BINARY)
                .as(LogicalTypeAnnotation.stringType())
                .named(columns.name());
        columns.label()
                .ifPresent(label -> message.optional(PrimitiveTypeName.INT32).named(label));
        if (columns.missing()) {
            message.optionalList().requiredElement(PrimitiveTypeName.FLOAT).named(columns.vector());
        } else {
            message.requiredList().requiredElement(PrimitiveTypeName.FLOAT).named(columns.vector());
        }
        return message.named("images");
    }

    /** Parquet's writer of such rows. */
    static final class Builder extends ParquetWriter.Builder<Row, Builder> {
        private final ParquetRows rows;

        Builder(OutputFile file, ParquetFile.Columns columns, Map<String, String> notes) {
            super(file);
            this.rows = new ParquetRows(columns, notes);
        }

        @Override
        protected Builder self() {
            return this;
        }

        @Override
        @SuppressWarnings("deprecation") // abstract still
        protected WriteSupport<Row> getWriteSupport(@Nullable Configuration unused) {
            return rows;
        }

        @Override
        protected WriteSupport<Row> getWriteSupport(ParquetConfiguration unused) {
            return rows;
        }
    }

    @Override
    @SuppressWarnings("deprecation") // abstract still
    public WriteContext init(@Nullable Configuration unused) {
        return new WriteContext(schema, notes);
    }

    @Override
    public WriteContext init(ParquetConfiguration unused) {
        return new WriteContext(schema, notes);
    }

    @Override
    public void prepareForWrite(RecordConsumer to) {
        consumer = to;
    }

    @Override
    public void write(Row row) {
        RecordConsumer to = Optional.ofNullable(consumer).orElseThrow();
        to.startMessage();
        int column = 0;
        to.startField(columns.name(), column);
        to.addBinary(Binary.fromString(row.name));
        to.endField(columns.name(), column++);
        if (columns.label().isPresent()) {
            if (row.label >= 0) {
                to.startField(columns.label().get(), column);
                to.addInteger(row.label);
                to.endField(columns.label().get(), column);
            }
            column++;
        }
        if (row.values.length > 0) {
            to.startField(columns.vector(), column);
            to.startGroup();
            to.startField("list", 0);
            for (float value : row.values) {
                to.startGroup();
                to.startField("element", 0);
                to.addFloat(value);
                to.endField("element", 0);
                to.endGroup();
            }
            to.endField("list", 0);
            to.endGroup();
            to.endField(columns.vector(), column);
        }
        to.endMessage();
    }
}
