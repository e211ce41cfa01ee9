package io.mocozoo.evaluate;

import io.mocozoo.data.Dataset;
import io.mocozoo.image.ImageDecoder;
import io.mocozoo.image.ImageLimits;
import io.mocozoo.runtime.Model;
import io.mocozoo.store.Progress;
import java.io.IOException;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * What every run over a data set does, whatever it computes: works off the images that its blocks lack.
 *
 * @param name what progress is shown as
 * @param data the images
 * @param limits on images
 * @param batch images run at once, at least 1
 * @param workers threads that read and decode, at least 1
 * @param progress told of images
 * @param stop asked often; true ends the run early, with everything done so far kept
 */
record Work(
        String name,
        Dataset data,
        ImageLimits limits,
        int batch,
        int workers,
        Progress progress,
        BooleanSupplier stop) {
    Work {
        if (batch < 1 || workers < 1) {
            throw new IllegalArgumentException(
                    "batch and workers must be at least 1, found " + batch + " and " + workers);
        }
    }

    /** Whether everything is there. */
    boolean isDone(BlockFile blocks) {
        return blocks.images() == data.size();
    }

    /**
     * In this process.
     *
     * @param models what the sessions run; all crop alike
     * @param sessions one for each model
     * @return how busy the stages were
     */
    Occupancy here(BlockFile blocks, List<Model> models, List<? extends Pipeline.Session> sessions)
            throws IOException, InterruptedException {
        models.forEach(Model::warm);
        ImageDecoder.isNative(); // loads what decodes: neither belongs into the stages' times
        Occupancy occupancy = new Occupancy(workers, sessions.size());
        Pipeline pipeline = new Pipeline(data, models.get(0).preprocessor(), limits, workers, batch, stop, occupancy);
        append(blocks, (from, writer) -> pipeline.run(from, data.size(), List.copyOf(sessions), writer::accept));
        occupancy.stop();
        return occupancy;
    }

    /** On other machines, which give whole blocks. */
    Occupancy on(Cluster cluster, Cluster.Job job, BlockFile blocks) throws IOException, InterruptedException {
        Occupancy occupancy = new Occupancy(workers, 1);
        append(
                blocks,
                (from, writer) -> cluster.run(
                        job, from, stop, (first, block) -> writer.accept(ResultBlock.decode(block, first))));
        occupancy.stop();
        return occupancy;
    }

    /** Goes on from an image. */
    @FunctionalInterface
    private interface Rest {
        void run(int from, BlockWriter writer) throws IOException, InterruptedException;
    }

    private void append(BlockFile blocks, Rest rest) throws IOException, InterruptedException {
        if (isDone(blocks)) {
            return;
        }
        int from = (int) blocks.images();
        try (Progress.Work shown = progress.start(name, data.size());
                BlockWriter writer = new BlockWriter(blocks, shown)) {
            shown.at(from);
            rest.run(from, writer);
        }
    }
}
