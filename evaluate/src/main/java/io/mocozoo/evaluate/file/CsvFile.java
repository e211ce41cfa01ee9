package io.mocozoo.evaluate.file;

import com.opencsv.CSVWriter;
import com.opencsv.ICSVParser;
import com.opencsv.RFC4180ParserBuilder;
import io.mocozoo.store.AtomicFile;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * A table written row by row, as RFC 4180 has it, with line feeds: UTF-8 without a byte order mark, fields in quotes
 * where they need them. It appears whole when it is finished. For one thread.
 */
public final class CsvFile implements AutoCloseable {
    private final Path target;
    private final AtomicFile file;
    private final CSVWriter csv;

    private CsvFile(Path target, AtomicFile file) {
        this.target = target;
        this.file = file;
        this.csv = new CSVWriter(
                new BufferedWriter(new OutputStreamWriter(file.stream(), StandardCharsets.UTF_8), 1 << 16));
    }

    /** Begins a table with a heading. */
    public static CsvFile create(Path target, String... heading) throws IOException {
        CsvFile csv = new CsvFile(target, AtomicFile.create(target));
        csv.row(heading);
        return csv;
    }

    /** Appends a row. */
    public void row(String... fields) {
        csv.writeNext(fields, false);
    }

    /** Moves the table into place. */
    public void finish() throws IOException {
        csv.flushQuietly();
        if (csv.checkError()) { // the writer keeps its failures to itself
            throw new IOException(target + " could not be written; is the disk full?");
        }
        file.commit();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    /** Takes one row. */
    @FunctionalInterface
    public interface Row {
        /** The line it ends at, counted from 1, and its fields. */
        void accept(long line, String[] fields) throws IOException;
    }

    /**
     * Goes through a table, its heading included; blank lines and a byte order mark are passed over.
     *
     * @throws RunException if it is no such table; names the line
     */
    public static void read(Path file, Row receiver) throws IOException {
        ICSVParser parser = new RFC4180ParserBuilder().build();
        try (CsvRecords records = CsvRecords.open(file)) {
            for (String record; (record = records.next()) != null; ) {
                receiver.accept(records.line(), parser.parseLine(record));
            }
        } catch (java.nio.charset.CharacterCodingException e) {
            throw new RunException(file + ": expected text in UTF-8, found other bytes; save it as UTF-8", e);
        }
    }

    /** A path that no spreadsheet takes for a formula: {@code =x.jpg} and {@code ./=x.jpg} are the same file. */
    public static String path(String name) {
        return isFormula(name) ? "./" + name : name;
    }

    /** The path that {@link #path} was given. */
    public static String name(String path) {
        return path.startsWith("./") && isFormula(path.substring(2)) ? path.substring(2) : path;
    }

    /** A text that no spreadsheet takes for a formula: an apostrophe goes before it. */
    public static String text(String text) {
        return isFormula(text) ? "'" + text : text;
    }

    private static boolean isFormula(String text) {
        return !text.isEmpty() && "=+-@\t\r".indexOf(text.charAt(0)) >= 0;
    }
}
