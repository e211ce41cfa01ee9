package io.mocozoo.store;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A cache, stores over it and one published file, for tests of what lies there. */
abstract class CacheCase {
    static final byte[] CONTENT = Fixture.bytes(5000, 1);
    static final String NAME = Fixture.name(CONTENT);
    static final String SHA256 = Fixture.sha256(CONTENT);
    static final URI PUBLISHED = URI.create("https://models.example/" + NAME);

    Path cache;
    Path elsewhere;
    Store store;
    Store offline;
    Path target;

    @BeforeEach
    void open(@TempDir Path folder) throws IOException {
        cache = folder.resolve("cache");
        elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
        store = Fixture.store(cache);
        offline = Fixture.offline(cache);
        target = cache.resolve("weights").resolve("owner").resolve(NAME);
    }
}
