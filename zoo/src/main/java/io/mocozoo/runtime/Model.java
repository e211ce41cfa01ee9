package io.mocozoo.runtime;

import ai.onnxruntime.OrtException;
import io.mocozoo.image.ImageDecoder;
import io.mocozoo.image.ImageLimits;
import io.mocozoo.image.Preprocessor;
import io.mocozoo.image.RgbImage;
import io.mocozoo.network.Cost;
import io.mocozoo.network.Output;
import io.mocozoo.onnx.GraphInput;
import io.mocozoo.registry.ModelCard;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.Collectors;

/**
 * A model ready to run; owns native memory and is closed by whoever opened it. Safe for many threads at once. A
 * session is opened when it is first needed: one that is only fed images never loads the graph for tensors.
 */
public final class Model implements AutoCloseable {
    private final ModelCard card;
    private final Labels labels;
    private final Map<GraphInput, GraphFile> files;
    private final Settings settings;
    private final Preprocessor preprocessor;
    private final Map<Output, List<Integer>> shapes;
    private final Map<GraphInput, OnnxSession> sessions = new EnumMap<>(GraphInput.class);
    private final Map<Output, Deque<Lane>> lanes = new EnumMap<>(Output.class);
    private final ReadWriteLock open = new ReentrantReadWriteLock();
    private boolean closed;

    /**
     * How a model runs.
     *
     * @param device where
     * @param threads threads of one operator; 0 for one a core
     * @param batch images run at once from a list, at most
     * @param limits on images
     */
    public record Settings(Device device, int threads, int batch, ImageLimits limits) {
        /** The best device, all cores, 16 images at once. */
        public static final Settings DEFAULT = new Settings(Device.AUTO, 0, 16, ImageLimits.DEFAULT);

        public Settings {
            if (threads < 0 || batch < 1) {
                throw new IllegalArgumentException(
                        "threads must be 0 or more and batch at least 1, found " + threads + " and " + batch);
            }
        }
    }

    /**
     * A model over its files.
     *
     * @param card what it is
     * @param labels names of its classes
     * @param files one or both of the graphs; at least one
     * @param settings how it runs
     */
    public Model(ModelCard card, Labels labels, List<GraphFile> files, Settings settings) {
        if (files.isEmpty()) {
            throw new IllegalArgumentException("a model needs at least one graph");
        }
        this.card = card;
        this.labels = labels;
        this.files = files.stream().collect(Collectors.toMap(GraphFile::input, f -> f));
        this.settings = settings;
        this.preprocessor = new Preprocessor(card.preprocessing(), settings.limits());
        int side = card.preprocessing().crop();
        this.shapes = Cost.of(card.network(), side, side).shapes();
    }

    /** What it is. */
    public ModelCard card() {
        return card;
    }

    /** The names of its classes. */
    public Labels labels() {
        return labels;
    }

    /** The results it can give. */
    public Set<Output> outputs() {
        Set<Output> all = new TreeSet<>();
        files.values().forEach(f -> all.addAll(f.outputs().keySet()));
        return Collections.unmodifiableSet(all);
    }

    /** Decodes images the way this model wants them cropped. */
    public Preprocessor preprocessor() {
        return preprocessor;
    }

    /**
     * What the network makes of a normalised batch: a classifier's logits [n, classes], a pretraining model's backbone
     * result. What mmpretrain's {@code model(x)} gives.
     *
     * @param input [n, 3, h, w], RGB, normalised; any size the network allows
     */
    public Tensor forward(Tensor input) {
        Output result = isClassifier() ? Output.LOGITS : Output.BACKBONE;
        return Objects.requireNonNull(run(input, Set.of(result)).get(result));
    }

    private boolean isClassifier() {
        return card.network().outputs().contains(Output.LOGITS);
    }

    /** {@link #extractFeat(Tensor, Stage)} where the reference does by default: after a classifier's neck, else the backbone. */
    public List<Tensor> extractFeat(Tensor input) {
        return extractFeat(input, isClassifier() ? Stage.NECK : Stage.BACKBONE);
    }

    /**
     * Features of a normalised batch, one tensor as the reference's tuple has it.
     *
     * @param input [n, 3, h, w], RGB, normalised
     * @throws IllegalArgumentException if a pretraining model is asked for what only a classifier has
     */
    public List<Tensor> extractFeat(Tensor input, Stage stage) {
        if (stage == Stage.PRE_LOGITS && !isClassifier()) {
            throw new IllegalArgumentException(
                    card.name() + " is a pretraining model without logits; expected Stage.BACKBONE or Stage.NECK");
        }
        Output result =
                switch (stage) {
                    case BACKBONE -> Output.BACKBONE;
                    case NECK -> isClassifier() ? Output.FEATURES : Output.PROJECTION;
                    case PRE_LOGITS -> Output.FEATURES;
                };
        return List.of(Objects.requireNonNull(run(input, Set.of(result)).get(result)));
    }

