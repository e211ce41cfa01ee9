package io.mocozoo.evaluate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mocozoo.data.Dataset;
import io.mocozoo.evaluate.file.CsvFile;
import io.mocozoo.evaluate.file.JsonFiles;
import io.mocozoo.evaluate.file.ParquetFile;
import io.mocozoo.evaluate.metric.Scores;
import io.mocozoo.evaluate.metric.TemperatureFit;
import io.mocozoo.runtime.Model;
import io.mocozoo.runtime.Prediction;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The tables and figures of a finished run, derived from its blocks alone: the same blocks give the same bytes. */
final class ResultFiles {
    static final int TOP = 5;
    private static final String SCORES = "scores";

    private final Evaluation.Settings settings;
    private final Model model;
    private final Targets targets;
    private final BlockFile blocks;
    private final int[] evaluated;
    private final int classes;

    ResultFiles(Evaluation.Settings settings, Model model, Targets targets, BlockFile blocks) {
        this.settings = settings;
        this.model = model;
        this.targets = targets;
        this.blocks = blocks;
        this.evaluated = targets.evaluated();
        this.classes = evaluated.length;
    }

    /** Writes them all; metrics.json comes last but for examples.json, and is returned. */
    ObjectNode write() throws IOException {
        Path out = settings.out();
        Figures figures = new Figures(classes, settings.wanted(), settings.unreadable());
        Examples examples = new Examples();
        try (CsvFile predictions = CsvFile.create(out.resolve("predictions.csv"), heading());
                CsvFile failed = CsvFile.create(out.resolve("failed.csv"), "path", "label", "reason");
                Scored scores = scored()) {
            blocks.forEach((index, result) -> {
                int[] right = targets.of(index);
                String path = CsvFile.path(settings.data().name(index));
                if (!result.isReadable()) {
                    scores.append(index, right.length == 0 ? -1 : evaluated[right[0]], result);
                    figures.addUnreadable(right);
                    failed.row(path, labels(right), CsvFile.text(result.failure()));
                    predictions.row(unreadable(path, right));
                    return;
                }
                float[] probabilities = probabilities(result);
                int label = Figures.label(probabilities, right);
                scores.append(index, label < 0 ? -1 : evaluated[label], result);
                double loss = label < 0 ? 0 : loss(result, label);
                figures.add(probabilities, loss, right);
                examples.add(index, label, Scores.argmax(probabilities), probabilities);
                predictions.row(row(path, right, label, result.predLabel(), probabilities, loss));
            });
            predictions.finish();
            failed.finish();
            scores.finish();
        }
        ObjectNode metrics = metrics(figures);
        ClassFiles.write(out, figures, evaluated, targets.names());
        JsonFiles.write(out.resolve("examples.json"), examples.json(settings, model, evaluated, targets.names()));
        JsonFiles.write(out.resolve("metrics.json"), metrics);
        return metrics;
    }

    private Scored scored() throws IOException {
        return settings.scores().isEmpty()
                ? new Scored(settings.data(), Optional.empty())
                : new Scored(
                        settings.data(),
                        Optional.of(VectorFile.create(
                                settings.out(),
                                SCORES,
                                settings.scores().get(),
                                new ParquetFile.Columns(
                                        "path",
                                        Optional.of("label"),
                                        settings.flip() ? "probabilities" : "logits",
                                        true),
                                classes,
                                Map.of("classes", Arrays.toString(evaluated)))));
    }

    /** Every logit, if it is wanted: a row an image, so that row i is image i. */
    private record Scored(Dataset data, Optional<VectorFile> file) implements AutoCloseable {
        void append(int index, int label, ImageResult result) throws IOException {
            if (file.isPresent()) {
                file.get().append(data.name(index), label, result.values());
            }
        }

        void finish() throws IOException {
            if (file.isPresent()) {
                file.get().finish();
            }
        }

        @Override
        public void close() throws IOException {
            if (file.isPresent()) {
                file.get().close();
            }
        }
    }

