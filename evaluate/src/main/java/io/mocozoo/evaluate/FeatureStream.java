package io.mocozoo.evaluate;

import io.mocozoo.data.Dataset;
import io.mocozoo.image.ImageDecoder;
import io.mocozoo.image.ImageLimits;
import io.mocozoo.network.Output;
import io.mocozoo.runtime.Model;
import io.mocozoo.store.Progress;
import java.io.IOException;
import java.util.List;

/** One result of a model for every image of a data set, in its order, with the pipeline of {@link Evaluation}. */
public final class FeatureStream {
    private final Model model;
    private final Output output;
    private final Settings settings;

    /**
     * How to run.
     *
     * @param batch images run at once, at least 1
     * @param workers threads that read and decode, at least 1
     * @param limits on images
     * @param progress told of images
     */
    public record Settings(int batch, int workers, ImageLimits limits, Progress progress) {
        public Settings {
            if (batch < 1 || workers < 1) {
                throw new IllegalArgumentException(
                        "batch and workers must be at least 1, found " + batch + " and " + workers);
            }
        }
    }

    /** A stream of one of the model's outputs. */
    public FeatureStream(Model model, Output output, Settings settings) {
        this.model = model;
        this.output = output;
        this.settings = settings;
    }

    /** Takes the images' results one after the other. */
    public interface Receiver {
        /** An image's values, row-major; the array is the receiver's to keep. */
        void accept(int index, float[] values) throws IOException;

        /** An image that could not be read. */
        void unreadable(int index, String reason) throws IOException;
    }

    /**
     * Goes through a data set.
     *
     * @param from index of the first image
     */
    public void forEach(Dataset data, int from, Receiver receiver) throws IOException, InterruptedException {
        model.warm();
        ImageDecoder.isNative();
        Pipeline pipeline = new Pipeline(
                data,
                model.preprocessor(),
                settings.limits,
                settings.workers,
                settings.batch,
                () -> false,
                new Occupancy(settings.workers, 1));
        int[] at = {from};
        try (Progress.Work shown = settings.progress.start(output.word(), data.size())) {
            pipeline.run(
                    from,
                    data.size(),
                    List.of(crops -> model.ofCrops(crops, output).stream()
                            .map(values -> ImageResult.of(0, values))
                            .toList()),
                    results -> {
                        for (ImageResult result : results) {
                            if (result.isReadable()) {
                                receiver.accept(at[0]++, result.values());
                            } else {
                                receiver.unreadable(at[0]++, result.failure());
                            }
                        }
                        shown.at(at[0]);
                    });
        }
    }
}