    /** Every result the model has, of a normalised batch [n, 3, h, w]. */
    public Map<Output, Tensor> run(Tensor input) {
        return run(input, graph(GraphInput.TENSOR).outputs().keySet());
    }

    /** Some results of a normalised batch [n, 3, h, w]; asking for one the model has not been opened with is an error. */
    public Map<Output, Tensor> run(Tensor input, Set<Output> wanted) {
        if (input.rank() != 4 || input.size(1) != 3 || input.elementCount() == 0) {
            throw new IllegalArgumentException(
                    "expected an input of shape [n, 3, h, w] with n, h and w of at least 1, found " + input);
        }
        GraphFile file = graph(GraphInput.TENSOR);
        List<String> names = wanted.stream().map(o -> name(file, o)).toList();
        Map<String, Tensor> results = opened(() -> session(GraphInput.TENSOR).run(file.inputName(), input, names));
        Map<Output, Tensor> byOutput = new EnumMap<>(Output.class);
        wanted.forEach(o -> byOutput.put(o, checked(file, o, Objects.requireNonNull(results.get(name(file, o))))));
        return byOutput;
    }

    /** Sizes a file of one's own leaves open in its header show only now; those that follow the image's stay open. */
    private Tensor checked(GraphFile file, Output output, Tensor result) {
        int[] shape = resultShape(output);
        if (result.rank() != shape.length + 1 || (shape.length == 1 && result.size(1) != shape[0])) {
            throw new ModelException(file.path() + ": output '" + output.word() + "' of " + card.name()
                    + " was expected to be [n, ...] with " + Arrays.toString(shape) + " for an image, found "
                    + Arrays.toString(result.shape()));
        }
        return result;
    }

    private GraphFile graph(GraphInput input) {
        GraphFile file = files.get(input);
        if (file == null) {
            throw new IllegalStateException(card.name() + " was opened from a file that is fed "
                    + files.keySet().iterator().next().word() + "; it takes no " + input.word());
        }
        return file;
    }

    /** The graph that images go through. */
    private GraphInput fedImages() {
        return files.containsKey(GraphInput.PIXELS) ? GraphInput.PIXELS : GraphInput.TENSOR;
    }

    private String name(GraphFile file, Output output) {
        String name = file.outputs().get(output);
        if (name == null) {
            throw new IllegalArgumentException(
                    card.name() + " gives no output '" + output.word() + "' as it was opened;"
                            + " it gives "
                            + file.outputs().keySet().stream().map(Output::word).toList()
                            + (card.network().outputs().contains(output) ? ", ask for more when opening it" : ""));
        }
        return name;
    }

    /** What the model says of one image. */
    public Prediction predict(RgbImage image) {
        return predict(List.of(image)).get(0);
    }

    /** What the model says of an image file. */
    public Prediction predict(Path image) throws IOException {
        return predict(ImageDecoder.decode(image, settings.limits()));
    }

    /** What the model says of each image, in their order; run in batches. */
    public List<Prediction> predict(List<RgbImage> images) {
        Output result = isClassifier() ? Output.LOGITS : Output.FEATURES;
        return rows(images, result).stream()
                .map(row -> isClassifier()
                        ? Prediction.ofLogits(finite(row), labels)
                        : Prediction.ofFeatures(Tensor.owning(row, row.length)))
                .toList();
    }

    /** Half precision may overflow, and a file of one's own may hold anything. */
    private float[] finite(float[] logits) {
        for (int i = 0; i < logits.length; i++) {
            if (!Float.isFinite(logits[i])) {
                throw new ModelException(graph(fedImages()).path() + ": the logit of class " + i + " is " + logits[i]
                        + ", expected a finite number; open the model with precision fp32, or fetch its weights again");
            }
        }
        return logits;
    }

    /**
     * One result of each image, stacked: [n, ...].
     *
     * @throws IllegalArgumentException if the results are more than one tensor holds, 2^31 - 1 values
     */
    public Tensor extract(List<RgbImage> images, Output output) {
        name(graph(fedImages()), output); // refuses what it cannot give, even of no image
        int each = values(resultShape(output));
        if ((long) images.size() * each > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(images.size() + " results of " + each + " values do not fit one tensor;"
                    + " extract at most " + Integer.MAX_VALUE / each + " images at once");
        }
        List<float[]> rows = rows(images, output);
        int[] shape = new int[resultShape(output).length + 1];
        shape[0] = rows.size();
        System.arraycopy(resultShape(output), 0, shape, 1, shape.length - 1);
        float[] all = new float[rows.size() * each];
        int at = 0;
        for (float[] row : rows) {
            System.arraycopy(row, 0, all, at, row.length);
            at += row.length;
        }
        return Tensor.owning(all, shape);
    }

