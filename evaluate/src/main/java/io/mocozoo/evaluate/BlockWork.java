package io.mocozoo.evaluate;

import io.mocozoo.data.Dataset;
import io.mocozoo.image.ImageDecoder;
import io.mocozoo.image.ImageLimits;
import io.mocozoo.runtime.Model;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Evaluates images block by block, on a machine that has been sent the model. Safe for many threads. */
public final class BlockWork {
    private final Model model;
    private final Dataset data;
    private final Settings settings;

    /**
     * How images are read and run.
     *
     * @param evaluated classes whose logits count
     * @param flip test-time augmentation: the mirrored crop is asked too
     * @param batch images run at once, at least 1; halved when memory runs out
     * @param workers threads that read and decode for one block, at least 1
     * @param limits on images
     */
    public record Settings(List<Integer> evaluated, boolean flip, int batch, int workers, ImageLimits limits) {
        public Settings {
            evaluated = List.copyOf(evaluated);
        }
    }

    /** Over a model and a data set, both of which stay the caller's. */
    public BlockWork(Model model, Dataset data, Settings settings) {
        this.model = model;
        this.data = data;
        this.settings = settings;
    }

    /**
     * The digest of a data set's names, labels and sizes, in their order; machines that disagree on it do not see the same
     * images.
     */
    public static String digest(Dataset data) {
        return Subject.listDigest(data);
    }

    /**
     * Evaluates some images. What cannot be read has its reason among the results.
     *
     * @param from the first
     * @param to one after the last, more than {@code from}
     * @return a checked block, which {@link Cluster.Receiver} takes
     */
    public byte[] block(int from, int to) throws IOException, InterruptedException {
        model.warm();
        ImageDecoder.isNative();
        Classification session = new Classification(
                model,
                settings.evaluated.stream().mapToInt(Integer::intValue).toArray(),
                settings.flip,
                settings.batch);
        List<ImageResult> results = new ArrayList<>(to - from);
        new Pipeline(
                        data,
                        model.preprocessor(),
                        settings.limits,
                        settings.workers,
                        settings.batch,
                        () -> false,
                        new Occupancy(settings.workers, 1))
                .run(from, to, List.of(session), results::addAll);
        return ResultBlock.encode(from, results).array();
    }
}
