package io.mocozoo.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegistryFileTest {
    private static final String SHIPPED = "vit-tiny-p8_shapes";

    @TempDir
    Path folder;

    private static ObjectNode card(String name) {
        ObjectNode card = CardJson.write(Registry.builtIn().get(SHIPPED)).put("name", name);
        card.remove(List.of("weights", "labels"));
        return card;
    }

    @Test
    void cardsAreAddedToAFileThatIsMadeForThem() throws IOException {
        Path file = folder.resolve("below/registry.json");
        RegistryFile.put(file, card("b").put("license", "mine"), false);
        RegistryFile.put(file, card("a"), false);
        assertThat(Registry.builtIn().with(file).cards()).containsKeys("a", "b");
        assertThatThrownBy(() -> RegistryFile.put(file, card("b"), false)).hasMessageContaining("name b already");
        RegistryFile.put(file, card("b").put("license", "yours"), true);
        JsonNode models = new ObjectMapper().readTree(file.toFile()).get("models");
        assertThat(models).hasSize(2);
        assertThat(models.get(0).get("license").textValue()).isEqualTo("yours");
        assertThat(models.get(1).get("name").textValue()).isEqualTo("a");
    }

    @Test
    void otherCardsKeepEveryDigit() throws IOException {
        Path file = folder.resolve("registry.json");
        String other = "{\"schema\": 1, \"models\": [" + card("other") + "]}";
        Files.writeString(file, other.replace("103.53", "103.530000000000000000001"));
        RegistryFile.put(file, card("mine"), false);
        assertThat(Files.readString(file)).contains("103.530000000000000000001");
    }

    @Test
    void fileThatCannotBeTakenAndCardThatCannotLeaveItAsItWas() throws IOException {
        Path file = folder.resolve("registry.json");
        Files.writeString(file, "{\"schema\": 1, \"models\": [{}]}");
        assertThatThrownBy(() -> RegistryFile.put(file, card("mine"), true)).isInstanceOf(RegistryException.class);
        assertThat(file).hasContent("{\"schema\": 1, \"models\": [{}]}");
        Path good = folder.resolve("good.json");
        RegistryFile.put(good, card("mine"), false);
        byte[] before = Files.readAllBytes(good);
        assertThatThrownBy(() -> RegistryFile.put(good, card("other").put("parameters", 5), false))
                .isInstanceOf(RegistryException.class)
                .hasMessageContaining("parameters");
        assertThat(good).hasBinaryContent(before);
        assertThatThrownBy(() -> RegistryFile.put(folder, card("mine"), false)).hasMessageContaining("no place");
    }

    @Test
    void cardsOfManyAtOnceAreAllThere() throws Exception {
        Path file = folder.resolve("registry.json");
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<?>> done = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                String name = "model-" + i;
                done.add(threads.submit(() -> {
                    RegistryFile.put(file, card(name), false);
                    return null;
                }));
            }
            for (Future<?> one : done) {
                one.get();
            }
        } finally {
            threads.shutdown();
        }
        assertThat(new ObjectMapper().readTree(file.toFile()).get("models")).hasSize(12);
    }
}
