package io.mocozoo.train;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mocozoo.train.optim.Optimizer;
import io.mocozoo.train.recipe.Recipe;
import io.mocozoo.train.recipe.Recipes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The checkpoints of a work folder: the last one, and those of epochs that are kept. */
final class Checkpoints {
    private static final Logger LOG = LoggerFactory.getLogger(Checkpoints.class);

    private static final String SKIPPED = "skipped";
    private static final String BEST = "best";

    private final Path folder;
    private final Recipe recipe;
    private final Optimizer optimizer;
    private final Map<String, NDArray> arrays;
    private final long stepsPerEpoch;
    private final Map<String, String> metadata = new TreeMap<>();
    private boolean isBest;

    /**
     * Checkpoints of one training; nothing is read or written yet.
     *
     * @param arrays everything that is kept, by its name in the file
     */
    Checkpoints(Trainer.Settings settings, Optimizer optimizer, Map<String, NDArray> arrays, long stepsPerEpoch)
            throws JsonProcessingException {
        this.folder = settings.workDir();
        this.recipe = settings.recipe();
        this.optimizer = optimizer;
        this.arrays = arrays;
        this.stepsPerEpoch = stepsPerEpoch;
        metadata.put("recipe", Recipes.json(recipe).toString());
        metadata.put("learningRate", String.valueOf(settings.learningRate()));
        metadata.put("images", String.valueOf(settings.data().size()));
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
        long done = read();
        LOG.info("going on behind step {}", done);
        return done;
    }

    /** As {@link #resume}, for a bad step: what lies between is noted in every later checkpoint. */
    long rollBack(long step) throws IOException {
        long done = read();
        metadata.merge(SKIPPED, (done + 1) + "-" + step, (before, now) -> before + "," + now);
        return done;
    }

    private long read() throws IOException {
        Path last = folder.resolve(Trainer.LAST);
        Map<String, String> read = TrainingState.read(last, arrays);
        same(last, read, "recipe", "by another recipe");
        same(last, read, "learningRate", "at another learning rate (with --auto-scale-lr, or without)");
        same(last, read, "images", "on another number of images");
        optimizer.updates(whole(last, read, "updates"));
        for (String field : List.of(SKIPPED, BEST)) {
            metadata.remove(field);
            if (read.containsKey(field)) {
                metadata.put(field, read.get(field));
            }
        }
        return whole(last, read, "step");
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

    /** Writes what the recipe wants written behind a step, counted from 1. */
    void writeIfDue(long step) throws IOException {
        boolean epochEnds = step % stepsPerEpoch == 0;
        int every = recipe.checkpointSteps();
        if (!epochEnds && (every == 0 || step % every != 0)) {
            return;
        }
        metadata.put("step", String.valueOf(step));
        metadata.put("updates", String.valueOf(optimizer.updates()));
        if (epochEnds) {
            keepEpoch(step / stepsPerEpoch);
        }
        if (isBest) {
            TrainingState.write(folder.resolve(Trainer.BEST), arrays, metadata);
            isBest = false;
        }
        TrainingState.write(folder.resolve(Trainer.LAST), arrays, metadata);
    }

    private void keepEpoch(long epoch) throws IOException {
        if (epoch % recipe.checkpointEpochs() != 0 && epoch != recipe.epochs()) {
            return;
        }
        TrainingState.write(ofEpoch(epoch), arrays, metadata);
        long dropped = epoch - (long) recipe.keep() * recipe.checkpointEpochs();
        if (dropped > 0) {
            Files.deleteIfExists(ofEpoch(dropped));
        }
    }

    private Path ofEpoch(long epoch) {
        return folder.resolve("epoch_" + epoch + ".safetensors");
    }
}
