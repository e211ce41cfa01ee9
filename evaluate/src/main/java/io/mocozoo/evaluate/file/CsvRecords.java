package io.mocozoo.evaluate.file;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The records of a CSV table one after the other, as RFC 4180 has them: a line, or several where a line break is in quotes,
 * which is kept as it is.
 */
final class CsvRecords implements AutoCloseable {
    private static final int LONGEST = 1 << 20;
    private static final int BYTE_ORDER_MARK = 0xFEFF;

    private final Path file;
    private final Reader text;
    private long line = 1; // that is being read
    private long last; // of the record that was given

    private CsvRecords(Path file, Reader text) {
        this.file = file;
        this.text = text;
    }

    /** Opens a table in UTF-8, with or without a byte order mark. */
    static CsvRecords open(Path file) throws IOException {
        BufferedReader text = Files.newBufferedReader(file);
        try {
            text.mark(1);
            if (text.read() != BYTE_ORDER_MARK) {
                text.reset();
            }
        } catch (IOException e) {
            text.close();
            throw e;
        }
        return new CsvRecords(file, text);
    }

    /**
     * The next record that is not blank, without its line break; null at the end.
     *
     * @throws RunException if quotes are not closed, or a record is of more than a million characters
     */
    @Nullable
    String next() throws IOException {
        for (String record; (record = record()) != null; ) {
            if (!record.isBlank()) {
                return record;
            }
        }
        return null;
    }

    private @Nullable String record() throws IOException {
        StringBuilder record = new StringBuilder();
        long first = line;
        boolean quoted = false;
        for (int c; (c = text.read()) >= 0; ) {
            if (c == '\n') {
                last = line++;
                if (!quoted) {
                    int length = record.length();
                    boolean returned = length > 0 && record.charAt(length - 1) == '\r';
                    return record.substring(0, returned ? length - 1 : length);
                }
            }
            quoted ^= c == '"'; // two in a row are one that is meant, and change nothing
            if (record.length() == LONGEST) {
                throw new RunException(file + ", line " + first + ": expected a record of at most " + LONGEST
                        + " characters, found a longer one; is a quote not closed?");
            }
            record.append((char) c);
        }
        if (quoted) {
            throw new RunException(
                    file + ", line " + first + ": expected a quote to be closed, found the end of the file");
        }
        last = line;
        return record.isEmpty() ? null : record.toString();
    }

    /** The line at which the record ended that was given last, from 1. */
    long line() {
        return last;
    }

    @Override
    public void close() throws IOException {
        text.close();
    }
}
