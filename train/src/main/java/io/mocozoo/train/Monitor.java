package io.mocozoo.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.mocozoo.data.Dataset;
import io.mocozoo.image.ImageDecoder;
import io.mocozoo.image.ImageLimits;
import io.mocozoo.image.Preprocessor;
import io.mocozoo.neighbours.NearestNeighbours;
import io.mocozoo.network.Classifier;
import io.mocozoo.network.Network;
import io.mocozoo.network.Ops;
import io.mocozoo.network.Output;
import io.mocozoo.train.augment.Draw;
import io.mocozoo.train.recipe.Recipe;
import io.mocozoo.train.torch.Parameters;
import io.mocozoo.train.torch.Pass;
import io.mocozoo.train.torch.Precision;
import io.mocozoo.train.torch.TorchFunctions;
import io.mocozoo.train.torch.TorchOps;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * How well a network tells classes apart while it learns, on images that are held out: a classifier by its head, an encoder
 * by the vote of the nearest neighbours among images it learns from. The samples are drawn once from the recipe's seed.
 * Changes nothing of the training's state.
 */
final class Monitor {
    private static final int BANK = 10_000;
    private static final int NEIGHBOURS = 20;
    private static final double TEMPERATURE = 0.07;
    private static final int BATCH = 32; // every layer's result is kept until a batch is done

    private final Network network;
    private final int width;
    private final TorchFunctions torch;
    private final Parameters parameters;
    private final int mostUnreadable;
    private final Preprocessor preprocessor;
    private final Sample bank;
    private final Sample queries;
    private final ConcurrentSkipListMap<String, String> unreadable = new ConcurrentSkipListMap<>();

    /** Some images of a data set. */
    private record Sample(Dataset data, List<Integer> indices) {
        static Sample of(Dataset data, int most, long seed) {
            int[] order = Draw.permutation(new SplittableRandom(seed), data.size());
            return new Sample(data, Arrays.stream(order).limit(most).boxed().toList());
        }
    }

    /** Features of the images that could be read, row by row, with their labels. */
    private static final class Features {
        private final float[] rows;
        private final int[] labels;

        Features(float[] rows, int... labels) {
            this.rows = rows;
            this.labels = labels;
        }
    }

    /**
     * A monitor of a network.
     *
     * @param learned what the encoder learns from; its labels are used for the vote alone
     * @param heldOut what it never sees
     * @param mostUnreadable images of both that may be left out because they cannot be read
     * @throws IllegalArgumentException if one of them has no labels
     */
    Monitor(
            Recipe recipe,
            Network network,
            TorchFunctions torch,
            Parameters parameters,
            Dataset learned,
            Dataset heldOut,
            int mostUnreadable) {
        if (learned.classes().isEmpty() || !learned.classes().equals(heldOut.classes())) {
            throw new IllegalArgumentException("monitoring needs the same classes in what is learned from and what is"
                    + " held out, found " + learned.classes().size() + " and "
                    + heldOut.classes().size() + " named differently; --set monitorEpochs=0 goes without");
        }
        this.network = network;
        this.width = network instanceof Classifier classifier
                ? classifier.classes()
                : network.backbone().width();
        this.torch = torch;
        this.parameters = parameters;
        this.mostUnreadable = mostUnreadable;
        this.preprocessor = new Preprocessor(recipe.data().preprocessing(), ImageLimits.DEFAULT);
        this.bank = Sample.of(learned, BANK, Loader.mix(recipe.seed(), -3));
        this.queries = Sample.of(heldOut, recipe.monitorImages(), Loader.mix(recipe.seed(), -4));
    }

    /**
     * What was found.
     *
     * @param images that were asked about
     * @param shares of right answers in percent by their names in the log, which for a classifier are the reference's; the
     *     first one decides which checkpoint is best
     */
    record Measured(int images, LinkedHashMap<String, Double> shares) {
        double first() {
            return shares.values().iterator().next();
        }
    }

