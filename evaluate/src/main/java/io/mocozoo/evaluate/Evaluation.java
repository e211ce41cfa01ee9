package io.mocozoo.evaluate;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mocozoo.data.Dataset;
import io.mocozoo.evaluate.file.JsonFiles;
import io.mocozoo.evaluate.file.RunException;
import io.mocozoo.evaluate.metric.Scores;
import io.mocozoo.evaluate.report.EvaluationReport;
import io.mocozoo.image.ImageDecoder;
import io.mocozoo.image.ImageLimits;
import io.mocozoo.image.RgbImage;
import io.mocozoo.network.Output;
import io.mocozoo.registry.CardJson;
import io.mocozoo.runtime.Model;
import io.mocozoo.runtime.Prediction;
import io.mocozoo.store.Progress;
import io.mocozoo.store.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;

/**
 * A classifier over a data set. Results go into checked blocks in the run's folder as they come; a run that was cut short
 * goes on after the last whole block, and ends with the same bytes in every file but run.json as one that never was.
 */
public final class Evaluation {
    static final String BLOCKS = "results.blocks";
    static final String RUN = "run.json";

    private final Model model;
    private final ObjectNode origin;
    private final Settings settings;
    private final Halving halving;

    /**
     * How to run.
     *
     * @param data labelled images
     * @param out the run's folder
     * @param resume whether a run in that folder may go on
     * @param batch images run at once, at least 1; halved when memory runs out
     * @param workers threads that read and decode, at least 1
     * @param limits on images
     * @param flip test-time augmentation: the mean of the probabilities of the mirrored and the plain crop
     * @param unreadable what becomes of images that cannot be read
     * @param labelMap a file that says which classes labels stand for
     * @param metrics which figures; empty for the usual ones
     * @param scores whether to write scores.npy
     * @param command what to note as the command, in run.json
     * @param attention draws where the model looks in the report's examples
     * @param progress told of images
     * @param stop asked often; true ends the run early, with everything done so far kept
     */
    public record Settings(
            Dataset data,
            Path out,
            boolean resume,
            int batch,
            int workers,
            ImageLimits limits,
            boolean flip,
            Unreadable unreadable,
            Optional<Path> labelMap,
            Set<Figure> metrics,
            boolean scores,
            String command,
            Optional<AttentionMap> attention,
            Progress progress,
            BooleanSupplier stop) {
        public Settings {
            if (batch < 1 || workers < 1) {
                throw new IllegalArgumentException(
                        "batch and workers must be at least 1, found " + batch + " and " + workers);
            }
            metrics = metrics.isEmpty() ? Figure.USUAL : Set.copyOf(new TreeSet<>(metrics));
        }
    }

    /**
     * How a run ended.
     *
     * @param complete whether every image is done; else only the blocks are there
     * @param done images done
     * @param total images in all
     * @param seconds this run took
     * @param imagesPerSecond of this run
     * @param advice what bounded it
     * @param metrics what metrics.json holds; empty unless complete
     */
    public record Outcome(
            boolean complete,
            int done,
            int total,
            double seconds,
            double imagesPerSecond,
            String advice,
            ObjectNode metrics) {}

    /**
     * An evaluation.
     *
     * @param model a classifier; its batch is at least that of the settings
     * @param origin where the model comes from: digests and versions, for provenance.json
     */
    public Evaluation(Model model, ObjectNode origin, Settings settings) {
        this.model = model;
        this.origin = origin.deepCopy();
        this.settings = settings;
        this.halving = new Halving(settings.batch());
    }

    /**
     * Runs what is not done yet, then writes every file.
     *
     * @throws RunException if the folder holds another run, or one that was not asked to go on
     */
    public Outcome run() throws IOException, InterruptedException {
        if (!model.card().network().outputs().contains(Output.LOGITS)) {
            throw new RunException(model.card().name() + " is a pretraining model without classes; judge its features"
                    + " with knn, or evaluate a classifier on the same encoder");
        }
        LabelMap map = settings.labelMap().isPresent()
                ? LabelMap.read(settings.labelMap().get())
                : LabelMap.NONE;
        Targets targets = Targets.of(settings.data(), model.labels(), classes(), map);
        Files.createDirectories(settings.out());
        ObjectNode subject = subject(targets);
        Subject.claim(settings.out(), BLOCKS, settings.resume(), subject);
        try (BlockFile blocks = BlockFile.open(settings.out().resolve(BLOCKS), Subject.digest(subject))) {
            int before = (int) blocks.images();
            model.warm();
            ImageDecoder.isNative(); // loads what decodes: neither belongs into the stages' times
            Occupancy occupancy = new Occupancy(settings.workers());
            work(blocks, targets, occupancy);
            occupancy.stop();
            int done = (int) blocks.images();
            double seconds = occupancy.seconds();
            boolean complete = done == settings.data().size();
            ObjectNode metrics = JsonFiles.object();
            if (complete) {
                metrics = new ResultFiles(settings, model, targets, blocks).write();
            }
            Outcome outcome = new Outcome(
                    complete,
                    done,
                    settings.data().size(),
                    seconds,
                    (done - before) / seconds,
                    occupancy.advice(),
                    metrics);
            JsonFiles.write(settings.out().resolve(RUN), run(outcome, before, occupancy));
            if (complete) {
                EvaluationReport.write(settings.out());
            }
            return outcome;
        }
    }

