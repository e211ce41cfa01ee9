package io.mocozoo;

import io.mocozoo.image.ImageDecoder;
import io.mocozoo.image.ImageLimits;
import io.mocozoo.image.RgbImage;
import io.mocozoo.registry.Registry;
import io.mocozoo.runtime.Device;
import io.mocozoo.runtime.Engine;
import io.mocozoo.runtime.Model;
import io.mocozoo.runtime.Prediction;
import io.mocozoo.store.CacheFolder;
import io.mocozoo.store.Mirror;
import io.mocozoo.store.Progress;
import io.mocozoo.store.Store;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The front door. One-liners stand on a zoo made from the environment on first use; {@link #builder} makes others.
 *
 * <pre>{@code
 * Prediction p = Zoo.inferenceModel("resnet50_mocov3-100e-pre_8xb128-linear-coslr-90e_in1k", Path.of("bird.jpg"));
 * try (Model model = Zoo.getModel("mocov3_resnet50_8xb512-amp-coslr-100e_in1k")) {
 *     Tensor map = model.forward(Tensor.zeros(1, 3, 224, 224));
 * }
 * }</pre>
 *
 * <p>Models opened by a one-liner stay open for the next call, a few at a time; those from {@link #getModel} and
 * {@link ModelBuilder#open} are the caller's to close. Safe for many threads.
 */
public final class Zoo implements AutoCloseable {
    private final Registry registry;
    private final Store store;
    private final Model.Settings settings;
    private final Supplier<CheckpointConverter> converter;
    private final OpenModels open;

    private Zoo(Registry registry, Store store, Model.Settings settings, int openModels) {
        this.registry = registry;
        this.store = store;
        this.settings = settings;
        this.converter = new FoundConverter();
        this.open = new OpenModels(openModels, name -> new ModelBuilder(this, registry.get(name)).open());
    }

    // ---- one-liners ------------------------------------------------------------------------------------------------

    /**
     * The zoo of the environment: the standard cache folder, its registry, the best device.
     *
     * @throws java.io.UncheckedIOException if the cache folder's registry cannot be read or taken
     */
    public static Zoo standard() {
        return Standard.zoo();
    }

    /** All names, sorted. */
    public static List<String> listModels() {
        return standard().registry.list(List.of(), List.of(), Optional.empty());
    }

    /** Names that fit a shell wildcard with a {@code *} appended, sorted. */
    public static List<String> listModels(String pattern) {
        return standard().registry.list(List.of(pattern), List.of(), Optional.empty());
    }

    /** Opens a model with its published weights; the caller closes it. */
    public static Model getModel(String name) throws IOException {
        return model(name).open();
    }

    /** The long form of {@link #getModel}. */
    public static ModelBuilder model(String name) {
        return standard().configure(name);
    }

    /** What a model says of an image file. */
    public static Prediction inferenceModel(String name, Path image) throws IOException {
        return standard().predict(name, image);
    }

    /** What a model says of an image at an address. */
    public static Prediction inferenceModel(String name, URI image) throws IOException {
        return standard().predict(name, image);
    }

    /** What a model says of an encoded image. */
    public static Prediction inferenceModel(String name, byte[] image) throws IOException {
        return standard().predict(name, image);
    }

    /** What a model says of an image in memory. */
    public static Prediction inferenceModel(String name, BufferedImage image) throws IOException {
        return standard().predict(name, List.of(RgbImage.of(image))).get(0);
    }

    /** What a model says of each image file, in their order. */
    public static List<Prediction> inferenceModel(String name, List<Path> images) throws IOException {
        Zoo zoo = standard();
        List<Prediction> predictions = new ArrayList<>(images.size());
        int batch = zoo.settings.batch(); // only so many are decoded at once
        for (int from = 0; from < images.size(); from += batch) {
            List<RgbImage> decoded = new ArrayList<>();
            for (Path image : images.subList(from, Math.min(images.size(), from + batch))) {
                decoded.add(ImageDecoder.decode(image, zoo.settings.limits()));
            }
            predictions.addAll(zoo.predict(name, decoded));
        }
        return predictions;
    }

    // ---- a zoo of one's own ----------------------------------------------------------------------------------------

    /** Settings for another zoo. */
    public static Builder builder() {
        return new Builder();
    }

    /** The models it knows. */
    public Registry registry() {
        return registry;
    }

    /** Its cache. */
    public Store store() {
        return store;
    }

    Model.Settings settings() {
        return settings;
    }

    CheckpointConverter converter() {
        return converter.get();
    }

    /** The long form of opening a model of this zoo. */
    public ModelBuilder configure(String name) {
        return new ModelBuilder(this, registry.get(name));
    }

    /** Downloads, checks and converts a model into the cache; gives the folder of its graphs. */
    public Path prepare(String name) throws IOException {
        Path graph = configure(name).prepare().get(0).path().toAbsolutePath();
        return Objects.requireNonNullElse(graph.getParent(), graph);
    }

    /** What a model says of an image file; the model stays open. */
    public Prediction predict(String name, Path image) throws IOException {
        return predict(name, List.of(ImageDecoder.decode(image, settings.limits())))
                .get(0);
    }

    /**
     * What a model says of an image at an http, https or file address, which is read as weights are: by way of mirrors and
     * proxies, and not at all from elsewhere when offline. The model stays open.
     */
    public Prediction predict(String name, URI image) throws IOException {
        byte[] bytes = store.read(image, settings.limits().maxBytes());
        return predict(name, List.of(ImageDecoder.decode(bytes, image.toString(), settings.limits())))
                .get(0);
    }

    /** What a model says of an encoded image; the model stays open. */
    public Prediction predict(String name, byte[] image) throws IOException {
        return predict(name, List.of(ImageDecoder.decode(image, "image in memory", settings.limits())))
                .get(0);
    }

    /** What a model says of each image, in their order; the model stays open. */
    public List<Prediction> predict(String name, List<RgbImage> images) throws IOException {
        return open.with(registry.get(name).name(), model -> model.predict(images));
    }

    /** Closes the models its one-liners left open. */
    @Override
    public void close() {
        open.close();
    }

    /** Made on first use, and again where that failed: a registry that cannot be read may have been mended. */
    private static final class Standard {
        private static @Nullable Zoo zoo;

        static synchronized Zoo zoo() {
            if (zoo == null) {
                zoo = builder().build();
            }
            return zoo;
        }
    }

    /** The converter on the class path, looked for when one is needed. */
    private static final class FoundConverter implements Supplier<CheckpointConverter> {
        private @Nullable CheckpointConverter found;

        @Override
        public synchronized CheckpointConverter get() {
            if (found == null) {
                found = ServiceLoader.load(CheckpointConverter.class)
                        .findFirst()
                        .orElseThrow(
                                () -> new IllegalStateException(
                                        "nothing on the class path converts checkpoints to ONNX; add the artifact"
                                                + " io.mocozoo:mocozoo-convert, or run 'mocozoo fetch NAME' once to fill the cache"));
            }
            return found;
        }
    }

    /** Settings of a zoo; everything may be left out. */
    public static final class Builder {
        private Path cache = CacheFolder.standard();
        private final List<Path> registries = new ArrayList<>();
        private final List<Mirror> mirrors = new ArrayList<>();
        private boolean offline;
        private Progress progress = Progress.NONE;
        private Model.Settings settings = Model.Settings.DEFAULT;
        private int openModels = 4;

        private Builder() {}

        /** The cache folder; unless said {@link CacheFolder#standard}. */
        public Builder cache(Path folder) {
            this.cache = folder;
            return this;
        }

        /** Lays a registry file over the built-in cards and the cache folder's; later ones lie on top. */
        public Builder registry(Path file) {
            registries.add(file);
            return this;
        }

        /** Nothing is downloaded; what is missing is an error that says where to put it. */
        public Builder offline(boolean value) {
            this.offline = value;
            return this;
        }

        /** Rewrites addresses of weights. */
        public Builder mirror(Mirror mirror) {
            mirrors.add(mirror);
            return this;
        }

        /** Told of downloads. */
        public Builder progress(Progress listener) {
            this.progress = listener;
            return this;
        }

        /** Where models run; unless said the best device there is. */
        public Builder device(Device device) {
            return settings(new Model.Settings(device, settings.threads(), settings.batch(), settings.limits()));
        }

        /** Threads of one operator; 0 for one a core. */
        public Builder threads(int threads) {
            return settings(new Model.Settings(settings.device(), threads, settings.batch(), settings.limits()));
        }

        /** Images run at once from a list, at most. */
        public Builder batch(int batch) {
            return settings(new Model.Settings(settings.device(), settings.threads(), batch, settings.limits()));
        }

        /** Limits on images. */
        public Builder limits(ImageLimits limits) {
            return settings(new Model.Settings(settings.device(), settings.threads(), settings.batch(), limits));
        }

        private Builder settings(Model.Settings value) {
            this.settings = value;
            return this;
        }

        /** Models one-liners keep open at once. */
        public Builder openModels(int count) {
            this.openModels = count;
            return this;
        }

        /**
         * The zoo.
         *
         * @throws java.io.UncheckedIOException if a registry file cannot be read or taken
         */
        public Zoo build() {
            Path natives = cache.resolve("native");
            Engine.keepNativeCodeIn(natives);
            if (System.getProperty("org.bytedeco.javacpp.cachedir") == null) {
                System.setProperty(
                        "org.bytedeco.javacpp.cachedir",
                        natives.resolve("javacpp").toString());
            }
            Registry registry = Registry.builtIn();
            try {
                Path own = cache.resolve("registry.json");
                if (Files.exists(own)) {
                    registry = registry.with(own);
                }
                for (Path file : registries) {
                    registry = registry.with(file);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e.getMessage(), e);
            }
            return new Zoo(registry, new Store(cache, offline, mirrors, progress), settings, openModels);
        }
    }
}
