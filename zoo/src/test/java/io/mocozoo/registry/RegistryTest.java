package io.mocozoo.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.mocozoo.network.Classifier;
import io.mocozoo.network.Cost;
import io.mocozoo.network.ResNet;
import io.mocozoo.network.VisionTransformer;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RegistryTest {
    private static final Registry BUILT_IN = Registry.builtIn();
    private static final String CARD =
            """
            {"name": "mine", "task": "image-classification",
             "architecture": {"backbone": {"type": "resnet", "depth": 18, "stemChannels": 8, "baseChannels": 8},
                              "head": {"type": "linear", "classes": 3}},
             "preprocessing": {"resizeShortEdge": 32, "interpolation": "bicubic", "crop": 28,
                               "mean": [0, 0, 0], "std": [1, 1, 1]}%s}""";

    private static List<String> list(String pattern) {
        return BUILT_IN.list(List.of(pattern), List.of(), Optional.empty());
    }

    private static Registry with(String models) throws RegistryException {
        return BUILT_IN.with(
                ("{\"schema\": 1, \"models\": [" + models + "]}").getBytes(StandardCharsets.UTF_8),
                "mine.json",
                URI.create("file:/somewhere/mine.json"));
    }

    @Test
    void wildcardsFitAsTheReferencesDo() {
        assertThat(list("mocov3")).hasSize(6).allMatch(n -> n.startsWith("mocov3_"));
        assertThat(list("*mocov3")).hasSize(13);
        assertThat(list("resnet50_mocov3")).hasSize(3);
        assertThat(list("MOCOV3")).isEmpty();
        assertThat(list("mocov3_resnet50*?00e")).hasSize(3);
        assertThat(list("mocov3_resnet50*[13]00e")).hasSize(2);
        assertThat(list("mocov3_resnet50*[!13]00e")).hasSize(1);
        Optional<String> task = Optional.of("Image Classification");
        assertThat(BUILT_IN.list(List.of("*mocov3"), List.of(), task)).hasSize(7);
        assertThat(BUILT_IN.list(List.of("*mocov3"), List.of("*linear"), task))
                .containsExactly(
                        "vit-base-p16_mocov3-pre_8xb64-coslr-150e_in1k",
                        "vit-large-p16_mocov3-pre_8xb64-coslr-100e_in1k");
        assertThat(BUILT_IN.list(List.of(), List.of(), Optional.of("null"))).hasSize(6);
        assertThat(BUILT_IN.list(List.of(), List.of(), Optional.of("Image Retrieval")))
                .isEmpty();
    }

    /** Opening the registry leaves the counting out, which takes longer than all the rest. */
    @Test
    void numbersOfTheBuiltInCardsAreWhatTheirNetworksHave() throws IOException {
        try (InputStream file = Objects.requireNonNull(Registry.class.getResourceAsStream("registry.json"))) {
            Registry counted = BUILT_IN.with(file.readAllBytes(), "registry.json", URI.create("file:/somewhere/"));

            assertThat(counted.cards()).hasSameSizeAs(BUILT_IN.cards());
        }
        assertThat(BUILT_IN.cards().values())
                .filteredOn(
                        card -> card.parameters().isPresent() && card.flops().isPresent())
                .hasSizeGreaterThanOrEqualTo(13);
    }

    @Test
    void everyPublishedCardIsComplete() {
        for (String name : list("*mocov3")) {
            ModelCard card = BUILT_IN.get(name);
            assertThat(card.weights()).as(name).isPresent();
            ModelCard.Weights weights = card.weights().orElseThrow();
            assertThat(weights.fileName()).endsWith(weights.sha256Prefix().orElseThrow() + ".pth");
            assertThat(card.license()).as(name).isPresent();
            assertThat(card.paper()).as(name).isPresent();
            assertThat(card.recipe()).as(name).isPresent();
            boolean classifier = card.network() instanceof Classifier;
            assertThat(card.results()).as(name).hasSize(classifier ? 1 : 0);
            assertThat(card.labels().isPresent()).as(name).isEqualTo(classifier);
            card.pretrained().ifPresent(p -> assertThat(BUILT_IN.cards()).containsKey(p));
            assertThat(card.pretrained().isPresent()).as(name).isEqualTo(classifier);
        }
    }

    /** Params, FLOPs and what the README of the page shows of them. */
    static Stream<Arguments> published() {
        return Stream.of(
                Arguments.of("mocov3_resnet50_8xb512-amp-coslr-100e_in1k", 68012160L, 4109364224L, "68.01 4.11"),
                Arguments.of("mocov3_resnet50_8xb512-amp-coslr-300e_in1k", 68012160L, 4109364224L, "68.01 4.11"),
                Arguments.of("mocov3_resnet50_8xb512-amp-coslr-800e_in1k", 68012160L, 4109364224L, "68.01 4.11"),
                Arguments.of("mocov3_vit-small-p16_16xb256-amp-coslr-300e_in1k", 84266752L, 4607954304L, "84.27 4.61"),
                Arguments.of(
                        "mocov3_vit-base-p16_16xb256-amp-coslr-300e_in1k", 215678464L, 17581972224L, "215.68 17.58"),
                Arguments.of(
                        "mocov3_vit-large-p16_64xb64-amp-coslr-300e_in1k", 652781568L, 61603111936L, "652.78 61.60"),
                Arguments.of(
                        "resnet50_mocov3-100e-pre_8xb128-linear-coslr-90e_in1k", 25557032L, 4109464576L, "25.56 4.11"),
                Arguments.of(
                        "resnet50_mocov3-300e-pre_8xb128-linear-coslr-90e_in1k", 25557032L, 4109464576L, "25.56 4.11"),
                Arguments.of(
                        "resnet50_mocov3-800e-pre_8xb128-linear-coslr-90e_in1k", 25557032L, 4109464576L, "25.56 4.11"),
                Arguments.of(
                        "vit-small-p16_mocov3-pre_8xb128-linear-coslr-90e_in1k", 22050664L, 4607954304L, "22.05 4.61"),
                Arguments.of("vit-base-p16_mocov3-pre_8xb64-coslr-150e_in1k", 86567656L, 17581972224L, "86.57 17.58"),
                Arguments.of(
                        "vit-base-p16_mocov3-pre_8xb128-linear-coslr-90e_in1k", 86567656L, 17581972224L, "86.57 17.58"),
                Arguments.of(
                        "vit-large-p16_mocov3-pre_8xb64-coslr-100e_in1k", 304326632L, 61603111936L, "304.33 61.60"));
    }

    @ParameterizedTest
    @MethodSource("published")
    void numbersAreThePublishedOnesToTheInteger(String name, long parameters, long flops, String shown) {
        Cost cost = Cost.of(BUILT_IN.get(name).network(), 224, 224);
        long found = Objects.requireNonNull(
                cost.flops().get(BUILT_IN.get(name).network().costAt()));
        assertThat(cost.parameters()).isEqualTo(parameters);
        assertThat(found).isEqualTo(flops);
        assertThat(BUILT_IN.get(name).parameters()).hasValue(parameters);
        assertThat(String.format(Locale.ROOT, "%.2f %.2f", cost.parameters() / 1e6, found / 1e9))
                .isEqualTo(shown);
    }

    @Test
    void smallHasTwelveHeads() {
        assertThat(BUILT_IN.get("vit-small-p16_mocov3-pre_8xb128-linear-coslr-90e_in1k")
                        .network()
                        .backbone())
                .asInstanceOf(type(VisionTransformer.class))
                .extracting(VisionTransformer::heads)
                .isEqualTo(12);
    }

    @Test
    void linearProbesComeBeforeFineTunesOfTheSameEncoder() {
        assertThat(BUILT_IN.downstream("mocov3_vit-base-p16_16xb256-amp-coslr-300e_in1k"))
                .containsExactly(
                        "vit-base-p16_mocov3-pre_8xb128-linear-coslr-90e_in1k",
                        "vit-base-p16_mocov3-pre_8xb64-coslr-150e_in1k");
    }

    @Test
    void namesAreFoundInAnyCaseAndUnknownOnesAnsweredWithTheNearest() {
        assertThat(BUILT_IN.get("MOCOV3_ResNet50_8xb512-amp-coslr-100e_in1k").name())
                .isEqualTo("mocov3_resnet50_8xb512-amp-coslr-100e_in1k");
        assertThatThrownBy(() -> BUILT_IN.get("resnet50_mocov3-100e"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("resnet50_mocov3-100e-pre_8xb128-linear-coslr-90e_in1k")
                .hasMessageContaining("resnet50_mocov3-300e");
    }

    @Test
    void overlayAddsAndReplacesCards(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("my.json");
        Files.writeString(
                file,
                "{\"schema\": 1, \"models\": ["
                        + CARD.formatted(", \"weights\": {\"url\": \"weights/a.pth\", \"sha256Prefix\": \"0123abcd\"}")
                        + "]}");
        Registry registry = BUILT_IN.with(file);
        assertThat(registry.cards()).hasSize(BUILT_IN.cards().size() + 1);
        ModelCard card = registry.get("mine");
        assertThat(card.network().backbone()).isEqualTo(new ResNet(18, 8, 8));
        assertThat(Path.of(card.weights().orElseThrow().uri())).isEqualTo(folder.resolve("weights/a.pth"));
        assertThat(registry.with(file).cards()).hasSameSizeAs(registry.cards());
    }

    @Test
    void cardSurvivesItsJson() throws Exception {
        for (ModelCard card : BUILT_IN.cards().values()) {
            if (card.weights().orElseThrow().uri().getScheme().equals("https")) {
                Registry again = with(CardJson.write(card).toString());
                assertThat(again.get(card.name())).isEqualTo(card);
            }
        }
    }

    @Test
    void everyFaultIsNamedAtOnceWithItsPath() {
        String wrong = CARD.formatted(", \"colour\": 1, \"results\": [{\"dataset\": 3}], \"parameters\": 5")
                .replace("\"depth\": 18", "\"depth\": \"18\"")
                .replace("bicubic", "nearest")
                .replace("\"std\": [1, 1, 1]", "\"std\": [1, 0]");
        assertThatThrownBy(() -> with(wrong))
                .asInstanceOf(type(RegistryException.class))
                .satisfies(e -> assertThat(e.problems())
                        .anyMatch(p -> p.startsWith("$.models[0].colour: ") && p.contains("unknown field"))
                        .anyMatch(p -> p.startsWith("$.models[0].architecture.backbone.depth: expected a positive"))
                        .anyMatch(p -> p.startsWith("$.models[0].preprocessing.interpolation: expected one of"))
                        .anyMatch(p -> p.startsWith("$.models[0].preprocessing.std: expected three positive"))
                        .anyMatch(p -> p.startsWith("$.models[0].results[0].dataset: expected a non-empty string"))
                        .anyMatch(p -> p.startsWith("$.models[0].results[0].value: ")));
    }

    @Test
    void duplicateNamesAndNumbersTheNetworkHasNotAreRefused() {
        assertThatThrownBy(() -> with(CARD.formatted("") + "," + CARD.formatted("")))
                .isInstanceOf(RegistryException.class)
                .hasMessageContaining("$.models[1].name")
                .hasMessageContaining("once");
        assertThatThrownBy(() -> with(CARD.formatted(", \"parameters\": 5")))
                .isInstanceOf(RegistryException.class)
                .hasMessageContaining("$.models[0].parameters")
                .hasMessageContaining("found 5");
    }

    @ParameterizedTest
    @MethodSource("notRegistries")
    void whatIsNoRegistryIsSaid(String text, String part) {
        assertThatThrownBy(() -> BUILT_IN.with(
                        text.getBytes(StandardCharsets.UTF_8), "mine.json", URI.create("file:/mine.json")))
                .isInstanceOf(RegistryException.class)
                .hasMessageContaining("mine.json")
                .hasMessageContaining(part);
    }

    static Stream<Arguments> notRegistries() {
        return Stream.of(
                Arguments.of("", "$"),
                Arguments.of("{", "expected JSON"),
                Arguments.of("[]", "expected an object"),
                Arguments.of("{\"schema\": 2, \"models\": []}", "expected 1, found 2"),
                Arguments.of("{\"schema\": 1, \"schema\": 1, \"models\": []}", "Duplicate"),
                Arguments.of("{\"schema\": 1, \"models\": {}}", "expected an array"),
                Arguments.of("{\"schema\": 1, \"models\": []} x", "expected JSON"),
                Arguments.of("<html>", "expected JSON"));
    }
}
