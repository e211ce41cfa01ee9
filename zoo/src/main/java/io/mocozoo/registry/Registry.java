package io.mocozoo.registry;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mocozoo.network.Cost;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/**
 * The models that go by a name. The built-in cards are a resource; files of the same schema are laid over them, a
 * card replacing an earlier one of its name. Immutable.
 */
public final class Registry {
    private static final long MAX_BYTES = 16L << 20;
    private static final ObjectMapper JSON = new ObjectMapper()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private final Map<String, ModelCard> cards;

    private Registry(Map<String, ModelCard> cards) {
        this.cards = Collections.unmodifiableMap(cards);
    }

    /** The cards that ship with this library. */
    public static Registry builtIn() {
        URL url = Objects.requireNonNull(
                Registry.class.getResource("registry.json"), "registry.json is missing from the jar");
        try (InputStream in = url.openStream()) {
            return new Registry(read(in.readAllBytes(), "built-in registry.json", url.toURI(), (model, card) -> {}));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** This registry with a file of one's own laid over it. */
    public Registry with(Path overlay) throws IOException {
        if (Files.isDirectory(overlay)) {
            throw new RegistryException(overlay.toString(), List.of("expected a registry file, found a folder"));
        }
        if (Files.size(overlay) > MAX_BYTES) {
            throw new RegistryException(
                    overlay.toString(),
                    List.of("expected at most " + MAX_BYTES + " bytes, found " + Files.size(overlay)));
        }
        return with(Files.readAllBytes(overlay), overlay.toString(), overlay.toUri());
    }

    /** The same with the bytes of a registry file; source names it in errors, base resolves relative addresses. */
    public Registry with(byte[] overlay, String source, URI base) throws RegistryException {
        Map<String, ModelCard> all = new TreeMap<>(cards);
        all.putAll(read(overlay, source, base, Registry::checkNumbers));
        return new Registry(all);
    }

    /** The cards of a file; the check of each takes long where it counts, and tests count our own. */
    private static Map<String, ModelCard> read(
            byte[] bytes, String source, URI base, BiConsumer<Fields, ModelCard> check) throws RegistryException {
        JsonNode root;
        try {
            root = JSON.readTree(bytes);
        } catch (JsonProcessingException e) {
            throw new RegistryException(
                    source,
                    List.of("expected JSON, found at line " + e.getLocation().getLineNr() + ", column "
                            + e.getLocation().getColumnNr() + ": " + e.getOriginalMessage()));
        } catch (IOException e) {
            throw new RegistryException(source, List.of("expected JSON in UTF-8: " + e.getMessage()));
        }
        List<String> problems = new ArrayList<>();
        Fields fields = new Fields(root, "$", problems);
        if (fields.whole("schema", true).filter(v -> v != 1).isPresent()) {
            fields.problem("schema", "1", root.get("schema") + "; a newer version of this program may read it");
        }
        Map<String, ModelCard> cards = new TreeMap<>();
        for (Fields model : fields.objects("models", true)) {
            Optional<ModelCard> card = CardJson.read(model, base);
            if (card.isPresent() && cards.put(card.get().name(), card.get()) != null) {
                model.problem("name", "a name that occurs once", card.get().name() + " again");
            }
            card.ifPresent(c -> check.accept(model, c));
        }
        fields.end();
        if (!problems.isEmpty()) {
            throw new RegistryException(source, problems);
        }
        return cards;
    }

    /** Params and FLOPs in a card are what the network has, to the integer. */
    private static void checkNumbers(Fields model, ModelCard card) {
        if (card.parameters().isEmpty() && card.flops().isEmpty()) {
            return;
        }
        int side = card.preprocessing().crop();
        Cost cost;
        try {
            cost = Cost.of(card.network(), side, side);
        } catch (ArithmeticException e) {
            model.problem("architecture", "a network whose operations can be counted", "more than 2^63");
            return;
        }
        long flops = Objects.requireNonNull(cost.flops().get(card.network().costAt()));
        if (card.parameters().isPresent() && card.parameters().getAsLong() != cost.parameters()) {
            model.problem(
                    "parameters",
                    cost.parameters() + " as the architecture has",
                    "" + card.parameters().getAsLong());
        }
        if (card.flops().isPresent() && card.flops().getAsLong() != flops) {
            model.problem(
                    "flops",
                    flops + " as the architecture has",
                    "" + card.flops().getAsLong());
        }
    }

    /** All cards by name, in alphabetical order. */
    public Map<String, ModelCard> cards() {
        return cards;
    }

    /**
     * The card of a name, in any case.
     *
     * @throws IllegalArgumentException if there is none; names the three nearest
     */
    public ModelCard get(String name) {
        ModelCard card = cards.get(name.toLowerCase(Locale.ROOT));
        if (card == null) {
            throw new IllegalArgumentException("there is no model '" + name + "'; did you mean "
                    + String.join(", ", nearest(name)) + "? 'mocozoo list' and Zoo.listModels() name all");
        }
        return card;
    }

    /** The models that carry this one's encoder, linear probes before fine-tunes. */
    public List<String> downstream(String name) {
        return cards.values().stream()
                .filter(c -> c.pretrained().filter(name::equals).isPresent())
                .map(ModelCard::name)
                .toList();
    }

    private List<String> nearest(String name) {
        String typed = name.toLowerCase(Locale.ROOT);
        return cards.keySet().stream()
                .sorted(Comparator.comparingInt((String n) -> EditDistance.toPartOf(n, typed))
                        .thenComparingInt(n -> Math.abs(n.length() - typed.length())))
                .limit(3)
                .toList();
    }

    /**
     * The names that fit, sorted. Patterns are shell wildcards ({@code *}, {@code ?}, {@code [...]}) with a
     * {@code *} appended, so a plain word is a prefix; case matters, and names are lower case.
     *
     * @param patterns any of which must fit; none means all
     * @param excludes none of which may fit
     * @param task the task's word as in a card or as in the reference; unknown ones fit nothing
     */
    public List<String> list(List<String> patterns, List<String> excludes, Optional<String> task) {
        Optional<Task> wanted = task.flatMap(Task::of);
        List<Wildcard> include = patterns.stream().map(Wildcard::prefix).toList();
        List<Wildcard> exclude = excludes.stream().map(Wildcard::prefix).toList();
        return cards.values().stream()
                .filter(c -> task.isEmpty() || wanted.filter(t -> t == c.task()).isPresent())
                .map(ModelCard::name)
                .filter(n -> include.isEmpty() || include.stream().anyMatch(w -> w.fits(n)))
                .filter(n -> exclude.stream().noneMatch(w -> w.fits(n)))
                .toList();
    }
}
