package io.mocozoo.evaluate;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mocozoo.evaluate.file.CsvFile;
import io.mocozoo.evaluate.file.JsonFiles;
import io.mocozoo.evaluate.file.RunException;
import io.mocozoo.evaluate.metric.Interval;
import io.mocozoo.evaluate.metric.McNemar;
import io.mocozoo.evaluate.report.ComparisonReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Two runs over the same images: which one is right where, and whether the difference is more than chance. */
public final class Comparison {
    private static final int RESAMPLES = 1000;

    private final Path first;
    private final Path second;

    /** Two folders of finished runs. */
    public Comparison(Path first, Path second) {
        this.first = first;
        this.second = second;
    }

    /** One image of a run. */
    private record Image(String path, String labels, boolean right, String predicted, boolean leftOut) {}

    /**
     * Writes compare.json, compare.csv (the images that were gained or lost) and compare.html into a folder.
     *
     * @return what compare.json holds
     * @throws RunException if the runs are not of the same images and labels
     */
    public ObjectNode write(Path out) throws IOException {
        List<Image> before = images(first);
        List<Image> after = images(second);
        checkSame(before, after);
        int counted = 0;
        long[] rights = new long[2];
        long gained = 0;
        long lost = 0;
        Map<String, long[]> classes = new TreeMap<>(); // label -> images, right before, right after, gained, lost
        try (CsvFile csv = CsvFile.create(
                out.resolve("compare.csv"), "path", "label", "change", "predicted_before", "predicted_after")) {
            for (int i = 0; i < before.size(); i++) {
                Image a = before.get(i);
                Image b = after.get(i);
                if (a.leftOut || b.leftOut) {
                    continue;
                }
                counted++;
                rights[0] += a.right ? 1 : 0;
                rights[1] += b.right ? 1 : 0;
                long[] counts = classes.computeIfAbsent(a.labels, l -> new long[5]);
                counts[0]++;
                counts[1] += a.right ? 1 : 0;
                counts[2] += b.right ? 1 : 0;
                if (a.right != b.right) {
                    gained += b.right ? 1 : 0;
                    lost += a.right ? 1 : 0;
                    counts[b.right ? 3 : 4]++;
                    csv.row(CsvFile.path(a.path), a.labels, b.right ? "gained" : "lost", a.predicted, b.predicted);
                }
            }
            csv.finish();
        }
        ObjectNode json = json(counted, rights, gained, lost, classes);
        JsonFiles.write(out.resolve("compare.json"), json);
        ComparisonReport.write(out);
        return json;
    }

    private static List<Image> images(Path run) throws IOException {
        Path table = run.resolve("predictions.csv");
        if (!Files.isRegularFile(table)) {
            throw new RunException(run + ": expected a finished run with predictions.csv, found none; finish it with"
                    + " evaluate --resume");
        }
        boolean leavesOut =
                metrics(run).path("unreadable").path("policy").asText().equals(Unreadable.LEAVE_OUT.word());
        List<Image> images = new ArrayList<>();
        PredictionTable.read(table, row -> {
            if (row.labels().length > 0) {
                images.add(new Image(
                        row.path(),
                        String.join(
                                " ",
                                Arrays.stream(row.labels())
                                        .mapToObj(Integer::toString)
                                        .toList()),
                        row.isRight(),
                        row.predicted().length == 0 ? "" : Integer.toString(row.predicted()[0]),
                        leavesOut && row.predicted().length == 0));
            }
        });
        return images;
    }

    private void checkSame(List<Image> before, List<Image> after) throws RunException {
        for (int i = 0; i < Math.min(before.size(), after.size()); i++) {
            Image a = before.get(i);
            Image b = after.get(i);
            if (!a.path.equals(b.path) || !a.labels.equals(b.labels)) {
                throw new RunException("the runs are of different images: image " + (i + 1) + " is " + a.path
                        + " (label " + a.labels + ") in " + first + " and " + b.path + " (label " + b.labels + ") in "
                        + second + "; evaluate both on the same data");
            }
        }
        if (before.size() != after.size()) {
            throw new RunException(first + " has " + before.size() + " labelled images, " + second + " has "
                    + after.size() + "; evaluate both on the same data");
        }
    }

    private ObjectNode json(int n, long[] rights, long gained, long lost, Map<String, long[]> classes)
            throws IOException {
        ObjectNode json = JsonFiles.object();
        json.put("before", model(first)).put("after", model(second)).put("images", n);
        ObjectNode top1 = json.putObject("top1");
        Figures.put(top1.putObject("before"), rights[0], n);
        Figures.put(top1.putObject("after"), rights[1], n);
        Interval interval =
                Interval.bootstrapOfDifference(gained, lost, n, RESAMPLES, 0).percent();
        json.putObject("difference")
                .put("percent", n == 0 ? 0 : 100.0 * (gained - lost) / n)
                .put("low", interval.low())
                .put("high", interval.high())
                .put("interval", "paired bootstrap, 95 %, " + RESAMPLES + " resamples, seed 0");
        json.put("gained", gained).put("lost", lost);
        json.putObject("mcNemar").put("p", McNemar.pValue(gained, lost)).put("test", "exact, two-sided");
        Map<String, String> names = names();
        ArrayNode each = json.putArray("classes");
        List<Map.Entry<String, long[]>> sorted = new ArrayList<>(classes.entrySet());
        sorted.sort(Comparator.comparingDouble(e -> (e.getValue()[3] - e.getValue()[4]) / (double) e.getValue()[0]));
        sorted.forEach(e -> each.addObject()
                .put("label", e.getKey())
                .put("name", names.getOrDefault(e.getKey(), e.getKey()))
                .put("images", e.getValue()[0])
                .put("before", e.getValue()[1])
                .put("after", e.getValue()[2])
                .put("gained", e.getValue()[3])
                .put("lost", e.getValue()[4]));
        return json;
    }

    private static ObjectNode metrics(Path run) throws IOException {
        Path file = run.resolve("metrics.json");
        return Files.exists(file) ? JsonFiles.read(file) : JsonFiles.object();
    }

    private static String model(Path run) throws IOException {
        String name = metrics(run).path("model").asText();
        return name.isEmpty() ? String.valueOf(run.getFileName()) : name + " (" + run.getFileName() + ")";
    }

    private Map<String, String> names() throws IOException {
        Map<String, String> names = new HashMap<>();
        Path table = second.resolve("per_class.csv");
        if (Files.exists(table)) {
            CsvFile.read(table, (line, row) -> {
                if (line > 1 && row.length > 1) {
                    names.put(row[0], row[1]);
                }
            });
        }
        return names;
    }
}
