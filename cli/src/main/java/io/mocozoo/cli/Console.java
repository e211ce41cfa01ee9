package io.mocozoo.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.mocozoo.store.Progress;
import java.io.PrintStream;
import java.time.Duration;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * Where a command writes: results to out, everything else to err.
 *
 * @param out results; with {@code --json} nothing but JSON
 * @param err messages, warnings, progress
 * @param terminal whether a person watches err, so that bars may move
 */
record Console(PrintStream out, PrintStream err, boolean terminal) {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    void json(JsonNode node) {
        out.println(node.toPrettyString());
    }

    static ObjectMapper mapper() {
        return JSON;
    }

    /** Bars with speed and remaining time on a terminal; nothing elsewhere. */
    Progress progress(String unit, long unitSize) {
        if (!terminal) {
            return Progress.NONE;
        }
        return (what, total) -> {
            ProgressBar bar = new ProgressBarBuilder()
                    .setTaskName(what.length() > 40 ? "..." + what.substring(what.length() - 37) : what)
                    .setInitialMax(total)
                    .setUnit(unit, unitSize)
                    .showSpeed()
                    .setStyle(ProgressBarStyle.ASCII)
                    .setUpdateIntervalMillis((int) Duration.ofMillis(200).toMillis())
                    .setConsumer(new ConsoleProgressBarConsumer(err))
                    .clearDisplayOnFinish()
                    .build();
            return new Progress.Work() {
                @Override
                public void at(long done) {
                    bar.stepTo(done);
                }

                @Override
                public void close() {
                    bar.close();
                }
            };
        };
    }

    /** A bar on a terminal; elsewhere, for logs, a line every half minute with speed and remaining time. */
    Progress imageProgress() {
        return terminal ? progress(" images", 1) : (what, total) -> new LoggedProgress(err, what, total);
    }

    /** Bytes for people: 1.2 GB. */
    static String size(long bytes) {
        if (bytes < 1000) {
            return bytes + " B";
        }
        double value = bytes;
        int unit = -1;
        while (value >= 999.5 && unit < 4) {
            value /= 1000;
            unit++;
        }
        return String.format(java.util.Locale.ROOT, value < 10 ? "%.1f %sB" : "%.0f %sB", value, "kMGTP".charAt(unit));
    }
}
