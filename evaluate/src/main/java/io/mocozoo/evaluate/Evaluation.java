package io.mocozoo.evaluate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mocozoo.data.Dataset;
import io.mocozoo.evaluate.file.JsonFiles;
import io.mocozoo.evaluate.file.RunException;
import io.mocozoo.evaluate.report.EvaluationReport;
import io.mocozoo.image.ImageLimits;
import io.mocozoo.network.Output;
import io.mocozoo.registry.CardJson;
import io.mocozoo.runtime.Device;
import io.mocozoo.runtime.Model;
import io.mocozoo.store.Progress;
import io.mocozoo.store.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * A classifier over a data set. Results go into checked blocks in the run's folder as they come; a run that was cut short
 * goes on after the last whole block, and ends with the same bytes in every file but run.json as one that never was.
 */
public final class Evaluation {
    static final String BLOCKS = "results.blocks";
    static final String RUN = "run.json";

    private final List<Model> models;
    private final Model model; // the first of them
    private final ObjectNode origin;
    private final Settings settings;
    private final Optional<Elsewhere> elsewhere;

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
     * @param wanted which figures
     * @param scores how to write every logit, as scores.npy or scores.parquet; empty for not at all
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
            Wanted wanted,
            Optional<VectorFormat> scores,
            String command,
            Optional<AttentionMap> attention,
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

    /** Who else does the work, and with what. */
    private record Elsewhere(Cluster cluster, List<Path> graphs, Device device, int threads) {}

    /** On one device, as {@link #Evaluation(List, ObjectNode, Settings)} on several. */
    public Evaluation(Model model, ObjectNode origin, Settings settings) {
        this(List.of(model), origin, settings);
    }

    /**
     * An evaluation in this process.
     *
     * @param models a classifier, opened once for each device it runs on; each gets a batch when it is free. Their batch
     *     is at least that of the settings
     * @param origin where the model comes from: digests and versions, for provenance.json
     */
    public Evaluation(List<Model> models, ObjectNode origin, Settings settings) {
        this(models, origin, settings, Optional.empty());
    }

    private Evaluation(List<Model> models, ObjectNode origin, Settings settings, Optional<Elsewhere> elsewhere) {
        this.models = List.copyOf(models);
        this.model = this.models.get(0);
        this.origin = origin.deepCopy();
        this.settings = settings;
        this.elsewhere = elsewhere;
    }

    /**
     * The same evaluation, worked through by other machines; this process keeps the books. The settings' workers are
     * those of one block.
     *
     * @param cluster has the settings' data set
     * @param graphs the ONNX files that the machines are sent
     * @param device where each machine runs them
     * @param threads threads of one operator; 0 for one a core
     */
    public Evaluation on(Cluster cluster, List<Path> graphs, Device device, int threads) {
        return new Evaluation(models, origin, settings, Optional.of(new Elsewhere(cluster, graphs, device, threads)));
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
        if (settings.scores().isPresent()) {
            settings.scores().get().check();
        }
        LabelMap map = settings.labelMap().isPresent()
                ? LabelMap.read(settings.labelMap().get())
                : LabelMap.NONE;
        Targets targets = Targets.of(settings.data(), model.labels(), Classification.classes(model), map);
        settings.wanted().ranks(targets.evaluated().length); // refused before the work, not behind it
        Files.createDirectories(settings.out());
        ObjectNode subject = subject(targets);
        Subject.claim(settings.out(), BLOCKS, settings.resume(), subject);
        try (BlockFile blocks = BlockFile.open(settings.out().resolve(BLOCKS), Subject.digest(subject))) {
            int before = (int) blocks.images();
            Work work = new Work(
                    "evaluate",
                    settings.data(),
                    settings.limits(),
                    settings.batch(),
                    settings.workers(),
                    settings.progress(),
                    settings.stop());
            ObjectNode run = JsonFiles.object().put("command", settings.command());
            Occupancy occupancy = elsewhere.isPresent()
                    ? work(work, elsewhere.get(), targets.evaluated(), blocks, run)
                    : work(work, targets.evaluated(), blocks, run);
            boolean complete = work.isDone(blocks);
            int done = (int) blocks.images();
            try {
                Outcome outcome = new Outcome(
                        complete,
                        done,
                        settings.data().size(),
                        occupancy.seconds(),
                        (done - before) / occupancy.seconds(),
                        run.path("advice").asText(),
                        complete ? new ResultFiles(settings, model, targets, blocks).write() : JsonFiles.object());
                note(run, outcome, before);
                if (complete) {
                    EvaluationReport.write(settings.out());
                }
                return outcome;
            } catch (RunException e) {
                throw e;
            } catch (IOException e) {
                throw new RunException(
                        "the files in " + settings.out() + " cannot be written: " + e.getMessage() + "; the results of "
                                + done + " images are kept, make room if the disk is full and go on with --resume",
                        e);
            }
        }
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

    private Occupancy work(Work work, int[] evaluated, BlockFile blocks, ObjectNode run)
            throws IOException, InterruptedException {
        List<Classification> sessions = models.stream()
                .map(m -> new Classification(m, evaluated, settings.flip(), settings.batch()))
                .toList();
        Occupancy occupancy = work.here(blocks, models, sessions);
        run.put("batch", sessions.stream().mapToInt(Classification::batch).min().orElseThrow())
                .put("advice", occupancy.advice())
                .set("occupancy", occupancy.json());
        return occupancy;
    }

    private Occupancy work(Work work, Elsewhere where, int[] evaluated, BlockFile blocks, ObjectNode run)
            throws IOException, InterruptedException {
        BlockWork.Settings images = new BlockWork.Settings(
                Arrays.stream(evaluated).boxed().toList(),
                settings.flip(),
                settings.batch(),
                settings.workers(),
                settings.limits());
        Cluster.Job job = new Cluster.Job(model.card(), where.graphs, where.device, where.threads, images);
        Occupancy occupancy = work.on(where.cluster, job, blocks);
        run.put("batch", settings.batch()).put("advice", where.cluster.describe());
        return occupancy;
    }

    /** Of each run that went on with another the note is kept; one that had nothing left to do notes nothing. */
    private void note(ObjectNode run, Outcome outcome, int before) throws IOException {
        Path file = settings.out().resolve(RUN);
        ObjectNode last = before > 0 && Files.exists(file) ? JsonFiles.read(file) : JsonFiles.object();
        if (outcome.done() == before && last.path("complete").booleanValue()) {
            return;
        }
        run.put("finished", Instant.now().toString())
                .put("complete", outcome.complete())
                .put("imagesBefore", before)
                .put("imagesDone", outcome.done())
                .put("images", outcome.total())
                .put("seconds", outcome.seconds())
                .put("imagesPerSecond", outcome.imagesPerSecond())
                .put("batchAsked", settings.batch())
                .put("processors", Runtime.getRuntime().availableProcessors())
                .put("java", System.getProperty("java.version", "unknown"));
        if (!last.isEmpty()) {
            JsonNode earlier = last.remove("earlier");
            ArrayNode all = run.putArray("earlier");
            if (earlier instanceof ArrayNode some) {
                all.addAll(some);
            }
            all.add(last);
        }
        JsonFiles.write(file, run);
    }
}
