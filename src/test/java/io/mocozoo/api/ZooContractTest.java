package io.mocozoo.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mocozoo.ModelBuilder;
import io.mocozoo.Zoo;
import io.mocozoo.checkpoint.Checkpoint;
import io.mocozoo.checkpoint.ReadLimits;
import io.mocozoo.checkpoint.Safetensors;
import io.mocozoo.image.RgbImage;
import io.mocozoo.network.Output;
import io.mocozoo.registry.Registry;
import io.mocozoo.runtime.Device;
import io.mocozoo.runtime.Jvm;
import io.mocozoo.runtime.Labels;
import io.mocozoo.runtime.Model;
import io.mocozoo.runtime.Tensor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ZooContractTest {
    private static final String MODEL = "vit-tiny-p8_shapes";
    private static final RgbImage GREY = new RgbImage(60, 60, new byte[60 * 60 * 3]);

    @TempDir
    Path folder;

    private Zoo zoo = Zoo.builder().build();

    @BeforeEach
    void makeZoo() {
        zoo = Zoo.builder().cache(folder.resolve("cache")).device(Device.CPU).build();
    }

    @AfterEach
    void closeZoo() {
        zoo.close();
    }

    /** The embedded weights with names of classes of their own. */
    private Path named(String json) throws IOException {
        Path torch = folder.resolve("embedded.pth");
        try (InputStream in = Registry.builtIn()
                .get(MODEL)
                .weights()
                .orElseThrow()
                .uri()
                .toURL()
                .openStream()) {
            Files.write(torch, in.readAllBytes());
        }
        Path file = folder.resolve("named.safetensors");
        try (Checkpoint checkpoint = Checkpoint.open(torch, ReadLimits.DEFAULT)) {
            Safetensors.write(file, checkpoint.stateDict(), Map.of("classes", json));
        }
        return file;
    }

    @Test
    void checkpointsNamesComeAfterTheCardsAndTheGiven() throws IOException {
        Path file = named("[\"a\\nb\", \"c\", \"d\"]");
        try (Model card = zoo.configure(MODEL).weights(file).open();
                Model own = zoo.configure(MODEL).classes(3).weights(file).open();
                Model given = zoo.configure(MODEL)
                        .classes(3)
                        .labels(new Labels(List.of("x", "y", "z")))
                        .weights(file)
                        .open();
                Model none = zoo.configure(MODEL).classes(3).open()) {
            assertThat(card.labels().names()).hasSize(10);
            assertThat(own.labels().names()).containsExactly("a b", "c", "d"); // a line break is no next name
            assertThat(given.labels().names()).containsExactly("x", "y", "z");
            assertThat(none.labels().name(2)).isEqualTo("2"); // the card's ten names are not of these three classes
        }
    }

    @Test
    void labelsOfEditorsThatMarkTheirFilesAreReadAsAnyOthers() throws IOException {
        byte[] bytes = "\uFEFFalpha\r\nbeta\r\n".getBytes(StandardCharsets.UTF_8);
        assertThat(Labels.read(new ByteArrayInputStream(bytes), "labels.txt").names())
                .containsExactly("alpha", "beta");
    }

    @Test
    void contradictionsAreRefusedInsteadOfForgotten() throws IOException {
        ModelBuilder both = zoo.configure(MODEL).pretrained(false).weights(Path.of("mine.pth"));
        assertThatThrownBy(both::open)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("mine.pth")
                .hasMessageContaining("leave one out");
        assertThatThrownBy(() -> zoo.configure(MODEL).outputs())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least one output of [logits");
        assertThatThrownBy(() -> zoo.configure(MODEL).outputs(Set.of())).isInstanceOf(IllegalArgumentException.class);
        for (int classes : new int[] {0, -1}) {
            assertThatThrownBy(() -> zoo.configure(MODEL).classes(classes).open())
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> Zoo.builder().openModels(0).build()).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Zoo.builder().batch(0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void noImagesGiveNoRowsAndAnUnknownOutputIsStillRefused() throws IOException {
        try (Model model = zoo.configure(MODEL).open()) {
            assertThat(model.predict(List.of())).isEmpty();
            assertThat(model.extract(List.of(), Output.FEATURES).shape()).containsExactly(0, 64);
            assertThatThrownBy(() -> model.extract(List.of(), Output.STAGE1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("stage1");
            assertThatThrownBy(() -> model.forward(Tensor.zeros(0, 3, 48, 48)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("[0, 3, 48, 48]");
        }
    }

    @Test
    void everyCallOnAClosedModelSaysSo() throws IOException {
        Model model = zoo.configure(MODEL).open();
        model.close();
        Tensor x = Tensor.zeros(1, 3, 48, 48);
        for (ThrowableAssert.ThrowingCallable call : List.<ThrowableAssert.ThrowingCallable>of(
                () -> model.forward(x),
                () -> model.extractFeat(x),
                () -> model.run(x),
                () -> model.predict(GREY),
                () -> model.extract(List.of(GREY), Output.FEATURES),
                model::warm)) {
            assertThatThrownBy(call).isInstanceOf(IllegalStateException.class).hasMessageContaining("is closed");
        }
    }

    @Test
    void closedZooRefusesOneLinersAndClosesTwice() throws IOException {
        zoo.predict(MODEL, List.of(GREY));
        zoo.close();
        zoo.close();
        assertThatThrownBy(() -> zoo.predict(MODEL, List.of(GREY)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("zoo is closed");
    }

    @Test
    void modelThatCannotBeOpenedIsTriedAgain() throws IOException {
        Path registry = folder.resolve("r.json");
        Path weights = folder.resolve("later.safetensors");
        Path existing = named("[]");
        String builtIn = Files.readString(Path.of("../../registry.json"));
        String card = builtIn.substring(
                        builtIn.indexOf("{\n      \"name\": \"" + MODEL), builtIn.lastIndexOf("}\n  ]") + 1)
                .replace("\"name\": \"" + MODEL, "\"name\": \"later")
                .replaceAll("\"labels\": \"[^\"]*\",", "")
                .replaceAll("\"weights\": \\{[^}]*\\}", "\"weights\": {\"url\": \"" + weights.toUri() + "\"}");
        Files.writeString(registry, "{\"schema\": 1, \"models\": [" + card + "]}");
        try (Zoo later = Zoo.builder()
                .cache(folder.resolve("cache"))
                .registry(registry)
                .device(Device.CPU)
                .build()) {
            assertThatThrownBy(() -> later.predict("later", List.of(GREY))).isInstanceOf(IOException.class);
            Files.move(existing, weights);
            assertThat(later.predict("later", List.of(GREY))).hasSize(1);
        }
    }

    @Test
    void standardZooTellsOfABrokenRegistryEveryTimeAndWorksOnceItIsMended() throws Exception {
        Path home = Files.createDirectories(folder.resolve("home"));
        Path registry = Files.writeString(home.resolve("registry.json"), "{\"schema\": 2}");
        Jvm.Ended ended =
                Jvm.run(Map.of("MOCOZOO_HOME", home.toString()), List.of(), StandardZooMain.class, registry.toString());
        assertThat(ended.code()).as(ended.output()).isZero();
        assertThat(ended.output().lines().filter(l -> l.startsWith("told: ") && l.contains("registry.json")))
                .hasSize(2);
        assertThat(ended.output()).contains("models: 13");
    }
}
