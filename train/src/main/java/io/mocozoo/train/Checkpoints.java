package io.mocozoo.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mocozoo.checkpoint.CheckpointFormatException;
import io.mocozoo.store.JsonDifferences;
import io.mocozoo.store.Progress;
import io.mocozoo.store.Sha256;
import io.mocozoo.train.optim.NormClip;
import io.mocozoo.train.optim.Optimizer;
import io.mocozoo.train.recipe.Recipe;
import io.mocozoo.train.recipe.Recipes;
import io.mocozoo.train.torch.Replicas;
import io.mocozoo.train.torch.TorchFunctions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The checkpoints of a work folder: the last one, and those of epochs that are kept. */
final class Checkpoints {
    private static final Logger LOG = LoggerFactory.getLogger(Checkpoints.class);

    private static final String LEFT_OUT = "leftOut";
    private static final String PRETRAINED = "pretrained";
    private static final String LOSS_SCALE = "lossScale";
    private static final String BEST = "best";
    private static final String FOLLOWED = "momentum_encoder.steps";

    private final Path folder;
    private final Recipe recipe;
    private final TorchFunctions torch;
    private final Replicas replicas;
    private final Optimizer optimizer;
    private final LossScale lossScale;
    private final Map<String, NDArray> arrays;
    private final long stepsPerEpoch;
    private final Map<String, String> metadata = new TreeMap<>();
    private boolean isBest;

    /**
     * Checkpoints of one training; nothing is read or written yet.
     *
     * @param replicas brought up to date when a checkpoint is read
     * @param arrays everything that is kept, by its name in the file
     */
    Checkpoints(
            Trainer.Settings settings,
            TorchFunctions torch,
            Replicas replicas,
            Optimizer optimizer,
            LossScale lossScale,
            Map<String, NDArray> arrays,
            long stepsPerEpoch)
            throws IOException {
        this.folder = settings.workDir();
        this.recipe = settings.recipe();
        this.torch = torch;
        this.replicas = replicas;
        this.optimizer = optimizer;
        this.lossScale = lossScale;
        this.arrays = arrays;
        this.stepsPerEpoch = stepsPerEpoch;
        metadata.put("recipe", Recipes.json(recipe).toString());
        metadata.put("learningRate", String.valueOf(settings.learningRate()));
        metadata.put("images", String.valueOf(settings.data().size()));
        if (settings.pretrained().isPresent()) {
            metadata.put(PRETRAINED, Sha256.of(settings.pretrained().get(), Progress.NONE));
        }
        metadata.put("architecture", recipe.architecture().toString());
        if (recipe.method() != Recipe.Method.MOCO_V3) {
            metadata.put(
                    "classes",
                    new ObjectMapper().writeValueAsString(settings.data().classes()));
        }
    }

    /** Whether there is a last checkpoint. */
    boolean exist() {
        return Files.exists(folder.resolve(Trainer.LAST));
    }

    /** Sets the arrays to what the last checkpoint holds; gives the steps done. */
    long resume() throws IOException {
        long done = read(folder.resolve(Trainer.LAST));
        LOG.info("going on behind step {}", done);
        return done;
    }

    /**
     * Sets the arrays to what the last checkpoint holds and writes them as those behind a bad step; what lies between is noted
     * in every later checkpoint. If the last one is from going back itself, and not one step came of it, an older one is
     * taken as long as there is one. Gives the steps that still count.
     */
    long rollBack(long step) throws IOException {
        Path last = folder.resolve(Trainer.LAST);
        long done = read(last);
        if (done == step - 1 && origin(done) < done) {
            done = older(origin(done)).orElse(done);
        }
        NDArray followed = arrays.get(FOLLOWED);
        if (followed != null && followed.getLong() > 0) {
            TrainingState.set(followed, step, torch); // both encoders' schedules go by the same steps
            replicas.refresh();
        }
        metadata.merge(LEFT_OUT, (done + 1) + "-" + step, (before, now) -> before + "," + now);
        write(step);
        return done;
    }

    /** The step whose weights a checkpoint that has just been read holds: another than its own if it is from going back. */
    private long origin(long done) {
        String leftOut = metadata.getOrDefault(LEFT_OUT, "");
        String[] range = leftOut.substring(leftOut.lastIndexOf(',') + 1).split("-", 2);
        return range.length == 2 && Long.parseLong(range[1]) == done ? Long.parseLong(range[0]) - 1 : done;
    }

    /** Sets the arrays to the newest checkpoint of an epoch before a step, if one can be read. */
    private Optional<Long> older(long step) {
        Optional<String> best = Optional.ofNullable(metadata.get(BEST));
        for (long epoch = (step - 1) / stepsPerEpoch; epoch > 0; epoch--) {
            if (!Files.exists(ofEpoch(epoch))) {
                continue;
            }
            try {
                long origin = origin(read(ofEpoch(epoch)));
                best.ifPresent(share -> metadata.put(BEST, share)); // its file is still the one that was measured so
                return Optional.of(origin);
            } catch (IOException e) {
                LOG.warn("{} is passed over: {}", ofEpoch(epoch), e.getMessage());
            }
        }
        return Optional.empty();
    }

    /** Whether everything a checkpoint would hold is finite, and the sum of an array's squares as well. */
    boolean areFinite() {
        try (NDManager check = torch.manager().newSubManager()) {
            List<NDArray> floating = arrays.values().stream()
                    .filter(a -> a.getDataType() != DataType.INT64)
                    .toList();
            return Double.isFinite(NormClip.norm(torch, check, floating));
        }
    }