    /**
     * One result of each image that has been cropped already, a row of values each. For pipelines that resize on threads
     * of their own and keep only crops.
     *
     * @param crops what {@link Preprocessor#crop} gives, or something of that size
     * @throws IllegalArgumentException if one has another size
     */
    public List<float[]> ofCrops(List<RgbImage> crops, Output output) {
        name(graph(fedImages()), output);
        int side = card.preprocessing().crop();
        for (RgbImage crop : crops) {
            if (crop.width() != side || crop.height() != side) {
                throw new IllegalArgumentException("expected crops of " + side + " x " + side + " pixels, found "
                        + crop.width() + " x " + crop.height());
            }
        }
        return rows(crops, output, true);
    }

    private List<float[]> rows(List<RgbImage> images, Output output) {
        return rows(images, output, false);
    }

    private List<float[]> rows(List<RgbImage> images, Output output, boolean cropped) {
        List<float[]> rows = new ArrayList<>(images.size());
        int most = Math.min(settings.batch(), mostAtOnce(output));
        for (int from = 0; from < images.size(); from += most) {
            List<RgbImage> batch = images.subList(from, Math.min(images.size(), from + most));
            rows.addAll(opened(() -> {
                Lane lane = borrow(output);
                try {
                    return lane.run(batch, cropped);
                } finally {
                    giveBack(output, lane);
                }
            }));
        }
        return rows;
    }

    /** How many images fit a buffer of 2 GiB on either side of the network. */
    private int mostAtOnce(Output output) {
        int side = card.preprocessing().crop();
        long bytes = Float.BYTES * Math.max(3L * side * side, values(resultShape(output)));
        return (int) Math.max(1, Integer.MAX_VALUE / bytes);
    }

    private static int values(int... shape) {
        return Arrays.stream(shape).reduce(1, Math::multiplyExact);
    }

    /**
     * The shape of one image's result at the card's crop, without the batch axis.
     *
     * @throws IllegalArgumentException if the network has no such output
     */
    public int[] shape(Output output) {
        if (!shapes.containsKey(output)) {
            throw new IllegalArgumentException(card.name() + " has no output " + output.word());
        }
        return resultShape(output);
    }

    private int[] resultShape(Output output) {
        return Objects.requireNonNull(shapes.get(output)).stream()
                .mapToInt(Integer::intValue)
                .toArray();
    }

    private Lane borrow(Output output) throws OrtException {
        synchronized (lanes) {
            Lane idle = lanes.computeIfAbsent(output, o -> new ArrayDeque<>()).poll();
            if (idle != null) {
                return idle;
            }
        }
        GraphInput input = fedImages();
        GraphFile file = graph(input);
        return new Lane(session(input), file.inputName(), input, preprocessor, name(file, output), resultShape(output));
    }

    private void giveBack(Output output, Lane lane) {
        synchronized (lanes) {
            Objects.requireNonNull(lanes.get(output)).push(lane);
        }
    }

    private OnnxSession session(GraphInput input) {
        synchronized (sessions) {
            return sessions.computeIfAbsent(input, i -> {
                try {
                    return OnnxSession.open(
                            graph(i).path(), new OnnxSession.Settings(settings.device(), settings.threads(), true));
                } catch (IOException e) {
                    throw new ModelException(card.name() + " cannot be opened: " + e.getMessage(), e);
                }
            });
        }
    }

    @FunctionalInterface
    private interface Work<R> {
        R run() throws OrtException;
    }

    /** Runs while the model stays open: closing waits. */
    private <R> R opened(Work<R> work) {
        open.readLock().lock();
        try {
            if (closed) {
                throw new IllegalStateException(card.name() + " is closed");
            }
            return work.run();
        } catch (OrtException e) {
            throw new ModelException(card.name() + " failed: " + e.getMessage(), e);
        } finally {
            open.readLock().unlock();
        }
    }

    /** Loads what is fed images now instead of at the first image. Returns this. */
    public Model warm() {
        opened(() -> session(fedImages()));
        return this;
    }

    /** Frees the native memory once nobody runs any more; closing twice is harmless. */
    @Override
    public void close() {
        open.writeLock().lock();
        try {
            closed = true;
            synchronized (lanes) {
                lanes.values().forEach(d -> d.forEach(Lane::close));
                lanes.clear();
            }
            synchronized (sessions) {
                sessions.values().forEach(OnnxSession::close);
                sessions.clear();
            }
        } finally {
            open.writeLock().unlock();
        }
    }
}
