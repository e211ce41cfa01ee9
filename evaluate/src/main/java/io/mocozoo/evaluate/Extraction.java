package io.mocozoo.evaluate;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mocozoo.data.Dataset;
import io.mocozoo.evaluate.file.CsvFile;
import io.mocozoo.evaluate.file.JsonFiles;
import io.mocozoo.evaluate.file.ParquetFile;
import io.mocozoo.evaluate.file.RunException;
import io.mocozoo.image.ImageLimits;
import io.mocozoo.network.Output;
import io.mocozoo.registry.CardJson;
import io.mocozoo.runtime.Model;
import io.mocozoo.store.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * One result of a model for every image of a data set, kept: {@code features.npy} [n, width], or {@code features.parquet}
 * with the columns {@code file}, {@code label} (null without one) and {@code features}; {@code images.csv} that says which
 * image each row is of, {@code failed.csv}. Killed and resumed as an {@link Evaluation} is; a finished run resumed with
 * another format is written in that one too, from what it has stored.
 */
public final class Extraction {
    static final String FEATURES = "features";
    static final String IMAGES = "images.csv";

    private final List<Model> models;
    private final ObjectNode origin;
    private final Settings settings;

    /**
     * How to run.
     *
     * @param data images, with or without labels
     * @param out the run's folder
     * @param resume whether a run in that folder may go on
     * @param output which result
     * @param format how it is stored
     * @param batch images run at once, at least 1
     * @param workers threads that read and decode, at least 1
     * @param limits on images
     * @param progress told of images
     * @param stop asked often; true ends the run early, with everything done so far kept
     */
    public record Settings(
            Dataset data,
            Path out,
            boolean resume,
            Output output,
            VectorFormat format,
            int batch,
            int workers,
            ImageLimits limits,
            Progress progress,
            BooleanSupplier stop) {
        public Settings {
            if (batch < 1 || workers < 1) {
                throw new IllegalArgumentException(
                        "batch and workers must be at least 1, found " + batch + " and " + workers);
            }
        }
    }

    /**
     * How a run ended.
     *
     * @param complete whether every image is done; else only the blocks are there
     * @param done images done
     * @param total images in all
     * @param rows of features; fewer than images where some could not be read
     * @param imagesPerSecond of this run
     * @param advice what bounded it
     */
    public record Outcome(boolean complete, int done, int total, int rows, double imagesPerSecond, String advice) {}

    /** On one device, as {@link #Extraction(List, ObjectNode, Settings)} on several. */
    public Extraction(Model model, ObjectNode origin, Settings settings) {
        this(List.of(model), origin, settings);
    }

    /**
     * An extraction.
     *
     * @param models opened with the output that is wanted, from the same files; each gets a batch when it is free
     * @param origin where the model comes from: digests and versions, for provenance.json
     */
    public Extraction(List<Model> models, ObjectNode origin, Settings settings) {
        this.models = List.copyOf(models);
        this.origin = origin.deepCopy();
        this.settings = settings;
    }

    /**
     * Runs what is not done yet, then writes every file.
     *
     * @throws RunException if the folder holds another run, or one that was not asked to go on
     */
    public Outcome run() throws IOException, InterruptedException {
        settings.format().check();
        Path out = settings.out();
        Files.createDirectories(out);
        ObjectNode subject = subject();
        Subject.claim(out, Evaluation.BLOCKS, settings.resume(), subject);
        try (BlockFile blocks = BlockFile.open(out.resolve(Evaluation.BLOCKS), Subject.digest(subject))) {
            int before = (int) blocks.images();
            Work work = new Work(
                    "extract",
                    settings.data(),
                    settings.limits(),
                    settings.batch(),
                    settings.workers(),
                    settings.progress(),
                    settings.stop());
            Occupancy occupancy =
                    work.here(blocks, models, models.stream().map(this::session).toList());
            int done = (int) blocks.images();
            boolean complete = work.isDone(blocks);
            int rows = complete ? write(blocks) : 0;
            return new Outcome(
                    complete,
                    done,
                    settings.data().size(),
                    rows,
                    (done - before) / occupancy.seconds(),
                    occupancy.advice());
        }
    }

    private Pipeline.Session session(Model model) {
        return crops -> model.ofCrops(crops, settings.output()).stream()
                .map(values -> ImageResult.of(0, values))
                .toList();
    }

    private ObjectNode subject() {
        Model model = models.get(0);
        ObjectNode subject = JsonFiles.object();
        subject.put("model", model.card().name());
        subject.setAll(origin);
        subject.put("output", settings.output().word());
        subject.set("preprocessing", CardJson.write(model.card().preprocessing()));
        subject.putObject("images")
                .put("count", settings.data().size())
                .put("sha256", Subject.listDigest(settings.data()))
                .put("maxPixels", settings.limits().maxPixels())
                .put("maxBytes", settings.limits().maxBytes());
        return subject;
    }

    private int write(BlockFile blocks) throws IOException {
        Dataset data = settings.data();
        List<VectorFile> features = new ArrayList<>(1); // its width shows with the first image
        int[] rows = {0};
        try (CsvFile images = CsvFile.create(settings.out().resolve(IMAGES), "path", "label", "row");
                CsvFile failed = CsvFile.create(settings.out().resolve("failed.csv"), "path", "label", "reason")) {
            blocks.forEach((index, result) -> {
                String path = CsvFile.path(data.name(index));
                String label = data.label(index) < 0 ? "" : Integer.toString(data.label(index));
                if (!result.isReadable()) {
                    failed.row(path, label, CsvFile.text(result.failure()));
                    images.row(path, label, "");
                    return;
                }
                if (features.isEmpty()) {
                    features.add(file(result.values().length));
                }
                features.get(0).append(data.name(index), data.label(index), result.values());
                images.row(path, label, Integer.toString(rows[0]++));
            });
            failed.finish();
            if (features.isEmpty()) {
                throw new RunException("none of " + data.size() + " images could be read; the reasons are in "
                        + settings.out().resolve("failed.csv"));
            }
            features.get(0).finish();
            images.finish();
        } finally {
            for (VectorFile file : features) {
                file.close();
            }
        }
        return rows[0];
    }

    private VectorFile file(int width) throws IOException {
        return VectorFile.create(
                settings.out(),
                FEATURES,
                settings.format(),
                new ParquetFile.Columns("file", Optional.of("label"), FEATURES, false),
                width,
                Map.of());
    }
}