    /** What the file says of itself is held against this training before any array is touched. */
    private long read(Path last) throws IOException {
        Map<String, String> read;
        try {
            read = TrainingState.metadata(last);
        } catch (CheckpointFormatException e) {
            throw damaged(e);
        }
        sameRecipe(last, read.getOrDefault("recipe", "nothing"));
        same(last, read, "learningRate", "at another learning rate (with --auto-scale-lr, or without)");
        same(last, read, "images", "on another number of images");
        if (metadata.containsKey(PRETRAINED)) {
            same(last, read, PRETRAINED, "from another --pretrained file (given by its SHA-256)");
        }
        long done = whole(last, read, "step");
        long updates = whole(last, read, "updates");
        if (read.containsKey(BEST) && !read.get(BEST).matches("[0-9.E-]+")) {
            throw new IOException(last + ": expected a number as best in its metadata, found " + read.get(BEST));
        }
        if (read.containsKey(LOSS_SCALE)) {
            lossScale.state(last, read.get(LOSS_SCALE));
        }
        if (done < 0 || done > stepsPerEpoch * recipe.epochs() || updates < 0) {
            throw new IOException(last + ": expected steps from 0 to " + stepsPerEpoch * recipe.epochs()
                    + " in its metadata, found step " + done + " and updates " + updates);
        }
        try {
            TrainingState.read(last, arrays, torch);
        } catch (CheckpointFormatException e) {
            throw damaged(e);
        }
        replicas.refresh();
        optimizer.updates(updates);
        for (String field : List.of(LEFT_OUT, BEST, PRETRAINED)) {
            metadata.remove(field);
            if (read.containsKey(field)) {
                metadata.put(field, read.get(field));
            }
        }
        return done;
    }

    private IOException damaged(CheckpointFormatException e) {
        return new IOException(
                e.getMessage() + ". To go on, copy an older checkpoint of " + folder
                        + " (epoch_N.safetensors) over it, or begin in another --work-dir",
                e);
    }

    private static long whole(Path last, Map<String, String> read, String field) throws IOException {
        String text = read.getOrDefault(field, "nothing");
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new IOException(
                    last + ": expected a whole number as " + field + " in its metadata, found " + text
                            + "; it is no checkpoint of a training: choose another --work-dir",
                    e);
        }
    }

    /** Takes what was measured behind the step that is written next, in percent; the best so far is kept in a file. */
    void measured(double share) {
        String best = metadata.get(BEST);
        isBest = best == null || share > Double.parseDouble(best);
        if (isBest) {
            metadata.put(BEST, String.valueOf(share));
        }
    }

    /** Anything else would end in other weights than a run that was never cut off. */
    private void same(Path last, Map<String, String> read, String field, String otherwise) throws IOException {
        String began = read.getOrDefault(field, "nothing");
        String now = metadata.getOrDefault(field, "");
        if (!began.equals(now)) {
            throw new IOException(last + " was written " + otherwise + "; expected " + field + " " + began + ", found "
                    + now + "; go on as it began, or choose another --work-dir");
        }
    }

    /** The recipe by its values: one that was written without a field which came later is the same. */
    private void sameRecipe(Path last, String text) throws IOException {
        List<String> changed =
                JsonDifferences.between(Recipes.stored(text, last + ", its recipe"), Recipes.json(recipe));
        if (!changed.isEmpty()) {
            throw new IOException(last + " was written by another recipe; what was and what is asked for now:\n  "
                    + String.join("\n  ", changed) + "\nGo on as it began, or choose another --work-dir.");
        }
    }

    /** Writes what the recipe wants written behind a step, counted from 1. */
    void writeIfDue(long step) throws IOException {
        if (isDue(step)) {
            write(step);
        }
    }

    /** Whether the recipe wants a checkpoint behind a step. */
    boolean isDue(long step) {
        int every = recipe.checkpointSteps();
        return step % stepsPerEpoch == 0 || (every > 0 && step % every == 0);
    }

    /** Writes one behind a step, 0 for the weights a training begins with. */
    void write(long step) throws IOException {
        try {
            writeAll(step);
        } catch (IOException e) {
            Path last = folder.resolve(Trainer.LAST);
            throw new IOException(
                    "the checkpoint behind step " + step + " could not be written (" + e.getMessage() + "); " + last
                            + (exist()
                                    ? " is still the one before it: make room and go on with --resume"
                                    : " is not there yet: make room and begin again"),
                    e);
        }
    }

    private void writeAll(long step) throws IOException {
        metadata.put("step", String.valueOf(step));
        metadata.put("updates", String.valueOf(optimizer.updates()));
        metadata.put(LOSS_SCALE, lossScale.state());
        if (step > 0 && step % stepsPerEpoch == 0) {
            keepEpoch(step / stepsPerEpoch);
        }
        if (isBest) {
            TrainingState.write(folder.resolve(Trainer.BEST), arrays, metadata);
            isBest = false;
        }
        TrainingState.write(folder.resolve(Trainer.LAST), arrays, metadata);
    }

    private void keepEpoch(long epoch) throws IOException {
        if (!isKept(epoch)) {
            return;
        }
        TrainingState.write(ofEpoch(epoch), arrays, metadata);
        int kept = 1;
        for (long earlier = epoch - 1; earlier > 0; earlier--) {
            if (isKept(earlier) && ++kept > recipe.keep()) {
                Files.deleteIfExists(ofEpoch(earlier));
            }
        }
    }

    private boolean isKept(long epoch) {
        return epoch % recipe.checkpointEpochs() == 0 || epoch == recipe.epochs();
    }

    private Path ofEpoch(long epoch) {
        return folder.resolve("epoch_" + epoch + ".safetensors");
    }
}
