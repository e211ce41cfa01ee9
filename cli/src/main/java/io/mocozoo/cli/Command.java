package io.mocozoo.cli;

import java.io.IOException;
import org.apache.commons.cli.Options;

/** One word of the command line. */
interface Command {
    /** The word. */
    String name();

    /** What follows the word, such as {@code NAME IMAGE...}. */
    String arguments();

    /** What it does, in one line. */
    String summary();

    /** A line to copy. */
    String example();

    /** Its own options; the {@link CommonOptions common ones} are added. */
    default Options options() {
        return new Options();
    }

    /**
     * Does it.
     *
     * @return the exit code: 0 done, 1 failed in part
     * @throws UsageException if the line cannot be understood: exit code 2
     */
    int run(Invocation call) throws IOException, UsageException;
}
