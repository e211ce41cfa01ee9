package io.mocozoo;

import io.mocozoo.checkpoint.Checkpoint;
import io.mocozoo.checkpoint.KeyMap;
import io.mocozoo.checkpoint.ReadLimits;
import io.mocozoo.checkpoint.StateDictCheck;
import io.mocozoo.checkpoint.StoredTensor;
import io.mocozoo.image.Preprocessing;
import io.mocozoo.network.Classifier;
import io.mocozoo.network.Cost;
import io.mocozoo.network.Network;
import io.mocozoo.network.Output;
import io.mocozoo.onnx.GraphInput;
import io.mocozoo.onnx.Precision;
import io.mocozoo.registry.ArchitectureJson;
import io.mocozoo.registry.CardJson;
import io.mocozoo.registry.ModelCard;
import io.mocozoo.runtime.Device;
import io.mocozoo.runtime.GraphFile;
import io.mocozoo.runtime.Labels;
import io.mocozoo.runtime.Model;
import io.mocozoo.store.Sha256;
import io.mocozoo.store.StoredFile;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The long form of opening a model: where its weights come from, how many classes it has, what it gives, where it
 * runs. {@link #open} finds the converted files in the cache or makes them.
 */
public final class ModelBuilder {
    private static final Logger LOG = LoggerFactory.getLogger(ModelBuilder.class);

    /** Names of classes a checkpoint brought along, kept beside its graphs. */
    private static final String CLASSES = "classes.txt";

    private final Zoo zoo;
    private ModelCard card;
    private boolean pretrained = true;
    private long seed;
    private @Nullable URI weights;
    private @Nullable Labels labels;
    private Precision precision = Precision.FP32;
    private Set<Output> outputs;
    private boolean outputsAsked;
    private Model.Settings settings;

    ModelBuilder(Zoo zoo, ModelCard card) {
        this.zoo = zoo;
        this.card = card;
        this.outputs = card.network().defaultOutputs();
        this.settings = zoo.settings();
    }

    /** Weights from a file instead of the card's: any checkpoint that can be read, or an ONNX file. */
    public ModelBuilder weights(Path file) {
        return weights(file.toAbsolutePath().toUri());
    }

    /** Weights from an address instead of the card's. */
    public ModelBuilder weights(URI address) {
        this.weights = address;
        return this;
    }

    /** Without weights a model is initialised from a seed: its layers are right, its answers are not. */
    public ModelBuilder pretrained(boolean wanted) {
        this.pretrained = wanted;
        return this;
    }

    /** The seed of an initialisation, for weights there are none of. */
    public ModelBuilder seed(long value) {
        this.seed = value;
        return this;
    }

    /**
     * Another number of classes; where the weights have a head of another size, a new one is initialised.
     *
     * @throws IllegalArgumentException for a pretraining model, which has no head
     */
    public ModelBuilder classes(int count) {
        if (!(card.network() instanceof Classifier classifier)) {
            throw new IllegalArgumentException(card.name() + " is a pretraining model without classes");
        }
        if (count != classifier.classes()) {
            this.card = card.withNetwork(new Classifier(classifier.backbone(), count));
        }
        return this;
    }

    /** Names of the classes, instead of the card's or the checkpoint's. */
    public ModelBuilder labels(Labels names) {
        if (card.network() instanceof Classifier classifier
                && !names.names().isEmpty()
                && names.names().size() != classifier.classes()) {
            LOG.warn(
                    "{} has {} classes, {} names were given; those without go by their index",
                    card.name(),
                    classifier.classes(),
                    names.names().size());
        }
        this.labels = names;
        return this;
    }

    /** The results the model can give; unless said the {@linkplain Network#defaultOutputs default ones}. */
    public ModelBuilder outputs(Output... wanted) {
        return outputs(new TreeSet<>(List.of(wanted)));
    }

    /** The results the model can give. */
    public ModelBuilder outputs(Set<Output> wanted) {
        if (wanted.isEmpty()) {
            throw new IllegalArgumentException("expected at least one output of "
                    + card.network().outputs().stream().map(Output::word).toList() + ", found none");
        }
        this.outputs = new TreeSet<>(wanted);
        this.outputsAsked = true;
        return this;
    }

    /** Another resize, interpolation or crop than the card's. */
    public ModelBuilder preprocessing(Preprocessing other) {
        if (!other.equals(card.preprocessing())) {
            this.card = card.withPreprocessing(other);
        }
        return this;
    }

    /** In which numbers it computes; single precision unless said. */
    public ModelBuilder precision(Precision value) {
        this.precision = value;
        return this;
    }

    /** Where it runs. */
    public ModelBuilder device(Device device) {
        return settings(new Model.Settings(device, settings.threads(), settings.batch(), settings.limits()));
    }

    /** How it runs. */
    public ModelBuilder settings(Model.Settings value) {
        this.settings = value;
        return this;
    }

    /**
     * Opens the model: downloads, checks and converts what is not in the cache yet. The caller closes it.
     *
     * @throws IOException if weights cannot be had, read or fitted to the model; says which and what to do
     */
    public Model open() throws IOException {
        Graphs graphs = graphs();
        Model model = new Model(card, graphs.labels, graphs.files, settings);
        if (settings.device().kind() == Device.Kind.CUDA || settings.device().kind() == Device.Kind.TENSORRT) {
            try {
                return model.warm(); // a device asked for by name shows now whether it is there
            } catch (RuntimeException e) {
                model.close();
                throw e;
            }
        }
        return model;
    }

    /**
     * Makes sure the files are there, without opening them.
     *
     * @return the graphs the model would be opened from
     */
    public List<GraphFile> prepare() throws IOException {
        return graphs().files;
    }

    /**
     * The checkpoint or ONNX file the model is made of, brought into the cache if it is an address.
     *
     * @throws IOException if it cannot be had, or there is none
     */
    public StoredFile source() throws IOException {
        return weightsFile();
    }

    private record Graphs(List<GraphFile> files, Labels labels) {}

    private Graphs graphs() throws IOException {
        if (!pretrained) {
            if (weights != null) {
                throw new IllegalStateException("pretrained(false) asks " + card.name()
                        + " for initialised weights and weights(...) for those of " + weights + "; leave one out");
            }
            return converted(initialised());
        }
        StoredFile file = weightsFile();
        if (isOnnx(file.path())) {
            if (precision != Precision.FP32) {
                throw new IllegalArgumentException(file.path() + " is an ONNX file, which computes as it was written;"
                        + " expected no precision, found " + precision.word()
                        + ": leave it out, or open the checkpoint the file was made of");
            }
            GraphFile graph = GraphFile.check(
                    file.path(), card.network(), card.preprocessing().crop());
            if (outputsAsked && !graph.outputs().keySet().containsAll(outputs)) {
                throw new IllegalArgumentException(file.path() + ": expected outputs "
                        + outputs.stream().map(Output::word).toList() + ", found "
                        + graph.outputs().keySet().stream().map(Output::word).toList()
                        + "; ask for those, or write the file again with more");
            }
            return new Graphs(List.of(graph), cardLabels());
        }
        return converted(fromCheckpoint(file));
    }

    /** Whether a file is named as an ONNX file. */
    public static boolean isOnnx(Path file) {
        return file.toString().toLowerCase(Locale.ROOT).endsWith(".onnx");
    }

    /** The checkpoint or ONNX file, brought into the cache if it is an address. */
    private StoredFile weightsFile() throws IOException {
        if (weights != null) {
            return zoo.store().fetch(card.name(), weights, Optional.empty());
        }
        ModelCard.Weights known = card.weights()
                .orElseThrow(() -> new IOException("the card of " + card.name()
                        + " names no weights; give a file with weights(...) or --weights"));
        return zoo.store().fetch(card.name(), known.uri(), known.sha256Prefix());
    }

    private Path initialised() throws IOException {
        return zoo.store()
                .make(
                        key("seed-" + seed),
                        folder -> convert(
                                Path.of(card.name()),
                                "none",
                                Initialisation.seeded(card.network(), seed, name -> true),
                                folder));
    }

    private Path fromCheckpoint(StoredFile file) throws IOException {
        String key = key(file.sha256());
        return zoo.store().make(key, folder -> {
            try (Checkpoint checkpoint = Checkpoint.open(file.path(), ReadLimits.DEFAULT)) {
                checkpoint
                        .warnings()
                        .forEach(w -> LOG.warn("{}: {}", file.path().getFileName(), w));
                convert(file.path(), file.sha256(), withFittingHead(checkpoint.stateDict()), folder);
                Optional<List<String>> classes = checkpoint.classes();
                if (classes.isPresent()) {
                    List<String> lines = classes.get().stream() // one a line, whatever they hold
                            .map(name -> name.replaceAll("\\R", " "))
                            .toList();
                    Files.write(folder.resolve(CLASSES), lines);
                }
            }
        });
    }

    private void convert(Path source, String digest, Map<String, StoredTensor> stateDict, Path folder)
            throws IOException {
        Map<String, String> origin = Map.of(
                "mocozoo.model",
                card.name(),
                "mocozoo.source",
                String.valueOf(source.getFileName()),
                "mocozoo.source.sha256",
                digest);
        CheckpointConverter.Report report = zoo.converter()
                .convert(
                        source,
                        stateDict,
                        new CheckpointConverter.Request(
                                card.network(), card.preprocessing(), outputs, precision, origin),
                        folder);
        if (!report.spareKeys().isEmpty()) {
            LOG.warn(
                    "{}: {} keys the model has not are left out: {}",
                    source,
                    report.spareKeys().size(),
                    StateDictCheck.listed(report.spareKeys()));
        }
    }

    /** Where classes(...) asked for another number than the weights have, the head is initialised anew. */
    private Map<String, StoredTensor> withFittingHead(Map<String, StoredTensor> stateDict) {
        Network original = zoo.registry().get(card.name()).network();
        if (card.network().equals(original)) {
            return stateDict;
        }
        String head = card.network().backbone().headKey();
        Set<String> keys = Cost.of(
                        card.network(),
                        card.preprocessing().crop(),
                        card.preprocessing().crop())
                .keys()
                .keySet();
        Map<String, StoredTensor> fitted = new HashMap<>(KeyMap.toMmpretrain(stateDict, keys));
        Map<String, StoredTensor> fresh =
                Initialisation.seeded(card.network(), seed, Set.of(head + ".weight", head + ".bias")::contains);
        for (Map.Entry<String, StoredTensor> entry : fresh.entrySet()) {
            String name = entry.getKey();
            StoredTensor wanted = entry.getValue();
            StoredTensor found = fitted.get(name);
            if (found == null || !Arrays.equals(found.shape(), wanted.shape())) {
                LOG.warn(
                        "{}: {} is initialised from seed {}: the weights have none of this size",
                        card.name(),
                        name,
                        seed);
                fitted.put(name, wanted);
            }
        }
        return fitted;
    }

    /** The cache's key: everything the converted files depend on. */
    private String key(String origin) {
        Map<String, String> parts = new TreeMap<>();
        parts.put("origin", origin);
        parts.put("architecture", ArchitectureJson.write(card.network()).toString());
        parts.put("preprocessing", CardJson.write(card.preprocessing()).toString());
        parts.put("outputs", new TreeSet<>(outputs).toString());
        parts.put("precision", precision.word());
        parts.put("seed", String.valueOf(seed));
        parts.put("converter", CheckpointConverter.VERSION);
        return card.name() + "-" + Sha256.of(parts.toString()).substring(0, 16);
    }

    private Graphs converted(Path folder) throws IOException {
        List<GraphFile> graphs = new ArrayList<>();
        for (GraphInput input : GraphInput.values()) {
            Map<Output, String> names = new TreeMap<>();
            outputs.forEach(o -> names.put(o, o.word()));
            graphs.add(new GraphFile(
                    folder.resolve(CheckpointConverter.fileName(input)), input, input.inputName(), names));
        }
        return new Graphs(graphs, labels(folder));
    }

    /** Given names, else the card's, else the checkpoint's own, else none. */
    private Labels labels(Path folder) throws IOException {
        Labels known = cardLabels();
        Path own = folder.resolve(CLASSES);
        if (known.names().isEmpty() && labels == null && Files.exists(own)) {
            return Labels.read(own);
        }
        return known;
    }

    private Labels cardLabels() throws IOException {
        if (labels != null) {
            return labels;
        }
        if (card.labels().isEmpty()) {
            return Labels.NONE;
        }
        String address = card.labels().get();
        if (address.equals(ModelCard.IMAGENET_1K)) {
            return Labels.imagenet1k();
        }
        URI uri = URI.create(address);
        if (address.startsWith("jar:file:")) { // beside the card: another jar has its own, which no cache may replace
            try (InputStream in = uri.toURL().openStream()) {
                return Labels.read(in, address);
            }
        }
        return Labels.read(zoo.store().fetch(card.name(), uri, Optional.empty()).path());
    }
}
