package io.mocozoo.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MakeTest {
    private static final byte[] CONTENT = Fixture.bytes(5000, 1);

    private Path cache;
    private Store store;

    @BeforeEach
    void open(@TempDir Path folder) throws IOException {
        cache = folder.resolve("cache");
        store = Fixture.store(cache);
    }

    @Test
    void whatWasMadeIsNotMadeAgain() throws IOException {
        AtomicInteger made = new AtomicInteger();
        Store.Maker maker = folder -> {
            made.incrementAndGet();
            assertThat(folder)
                    .isEmptyDirectory()
                    .isNotEqualTo(cache.resolve("onnx").resolve("key"));
            Fixture.graphs(folder);
        };

        Path first = store.make("key", maker);
        Path second = Fixture.store(cache).make("key", maker);

        assertThat(first).isEqualTo(second).isEqualTo(cache.resolve("onnx").resolve("key"));
        assertThat(first.resolve("data").resolve("weights.bin")).hasContent("weights");
        assertThat(made).hasValue(1);
    }

    @Test
    void aMakerThatFailsLeavesNothing() {
        assertThatThrownBy(() -> store.make("key", folder -> {
                    Fixture.graphs(folder);
                    throw new IOException("disk full");
                }))
                .hasMessage("disk full");
        assertThat(cache.resolve("onnx")).isEmptyDirectory();
    }

    @Test
    void whatIsNotWholeIsMadeAgain() throws IOException {
        Path key = cache.resolve("onnx").resolve("key");
        Fixture.put(key.resolve("model.onnx"), CONTENT); // no note: half a folder

        store.make("key", Fixture::graphs);
        assertThat(key.resolve("model.onnx")).hasContent("graph");

        Files.delete(key.resolve("data").resolve("weights.bin"));
        store.make("key", Fixture::graphs);
        assertThat(key.resolve("data").resolve("weights.bin")).hasContent("weights");

        Files.writeString(key.resolve("model.onnx"), "GRAPH"); // same size, another time
        Fixture.age(key.resolve("model.onnx"));
        store.make("key", Fixture::graphs);
        assertThat(key.resolve("model.onnx")).hasContent("graph");
    }

    @Test
    void aCopiedCacheIsHashedAndKept() throws IOException {
        Path key = store.make("key", Fixture::graphs);
        Fixture.age(key.resolve("model.onnx"));

        store.make("key", folder -> {
            throw new IOException("made again");
        });
    }

    @Test
    void whatKilledMakersLeftGoesWithTheNextOneUnlessSomebodyIsAtIt() throws IOException {
        Path abandoned = cache.resolve("onnx").resolve(".old.making");
        Fixture.put(abandoned.resolve("model.onnx"), CONTENT);

        store.make("busy", folder -> {
            Fixture.graphs(folder);
            store.make("key", Fixture::graphs);
            assertThat(folder).isNotEmptyDirectory();
        });

        assertThat(abandoned).doesNotExist();
    }

    @Test
    void aMakerThatAsksForItselfOrMakesNothingIsABug() {
        assertThatThrownBy(() -> store.make("key", folder -> store.make("key", Fixture::graphs)))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> store.make("key", folder -> {})).isInstanceOf(IllegalStateException.class);
    }
}
