package io.mocozoo.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is read in passing, as pictures are. */
class ReadTest extends DownloadCase {
    @TempDir
    Path elsewhere;

    @Test
    void bytesOfAnAddressAreReadAndNothingIsKept() throws IOException {
        assertThat(store.read(server.uri(NAME), CONTENT.length)).isEqualTo(CONTENT);
        assertThat(target).doesNotExist();
        assertThat(server.requests()).hasSize(1);
    }

    @Test
    void filesAreReadWhereTheyLie() throws IOException {
        Path file = Files.write(elsewhere.resolve("a b.jpg"), new byte[] {1, 2, 3});
        assertThat(store.read(file.toUri(), 3)).containsExactly(1, 2, 3);
    }

    @Test
    void moreThanIsAllowedIsRefused() {
        assertThatThrownBy(() -> store.read(server.uri(NAME), 1000))
                .hasMessage(server.uri(NAME) + ": expected at most 1000 bytes, found more");
    }

    @Test
    void refusalsOfTheServerAreErrors() {
        server.thenStatus(404);
        assertThatThrownBy(() -> store.read(server.uri(NAME), 1000))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("found status 404");
        assertThatThrownBy(() -> store.read(URI.create("ftp://127.0.0.1/a.jpg"), 10))
                .hasMessageContaining("begins with https:, http: or file:");
    }

    @Test
    void offlineNothingIsAskedFor() {
        Store offline = new Store(elsewhere.resolve("cache"), true, List.of(), Progress.NONE);
        assertThatThrownBy(() -> offline.read(server.uri(NAME), 1000)).hasMessageContaining("offline");
        assertThat(server.requests()).isEmpty();
    }

    @Test
    void mirrorsAreAskedInstead() throws IOException {
        String here = server.uri(NAME).toString();
        Store mirrored = new Store(
                elsewhere.resolve("cache"), false, List.of(Mirror.of("https://far\\.test/.*=" + here)), Progress.NONE);
        assertThat(mirrored.read(URI.create("https://far.test/a.jpg"), CONTENT.length))
                .isEqualTo(CONTENT);
    }
}
