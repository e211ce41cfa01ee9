package io.mocozoo.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A data set that is not laid out as expected: what was expected, what was found, where, and what to do. */
public final class DatasetException extends IOException {
    private static final long serialVersionUID = 1L;
    private static final int MOST_LISTED = 20;

    DatasetException(Path where, String expected, String found, String advice) {
        super(where + ": expected " + expected + "; found " + found + ". " + advice);
    }

    /** Several findings, one a line, up to a bound; the rest is counted. */
    static String listed(List<String> findings) {
        String all = String.join("\n  ", findings.subList(0, Math.min(MOST_LISTED, findings.size())));
        int more = findings.size() - MOST_LISTED;
        return findings.size() + " of them:\n  " + all + (more > 0 ? "\n  and " + more + " more\n" : "\n");
    }
}
