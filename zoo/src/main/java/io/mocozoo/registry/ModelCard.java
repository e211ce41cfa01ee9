package io.mocozoo.registry;

import io.mocozoo.image.Preprocessing;
import io.mocozoo.network.Network;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What is known of one model.
 *
 * @param name lower case, unique in a registry
 * @param task what it is for
 * @param network its layers
 * @param preprocessing what it eats
 * @param labels names of its classes: {@code imagenet-1k}, or a resolved address of a text file, one name a line
 * @param weights where its checkpoint lies; without, one must be given
 * @param parameters published number of parameters, momentum encoder included
 * @param flops published multiply-adds for one image of the crop's size
 * @param results published results
 * @param pretrained the pretraining model whose encoder it carries
 * @param recipe the training recipe's name
 * @param license under what terms the weights may be used, with the source of that
 * @param paper address of the publication
 */
public record ModelCard(
        String name,
        Task task,
        Network network,
        Preprocessing preprocessing,
        Optional<String> labels,
        Optional<Weights> weights,
        OptionalLong parameters,
        OptionalLong flops,
        List<Result> results,
        Optional<String> pretrained,
        Optional<String> recipe,
        Optional<String> license,
        Optional<String> paper) {

    /** The labels of ImageNet's 1000 classes. */
    public static final String IMAGENET_1K = "imagenet-1k";

    public ModelCard {
        if (name.isBlank()
                || !name.equals(name.toLowerCase(Locale.ROOT))
                || name.chars().anyMatch(c -> c <= ' ')) {
            throw new IllegalArgumentException(
                    "a model's name must be lower case without spaces, found '" + name + "'");
        }
        results = List.copyOf(results);
    }

    /** The same card with another network, whose classes go by no known names and of which nothing is published. */
    public ModelCard withNetwork(Network other) {
        return new ModelCard(
                name,
                task,
                other,
                preprocessing,
                Optional.empty(),
                weights,
                OptionalLong.empty(),
                OptionalLong.empty(),
                List.of(),
                pretrained,
                recipe,
                license,
                paper);
    }

    /** The same card with other preprocessing, for which nothing is published. */
    public ModelCard withPreprocessing(Preprocessing other) {
        return new ModelCard(
                name,
                task,
                network,
                other,
                labels,
                weights,
                parameters,
                OptionalLong.empty(),
                List.of(),
                pretrained,
                recipe,
                license,
                paper);
    }

    /**
     * Where a checkpoint lies.
     *
     * @param uri absolute: https, http, file, or jar for what ships inside the registry's jar
     * @param sha256Prefix the first hex digits its SHA-256 must have
     */
    public record Weights(URI uri, Optional<String> sha256Prefix) {
        public Weights {
            if (!uri.isAbsolute()) {
                throw new IllegalArgumentException("a weights address must be absolute, found " + uri);
            }
            if (sha256Prefix.isPresent() && !sha256Prefix.get().matches("[0-9a-f]{8,64}")) {
                throw new IllegalArgumentException(
                        "sha256Prefix must be 8 to 64 lower-case hex digits, found " + sha256Prefix.get());
            }
        }

        /** The last part of the address: the name of the file. */
        public String fileName() {
            String text = uri.toString();
            int query = text.indexOf('?');
            String path = query < 0 ? text : text.substring(0, query);
            return path.substring(path.lastIndexOf('/') + 1);
        }
    }

    /**
     * A published figure.
     *
     * @param dataset such as ImageNet-1k
     * @param metric such as top-1
     * @param value in the metric's unit; percent for accuracies
     */
    public record Result(String dataset, String metric, double value) {}
}