    /**
     * How many held-out images are classified rightly; some that cannot be read may be left out.
     *
     * @throws IOException if more than those cannot be read, or none can
     */
    Measured measure() throws IOException {
        unreadable.clear();
        Features asked = features(queries, 0, queries.indices.size());
        refuseManyUnreadable(queries);
        LinkedHashMap<String, Double> shares = new LinkedHashMap<>();
        if (network instanceof Classifier) {
            shares.put("accuracy/top1", percent(asked.labels.length, i -> rank(asked, i) < 1));
            if (width > 5) {
                shares.put("accuracy/top5", percent(asked.labels.length, i -> rank(asked, i) < 5));
            }
        } else {
            int[] answers = vote(asked.rows);
            refuseManyUnreadable(bank);
            shares.put("knn_top1", percent(answers.length, i -> answers[i] == asked.labels[i]));
        }
        return new Measured(asked.labels.length, shares);
    }

    private static double percent(int images, IntPredicate right) {
        return 100.0 * IntStream.range(0, images).filter(right).count() / images;
    }

    private void refuseManyUnreadable(Sample sample) throws IOException {
        if (unreadable.size() > mostUnreadable || unreadable.size() == sample.indices.size()) {
            throw new IOException(unreadable.size() + " of " + sample.indices.size()
                    + " images cannot be read, the first is " + unreadable.firstEntry());
        }
    }

    private int[] vote(float... asked) throws IOException {
        NearestNeighbours search = new NearestNeighbours(asked, width, NEIGHBOURS);
        for (int from = 0; from < bank.indices.size(); from += BATCH) {
            Features known = features(bank, from, Math.min(bank.indices.size(), from + BATCH));
            search.add(known.rows, known.labels);
        }
        return search.vote(NEIGHBOURS, TEMPERATURE);
    }

    /** How many classes come before the right one: of equal logits the first one does; one that is no number is last. */
    private int rank(Features logits, int image) {
        int own = logits.labels[image];
        float right = logits.rows[image * width + own];
        int before = 0;
        for (int c = 0; c < width; c++) {
            float logit = logits.rows[image * width + c];
            if (c != own && (logit > right || (logit == right && c < own) || Float.isNaN(right))) {
                before++;
            }
        }
        return before;
    }

    private Features features(Sample sample, int from, int to) {
        float[] rows = new float[(to - from) * width];
        int[] labels = new int[to - from];
        int count = 0;
        for (int start = from; start < to; start += BATCH) {
            Map<Integer, float[]> images = new ConcurrentSkipListMap<>();
            IntStream.range(start, Math.min(to, start + BATCH)).parallel().forEach(i -> {
                try {
                    images.put(i, centre(sample.data, sample.indices.get(i)));
                } catch (IOException e) {
                    unreadable.put(sample.data.name(sample.indices.get(i)), String.valueOf(e.getMessage()));
                }
            });
            if (!images.isEmpty()) {
                float[] found = forward(images);
                System.arraycopy(found, 0, rows, count * width, found.length);
                for (int i : images.keySet()) {
                    labels[count++] = sample.data.label(sample.indices.get(i));
                }
            }
        }
        return new Features(Arrays.copyOf(rows, count * width), Arrays.copyOf(labels, count));
    }

    private float[] centre(Dataset data, int index) throws IOException {
        return preprocessor.normalise(
                preprocessor.crop(ImageDecoder.decode(data.read(index), data.name(index), ImageLimits.DEFAULT)));
    }

    private float[] forward(Map<Integer, float[]> images) {
        int side = preprocessor.preprocessing().crop();
        FloatBuffer batch = FloatBuffer.allocate(images.size() * 3 * side * side);
        images.values().forEach(batch::put);
        try (NDManager step = torch.manager().newSubManager()) {
            NDArray input = step.create(batch.array(), new Shape(images.size(), 3, side, side));
            TorchOps ops = new TorchOps(torch, step, parameters, Pass.EVALUATE, Precision.FP32, TorchOps.DropPath.NONE);
            if (network instanceof Classifier classifier) {
                classifier.forward(ops, input);
                return Objects.requireNonNull(ops.results().get(Output.LOGITS)).toFloatArray();
            }
            Ops<NDArray> encoder = ops.at("backbone");
            return network.backbone()
                    .pool(encoder, network.backbone().forward(encoder, input))
                    .toFloatArray();
        }
    }
}