    private float[] probabilities(ImageResult result) {
        return settings.flip() ? result.values() : Prediction.softmax(result.values());
    }

    private double loss(ImageResult result, int label) {
        return settings.flip()
                ? -Math.log(Math.max(result.values()[label], Float.MIN_VALUE))
                : Scores.loss(result.values(), label, 1);
    }

    /** Logits; of averaged probabilities their logarithms, which are logits of the same softmax. */
    private float[] logits(ImageResult result) {
        if (!settings.flip()) {
            return result.values();
        }
        float[] logits = result.values().clone();
        for (int i = 0; i < logits.length; i++) {
            logits[i] = (float) Math.log(Math.max(logits[i], Float.MIN_VALUE));
        }
        return logits;
    }

    private TemperatureFit.Source logits() {
        return receiver -> {
            long[] at = {0};
            blocks.forEach((index, result) -> {
                if (result.isReadable()) {
                    float[] logits = logits(result);
                    int label = Figures.label(logits, targets.of(index));
                    if (label >= 0) {
                        receiver.accept(at[0]++, logits, label);
                    }
                }
            });
        };
    }

    private ObjectNode metrics(Figures figures) throws IOException {
        ObjectNode json = JsonFiles.object();
        json.put("model", model.card().name());
        json.setAll(figures.json(targets.names(), logits()));
        for (JsonNode pair : json.path("mostConfused")) { // classes by their numbers in the model, as everywhere
            ObjectNode named = (ObjectNode) pair;
            named.put("label", evaluated[named.path("label").intValue()]);
            named.put("takenFor", evaluated[named.path("takenFor").intValue()]);
        }
        ArrayNode published = json.putArray("published");
        if (settings.labelMap().isEmpty()) { // else it is not the data set of any published figure
            model.card().results().forEach(r -> published
                    .addObject()
                    .put("dataset", r.dataset())
                    .put("metric", r.metric())
                    .put("value", r.value()));
        }
        return json;
    }

    private int top() {
        return Math.min(TOP, classes);
    }

    private String[] heading() {
        List<String> heading = new ArrayList<>(List.of("path", "label", "pred_label"));
        for (int k = 1; k <= top(); k++) {
            heading.add("pred_" + k);
        }
        for (int k = 1; k <= top(); k++) {
            heading.add("score_" + k);
        }
        heading.add("correct@1");
        if (classes >= TOP) {
            heading.add("correct@5");
        }
        heading.add("loss");
        return heading.toArray(String[]::new);
    }

    /** Right classes by their numbers in the model, a space between them. */
    private String labels(int[] right) {
        List<String> labels = new ArrayList<>();
        for (int label : right) {
            labels.add(Integer.toString(evaluated[label]));
        }
        return String.join(" ", labels);
    }

    private String[] row(String path, int[] right, int label, int predLabel, float[] scores, double loss) {
        List<String> row = new ArrayList<>(List.of(path, labels(right), Integer.toString(evaluated[predLabel])));
        int[] best = Scores.top(scores, top());
        for (int c : best) {
            row.add(Integer.toString(evaluated[c]));
        }
        for (int c : best) {
            row.add(Float.toString(scores[c]));
        }
        int rank = label < 0 || !(scores[label] > 0) ? Integer.MAX_VALUE : Scores.rank(scores, label);
        row.add(label < 0 ? "" : rank < 1 ? "1" : "0");
        if (classes >= TOP) {
            row.add(label < 0 ? "" : rank < TOP ? "1" : "0");
        }
        row.add(label < 0 ? "" : Double.toString(loss));
        return row.toArray(String[]::new);
    }

    private String[] unreadable(String path, int[] right) {
        String correct = settings.unreadable() == Unreadable.WRONG && right.length > 0 ? "0" : "";
        List<String> row = new ArrayList<>(List.of(path, labels(right), ""));
        for (int k = 0; k < 2 * top(); k++) {
            row.add("");
        }
        row.add(correct);
        if (classes >= TOP) {
            row.add(correct);
        }
        row.add("");
        return row.toArray(String[]::new);
    }
}
