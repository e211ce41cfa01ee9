package io.mocozoo.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.opencsv.CSVWriter;
import io.mocozoo.store.AtomicFile;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The rows of a benchmark, in the order they were measured. */
final class Measured {
    private final List<Row> rows = new ArrayList<>();

    /** One measured quantity: its median, and what a tenth of the runs were better and worse than. */
    private record Row(String what, String unit, double median, double best, double worst) {}

    /** Something timed. */
    @FunctionalInterface
    interface Work {
        void run() throws IOException;
    }

    /** Runs for a while after some rounds of warming up; the times of all rounds in seconds, sorted. */
    static List<Double> times(long budget, Work work) throws IOException {
        for (long end = System.nanoTime() + budget / 4; System.nanoTime() < end; ) {
            work.run();
        }
        List<Double> times = new ArrayList<>();
        for (long end = System.nanoTime() + budget; System.nanoTime() < end || times.size() < 5; ) {
            long start = System.nanoTime();
            work.run();
            times.add((System.nanoTime() - start) / 1e9);
        }
        Collections.sort(times);
        return times;
    }

    static double at(List<Double> sorted, double share) {
        return sorted.get((int) Math.round(share * (sorted.size() - 1)));
    }

    void add(String what, String unit, double median, double best, double worst) {
        rows.add(new Row(what, unit, median, best, worst));
    }

    /** Times in seconds, sorted. */
    void milliseconds(String what, List<Double> sorted) {
        add(what, "ms", 1e3 * at(sorted, 0.5), 1e3 * at(sorted, 0.1), 1e3 * at(sorted, 0.9));
    }

    /** Times in seconds of {@code count} images, sorted. */
    void perSecond(String what, int count, List<Double> sorted) {
        add(what, "images/s", count / at(sorted, 0.5), count / at(sorted, 0.1), count / at(sorted, 0.9));
    }

    /** What is the better the more there is of it, sorted. */
    void more(String what, String unit, List<Double> sorted) {
        add(what, unit, at(sorted, 0.5), at(sorted, 0.9), at(sorted, 0.1));
    }

    /** The medians by what was measured. */
    Map<String, Double> medians() {
        Map<String, Double> medians = new LinkedHashMap<>();
        rows.forEach(row -> medians.put(row.what, row.median));
        return medians;
    }

    void print(Invocation call) throws IOException {
        Optional<String> csv = call.text("csv");
        if (csv.isPresent()) {
            StringWriter text = new StringWriter();
            try (CSVWriter writer = new CSVWriter(text)) {
                writer.writeNext(new String[] {"what", "unit", "median", "best tenth", "worst tenth"}, false);
                rows.forEach(r -> writer.writeNext(
                        new String[] {r.what, r.unit, number(r.median), number(r.best), number(r.worst)}, false));
            }
            byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
            AtomicFile.write(Path.of(csv.get()), bytes);
        }
        if (call.json()) {
            ArrayNode all = Console.mapper().createArrayNode();
            rows.forEach(r -> all.addObject()
                    .put("what", r.what)
                    .put("unit", r.unit)
                    .put("median", r.median)
                    .put("best", r.best)
                    .put("worst", r.worst));
            call.console().json(all);
            return;
        }
        call.console().out().printf("%-56s %10s  %10s  %10s%n", "", "median", "best 10%", "worst 10%");
        rows.forEach(r -> call.console()
                .out()
                .printf(
                        "%-56s %10s  %10s  %10s  %s%n",
                        r.what, number(r.median), number(r.best), number(r.worst), r.unit));
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, Math.abs(value) < 100 ? "%.2f" : "%.0f", value);
    }
}