    private int classes() {
        return model.card().network() instanceof io.mocozoo.network.Classifier classifier ? classifier.classes() : 0;
    }

    private ObjectNode subject(Targets targets) {
        ObjectNode subject = JsonFiles.object();
        subject.put("model", model.card().name());
        subject.setAll(origin);
        subject.set("preprocessing", CardJson.write(model.card().preprocessing()));
        subject.put("testTimeAugmentation", settings.flip() ? "horizontal flip" : "none");
        subject.putObject("images")
                .put("count", settings.data().size())
                .put("sha256", Subject.listDigest(settings.data()))
                .put("maxPixels", settings.limits().maxPixels())
                .put("maxBytes", settings.limits().maxBytes())
                .put("unreadable", settings.unreadable().word());
        subject.putObject("classes")
                .put("count", targets.names().size())
                .put("matchedBy", targets.how())
                .put("namesSha256", Sha256.of(String.join("\0", targets.names())))
                .put(
                        "labelsSha256",
                        Subject.targetsDigest(targets, settings.data().size()));
        return subject;
    }

    private void work(BlockFile blocks, Targets targets, Occupancy occupancy) throws IOException, InterruptedException {
        int from = (int) blocks.images();
        if (from == settings.data().size()) {
            return;
        }
        Pipeline pipeline = new Pipeline(
                settings.data(),
                model.preprocessor(),
                settings.limits(),
                settings.workers(),
                settings.batch(),
                settings.stop(),
                occupancy);
        try (Progress.Work shown =
                        settings.progress().start("evaluate", settings.data().size());
                BlockWriter writer = new BlockWriter(blocks, shown)) {
            shown.at(from);
            int[] evaluated = targets.evaluated();
            pipeline.run(
                    from,
                    crops -> halving.run(
                            crops, some -> settings.flip() ? both(some, evaluated) : plain(some, evaluated)),
                    writer::accept);
        }
    }

    private List<ImageResult> plain(List<RgbImage> crops, int[] evaluated) {
        return rows(crops, evaluated).stream()
                .map(logits -> ImageResult.of(Scores.argmax(Prediction.softmax(logits)), logits))
                .toList();
    }

    /** As the reference: the mean of both softmaxes; the label that of the flipped view, which comes first. */
    private List<ImageResult> both(List<RgbImage> crops, int[] evaluated) {
        List<float[]> flipped = rows(crops.stream().map(Evaluation::flipped).toList(), evaluated);
        List<float[]> plain = rows(crops, evaluated);
        List<ImageResult> results = new ArrayList<>();
        for (int i = 0; i < crops.size(); i++) {
            float[] first = Prediction.softmax(flipped.get(i));
            float[] second = Prediction.softmax(plain.get(i));
            float[] mean = new float[first.length];
            for (int c = 0; c < mean.length; c++) {
                mean[c] = (first[c] + second[c]) / 2;
            }
            results.add(ImageResult.of(Scores.argmax(first), mean));
        }
        return results;
    }

    private List<float[]> rows(List<RgbImage> crops, int[] evaluated) {
        List<float[]> rows = model.ofCrops(crops, Output.LOGITS);
        for (float[] row : rows) {
            for (int i = 0; i < row.length; i++) {
                if (!Float.isFinite(row[i])) {
                    throw new IllegalStateException(model.card().name() + ": the logit of class " + i + " is " + row[i]
                            + ", expected a finite number; evaluate in precision fp32, or fetch the weights again");
                }
            }
        }
        if (evaluated.length == classes()) {
            return rows;
        }
        return rows.stream()
                .map(row -> {
                    float[] some = new float[evaluated.length];
                    for (int i = 0; i < some.length; i++) {
                        some[i] = row[evaluated[i]];
                    }
                    return some;
                })
                .toList();
    }

    private static RgbImage flipped(RgbImage image) {
        byte[] from = image.rgb();
        byte[] to = new byte[from.length];
        int width = image.width();
        for (int pixel = 0; pixel < from.length / 3; pixel++) {
            int mirrored = pixel - pixel % width + (width - 1 - pixel % width);
            System.arraycopy(from, 3 * pixel, to, 3 * mirrored, 3);
        }
        return new RgbImage(width, image.height(), to);
    }

    private ObjectNode run(Outcome outcome, int before, Occupancy occupancy) {
        ObjectNode run = JsonFiles.object();
        run.put("command", settings.command())
                .put("finished", java.time.Instant.now().toString())
                .put("complete", outcome.complete())
                .put("imagesBefore", before)
                .put("imagesDone", outcome.done())
                .put("images", outcome.total())
                .put("seconds", outcome.seconds())
                .put("imagesPerSecond", outcome.imagesPerSecond())
                .put("batch", halving.batch())
                .put("batchAsked", settings.batch())
                .put("processors", Runtime.getRuntime().availableProcessors())
                .put("java", System.getProperty("java.version", "unknown"));
        run.set("occupancy", occupancy.json());
        run.put("advice", outcome.advice());
        return run;
    }
}
