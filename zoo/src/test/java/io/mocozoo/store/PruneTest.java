package io.mocozoo.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PruneTest extends CacheCase {
    @Test
    void verifyFindsOneFlippedBit() throws IOException {
        Fixture.put(target, CONTENT);
        offline.fetch("owner", PUBLISHED, Optional.empty());
        Path key = store.make("key", Fixture::graphs);
        assertThat(store.verify()).extracting(Store.Checked::path).containsExactly(target, key);
        assertThat(store.verify()).extracting(Store.Checked::problem).containsOnly(Optional.empty());

        Fixture.spoil(target);
        Fixture.spoil(key.resolve("data").resolve("weights.bin"));

        List<Store.Checked> found = store.verify();
        assertThat(found.get(0).problem().orElseThrow()).contains(SHA256);
        assertThat(found.get(1).problem().orElseThrow()).contains("data/weights.bin");
        assertThat(store.pruneBroken()).extracting(Store.Entry::path).containsExactly(target, key);
        assertThat(store.list()).isEmpty();
    }

    @Test
    void aFolderWithoutItsNoteIsBroken() throws IOException {
        Fixture.put(cache.resolve("onnx").resolve("key").resolve("model.onnx"), CONTENT);

        assertThat(store.verify().get(0).problem().orElseThrow()).contains("store.json");
    }

    @Test
    void anEmptyCacheHoldsNothing() throws IOException {
        assertThat(store.list()).isEmpty();
        assertThat(store.verify()).isEmpty();
        assertThat(store.prune(Duration.ZERO)).isEmpty();
        assertThat(cache).doesNotExist();
    }

    @Test
    void pruningGoesByLastUseAndNeverTouchesTheRegistry() throws IOException {
        Fixture.put(cache.resolve("registry.json"), CONTENT);
        Fixture.put(target, CONTENT);
        offline.fetch("owner", PUBLISHED, Optional.empty());
        Path old = store.make("old", Fixture::graphs);
        Path fresh = store.make("fresh", Fixture::graphs);
        Fixture.age(target.resolveSibling(NAME + ".json"));
        Fixture.age(old.resolve("store.json"));
        assertThat(store.list())
                .extracting(Store.Entry::kind, Store.Entry::bytes)
                .containsExactly(tuple("weights", 5000L), tuple("converted", 12L), tuple("converted", 12L));

        offline.fetch("owner", PUBLISHED, Optional.empty()); // used
        assertThat(store.prune(Duration.ofDays(30)))
                .extracting(Store.Entry::path)
                .containsExactly(old);
        assertThat(old).doesNotExist();
        assertThat(fresh).exists();

        assertThat(store.prune(Duration.ZERO)).extracting(Store.Entry::path).containsExactly(target, fresh);
        assertThat(target.resolveSibling(NAME + ".json")).doesNotExist();
        assertThat(cache.resolve("registry.json")).exists();
    }

    @Test
    void aBrokenOffDownloadIsListedAndPruned() throws IOException {
        try (FileServer server = new FileServer(CONTENT)) {
            server.thenBreaksAfter(1000).thenStatus(404);
            assertThatThrownBy(() -> store.fetch("owner", server.uri(NAME), Optional.empty()))
                    .isInstanceOf(IOException.class);
        }
        Path part = target.resolveSibling(NAME + ".part");
        assertThat(store.list()).extracting(Store.Entry::path).containsExactly(part);
        assertThat(store.pruneBroken()).isEmpty();

        store.prune(Duration.ZERO);

        assertThat(target.getParent()).isEmptyDirectory();
    }

    @Test
    void whatSomebodyIsAtIsNotPruned() throws IOException {
        Path key = store.make("key", Fixture::graphs);
        Files.delete(key.resolve("store.json"));

        store.make("key", folder -> {
            Fixture.graphs(folder);
            assertThat(store.prune(Duration.ZERO)).isEmpty();
            assertThat(store.pruneBroken()).isEmpty();
            assertThat(key).exists();
            assertThat(folder).isNotEmptyDirectory();
        });
    }

    @Test
    void pruningForgetsFilesThatAreGone() throws IOException {
        Path file = elsewhere.resolve("own.pth");
        Fixture.put(file, CONTENT);
        Fixture.age(file);
        store.local(file);
        store.prune(Duration.ZERO);
        assertThat(cache.resolve("digests")).isNotEmptyDirectory();

        Files.delete(file);
        store.prune(Duration.ZERO);

        assertThat(cache.resolve("digests")).isEmptyDirectory();
    }
}
