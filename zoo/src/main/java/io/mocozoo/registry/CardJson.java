package io.mocozoo.registry;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mocozoo.image.Interpolation;
import io.mocozoo.image.Preprocessing;
import io.mocozoo.network.Network;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** A model card to JSON and back; the fields of {@code registry.json}. */
public final class CardJson {
    private CardJson() {}

    /** Reads a card; addresses are resolved against the file it stands in. Empty if a fault was noted. */
    static Optional<ModelCard> read(Fields fields, URI base) {
        Optional<String> name = fields.text("name", true);
        Task task = fields.word("task", Task.values(), Task::word);
        Optional<Network> network = fields.object("architecture", true).flatMap(ArchitectureJson::read);
        Optional<Preprocessing> preprocessing =
                fields.object("preprocessing", true).flatMap(CardJson::preprocessing);
        Optional<String> labels = fields.text("labels", false)
                .flatMap(l -> l.equals(ModelCard.IMAGENET_1K)
                        ? Optional.of(l)
                        : resolve(fields, "labels", l, base).map(URI::toString));
        Optional<ModelCard.Weights> weights = fields.object("weights", false).flatMap(w -> weights(w, base));
        OptionalLong parameters = optional(fields.whole("parameters", false));
        OptionalLong flops = optional(fields.whole("flops", false));
        List<ModelCard.Result> results = new ArrayList<>();
        for (Fields result : fields.objects("results", false)) {
            results.add(new ModelCard.Result(
                    result.text("dataset", true).orElse(""),
                    result.text("metric", true).orElse(""),
                    result.number("value")));
            result.end();
        }
        Optional<String> pretrained = fields.text("pretrained", false);
        Optional<String> recipe = fields.text("recipe", false);
        Optional<String> license = fields.text("license", false);
        Optional<String> paper = fields.text("paper", false);
        fields.end();
        if (name.isEmpty() || network.isEmpty() || preprocessing.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new ModelCard(
                    name.get(),
                    task,
                    network.get(),
                    preprocessing.get(),
                    labels,
                    weights,
                    parameters,
                    flops,
                    results,
                    pretrained,
                    recipe,
                    license,
                    paper));
        } catch (IllegalArgumentException e) {
            fields.problem("name", "a usable name", String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    private static OptionalLong optional(Optional<Long> value) {
        return value.isPresent() ? OptionalLong.of(value.get()) : OptionalLong.empty();
    }

    private static Optional<Preprocessing> preprocessing(Fields fields) {
        int resize = fields.size("resizeShortEdge");
        Interpolation interpolation = fields.word("interpolation", Interpolation.values(), Interpolation::word);
        int crop = fields.size("crop");
        List<Double> mean = fields.triple("mean", false);
        List<Double> std = fields.triple("std", true);
        fields.end();
        try {
            return Optional.of(new Preprocessing(resize, interpolation, crop, mean, std));
        } catch (IllegalArgumentException e) {
            fields.misfit("sizes that fit together", e);
            return Optional.empty();
        }
    }

    private static Optional<ModelCard.Weights> weights(Fields fields, URI base) {
        Optional<URI> uri = fields.text("url", true).flatMap(u -> resolve(fields, "url", u, base));
        Optional<String> digest = fields.text("sha256Prefix", false);
        fields.end();
        try {
            return uri.map(u -> new ModelCard.Weights(u, digest));
        } catch (IllegalArgumentException e) {
            fields.problem("sha256Prefix", "8 to 64 lower-case hex digits", digest.orElse("nothing"));
            return Optional.empty();
        }
    }

    /** Relative to the registry file, which may lie in a jar; {@link URI#resolve} does not know those. */
    @SuppressWarnings("deprecation") // the URL(URL, String) constructor is the one that resolves inside jars
    private static Optional<URI> resolve(Fields fields, String field, String address, URI base) {
        try {
            URI uri = new URI(address);
            if (uri.isAbsolute()) {
                if (!List.of("https", "http", "file").contains(uri.getScheme())) {
                    fields.problem(field, "an address by https, http or file, or a relative one", address);
                    return Optional.empty();
                }
                return Optional.of(uri);
            }
            return Optional.of(new URL(base.toURL(), address).toURI());
        } catch (URISyntaxException | MalformedURLException e) {
            fields.problem(field, "an address", address);
            return Optional.empty();
        }
    }

    /** The card in the form of {@code registry.json}; addresses are absolute. */
    public static ObjectNode write(ModelCard card) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("name", card.name()).put("task", card.task().word());
        json.set("architecture", ArchitectureJson.write(card.network()));
        json.set("preprocessing", write(card.preprocessing()));
        card.labels().ifPresent(l -> json.put("labels", l));
        card.weights().ifPresent(w -> {
            ObjectNode weights = json.putObject("weights").put("url", w.uri().toString());
            w.sha256Prefix().ifPresent(d -> weights.put("sha256Prefix", d));
        });
        card.parameters().ifPresent(n -> json.put("parameters", n));
        card.flops().ifPresent(n -> json.put("flops", n));
        if (!card.results().isEmpty()) {
            ArrayNode results = json.putArray("results");
            card.results().forEach(r -> results.addObject()
                    .put("dataset", r.dataset())
                    .put("metric", r.metric())
                    .put("value", r.value()));
        }
        card.pretrained().ifPresent(s -> json.put("pretrained", s));
        card.recipe().ifPresent(s -> json.put("recipe", s));
        card.license().ifPresent(s -> json.put("license", s));
        card.paper().ifPresent(s -> json.put("paper", s));
        return json;
    }

    /** The JSON form of a preprocessing, fields in the order of the documentation. */
    public static ObjectNode write(Preprocessing preprocessing) {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("resizeShortEdge", preprocessing.resizeShortEdge())
                .put("interpolation", preprocessing.interpolation().word())
                .put("crop", preprocessing.crop());
        preprocessing.mean().forEach(json.putArray("mean")::add);
        preprocessing.std().forEach(json.putArray("std")::add);
        return json;
    }
}
