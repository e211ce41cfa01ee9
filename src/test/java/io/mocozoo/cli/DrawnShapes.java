package io.mocozoo.cli;

import static io.mocozoo.cli.Shell.done;
import static io.mocozoo.cli.Shell.mocozoo;

import io.mocozoo.cli.Shell.Result;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A small drawn data set, and what commands make of it with the embedded model.
 *
 * @param folder holds the pictures, the cache and what tests add
 */
record DrawnShapes(Path folder) {
    static final int TRAIN = 60;
    static final int VAL = 100;

    /** Draws them into a folder. */
    static DrawnShapes in(Path folder) {
        return in(folder, TRAIN, VAL);
    }

    /** Draws so many of them into a folder. */
    static DrawnShapes in(Path folder, int train, int val) {
        DrawnShapes drawn = new DrawnShapes(folder);
        done(mocozoo("shapes", drawn.data(), "--train", train, "--val", val));
        return drawn;
    }

    Path data() {
        return folder.resolve("shapes");
    }

    /** Runs a command on the CPU with a cache in the folder. */
    Result run(Object... words) {
        List<Object> all = new ArrayList<>(Arrays.asList(words));
        all.addAll(List.of("--cache", folder.resolve("cache"), "--device", "cpu"));
        return mocozoo(all.toArray());
    }

    Result evaluate(Path out, Object... more) {
        return onData("evaluate", out, more);
    }

    Result extract(String split, Path out, Object... more) {
        List<Object> words = new ArrayList<>(List.of("--split", split));
        words.addAll(Arrays.asList(more));
        return onData("extract", out, words.toArray());
    }

    private Result onData(String command, Path out, Object... more) {
        List<Object> words = new ArrayList<>(List.of(command, Embedded.MODEL, "--data", data(), "--out", out));
        words.addAll(Arrays.asList(more));
        return run(words.toArray());
    }
}
