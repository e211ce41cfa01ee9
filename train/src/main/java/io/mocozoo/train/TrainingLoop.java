package io.mocozoo.train;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mocozoo.store.Progress;
import io.mocozoo.train.optim.LearningRate;
import io.mocozoo.train.recipe.Recipe;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Step after step, with what is measured, logged and written between them. Closed by whoever made it. */
final class TrainingLoop implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TrainingLoop.class);

    private final Trainer.Settings settings;
    private final Recipe recipe;
    private final Parts parts;
    private final long stepsPerEpoch;
    private Optional<ScalarLog> log = Optional.empty();
    private int rollbacks;

    TrainingLoop(Trainer.Settings settings, Parts parts) {
        this.settings = settings;
        this.recipe = settings.recipe();
        this.parts = parts;
        this.stepsPerEpoch = parts.loader().stepsPerEpoch();
    }

    /** What a loop works with; others own it. */
    record Parts(
            Stepper stepper,
            Optional<WeightAverage> average,
            Loader loader,
            UnreadableList unreadable,
            Checkpoints checkpoints,
            Optional<Monitor> monitor) {}

    /** How long something took, in nanoseconds. */
    private record Times(long data, long step) {}

    /** Runs to the end from behind a step. */
    void run(long behind) throws IOException, InterruptedException {
        long total = stepsPerEpoch * recipe.epochs();
        LearningRate rates = LearningRate.of(recipe.schedule(), settings.learningRate(), stepsPerEpoch);
        parts.loader().seek(behind / stepsPerEpoch, behind % stepsPerEpoch);
        openLog(behind);
        if (settings.rollbacks() > 0 && !parts.checkpoints().exist()) {
            parts.checkpoints().write(0); // something to go back to from the first step on
        }
        try (Progress.Work work = settings.progress().start("training " + recipe.name(), total)) {
            for (long step = behind + 1; step <= total; step++) {
                long start = System.nanoTime();
                Loader.Batch batch = parts.loader().next();
                long loaded = System.nanoTime();
                double rate = rates.at(step - 1);
                StepResult result = parts.stepper().step(batch, rate);
                Optional<String> fault = fault(step, result);
                if (fault.isPresent()) {
                    rollBack(step, fault.get());
                    continue;
                }
                if (parts.average().isPresent()) {
                    parts.average().get().update(step);
                }
                ObjectNode line = line(batch, step, rate, result, new Times(loaded - start, System.nanoTime() - start));
                measureIfDue(step, line);
                log.orElseThrow().write(line);
                work.at(step);
                parts.unreadable().write(parts.loader().unreadable());
                parts.checkpoints().writeIfDue(step);
            }
        }
    }

    private void openLog(long behind) throws IOException {
        close();
        log = Optional.of(new ScalarLog(settings.workDir().resolve("scalars.jsonl"), behind));
    }

    /** What makes a step one to go back from; weights are looked at before a checkpoint would hold them. */
    private Optional<String> fault(long step, StepResult result) {
        if (!result.skipped() && !(Double.isFinite(result.loss()) && Double.isFinite(result.gradientNorm()))) {
            return Optional.of("loss " + result.loss() + ", gradient norm " + result.gradientNorm());
        }
        return parts.checkpoints().isDue(step) && !parts.checkpoints().areFinite()
                ? Optional.of("loss " + result.loss() + ", and weights behind it that are not finite")
                : Optional.empty();
    }

    /** Measures behind an epoch that is due, and behind the last; the best is kept. */
    private void measureIfDue(long step, ObjectNode line) {
        long epoch = step / stepsPerEpoch;
        if (parts.monitor().isEmpty()
                || step % stepsPerEpoch != 0
                || (epoch % recipe.monitorEpochs() != 0 && epoch != recipe.epochs())) {
            return;
        }
        Monitor monitor = parts.monitor().get();
        try {
            Monitor.Measured measured = monitor.measure();
            measured.shares().forEach((name, share) -> {
                line.put(name, share);
                LOG.info("epoch {}: {} {} %", epoch, name, String.format(Locale.ROOT, "%.2f", share));
            });
            line.put("held_out", measured.images());
            parts.checkpoints().measured(measured.first());
        } catch (IOException | IllegalArgumentException e) { // an epoch's work is worth more than its measurement
            LOG.warn("epoch {}: held-out images could not be measured: {}", epoch, e.getMessage());
        }
    }

    /**
     * The weights of a checkpoint again, from which it goes on behind the bad step; both are written down at once. A second
     * bad step in a row speaks against the weights, not against the images.
     */
    private void rollBack(long step, String fault) throws IOException {
        rollbacks++;
        String what = "step " + step + ": " + fault;
        if (!parts.checkpoints().exist()) {
            throw new IOException(what + ", and there is no checkpoint to go back to yet; lower optimizer.lr, set"
                    + " optimizer.clipNorm, or begin with --roll-back N, which has one from the start");
        }
        if (rollbacks > settings.rollbacks()) {
            throw new IOException(what + "; the last checkpoint is from before it: lower optimizer.lr or set"
                    + " optimizer.clipNorm in a new work folder, or go on behind the bad step with --resume"
                    + " --roll-back N");
        }
        long healthy = parts.checkpoints().rollBack(step);
        openLog(healthy);
        LOG.warn(
                "{}; back to the weights behind step {}, steps {} to {} are left out",
                what,
                healthy,
                healthy + 1,
                step);
    }

    private ObjectNode line(Loader.Batch batch, long step, double rate, StepResult result, Times times) {
        ObjectNode line = ScalarLog.line().put("lr", rate).put("data_time", times.data() / 1e9);
        if (result.skipped()) {
            line.put("skipped", true); // JSON has no number for what was not finite
        } else {
            line.put("grad_norm", result.gradientNorm());
        }
        line.put("loss", result.loss())
                .put("time", times.step() / 1e9)
                .put("epoch", batch.epoch() + 1)
                .put("iter", (step - 1) % stepsPerEpoch + 1)
                .put("step", step)
                .put("first_layer_grad_norm", result.firstLayerNorm())
                .put("images_per_second", batch.size() * 1e9 / Math.max(1, times.step()));
        if (recipe.moco() != null) {
            line.put("feature_std", result.featureDeviation()).put("encoder_momentum", result.encoderMomentum());
        }
        return line;
    }

    @Override
    public void close() throws IOException {
        if (log.isPresent()) {
            log.get().close();
            log = Optional.empty();
        }
    }
}
