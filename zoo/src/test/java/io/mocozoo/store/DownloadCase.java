package io.mocozoo.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** One server, one cache and one published file, for tests of how it comes over. */
abstract class DownloadCase {
    static final byte[] CONTENT = Fixture.bytes(300_000, 1);
    static final String NAME = Fixture.name(CONTENT);
    static final String SHA256 = Fixture.sha256(CONTENT);

    Path cache;
    FileServer server;
    Store store;
    Path target;
    Path part;

    @BeforeEach
    void open(@TempDir Path folder) throws IOException {
        cache = folder;
        server = new FileServer(CONTENT);
        store = Fixture.store(cache);
        target = cache.resolve("weights").resolve("owner").resolve(NAME);
        part = target.resolveSibling(NAME + ".part");
    }

    @AfterEach
    void close() {
        server.close();
    }

    StoredFile fetch() throws IOException {
        return store.fetch("owner", server.uri(NAME), Optional.empty());
    }

    void assertComplete() {
        assertThat(target).hasBinaryContent(CONTENT);
        assertThat(part).doesNotExist();
        assertThat(target.resolveSibling(NAME + ".part.json")).doesNotExist();
    }

    List<String> ranges() {
        return server.requests().stream()
                .map(r -> String.valueOf(r.getFirst("Range")))
                .toList();
    }
}
