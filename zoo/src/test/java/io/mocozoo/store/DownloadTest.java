package io.mocozoo.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What comes in pieces becomes the one file, or nothing. */
class DownloadTest extends DownloadCase {
    @Test
    void whatComesWholeIsNotedAndNeverAskedForAgain() throws IOException {
        StoredFile first = fetch();
        StoredFile second = Fixture.store(cache).fetch("owner", server.uri(NAME), Optional.of(SHA256.substring(0, 12)));

        assertThat(first)
                .isEqualTo(new StoredFile(target, SHA256, CONTENT.length))
                .isEqualTo(second);
        assertThat(server.requests()).hasSize(1);
        assertThat(Json.read(target.resolveSibling(NAME + ".json"), WeightsFolder.Note.class))
                .hasValueSatisfying(note -> {
                    assertThat(note.file().sha256()).isEqualTo(SHA256);
                    assertThat(note.url()).isEqualTo(server.uri(NAME).toString());
                    assertThat(note.etag()).isEqualTo("\"1\"");
                });
        assertComplete();
    }

    @Test
    void aBrokenConnectionIsTakenUpWhereItBroke() throws IOException {
        server.thenBreaksAfter(100_000).thenBreaksAfter(50_000);

        fetch();

        assertComplete();
        assertThat(ranges()).containsExactly("null", "bytes=100000-", "bytes=150000-");
        assertThat(server.requests().get(2).getFirst("If-Range")).isEqualTo("\"1\"");
    }

    @Test
    void theNextProcessTakesUpWhatTheLastOneLeft() throws IOException {
        server.thenBreaksAfter(100_000).thenStatus(404);
        assertThatThrownBy(this::fetch).hasMessageContaining("404");
        assertThat(part).hasSize(100_000);
        List<Long> seen = new ArrayList<>();

        Fixture.store(cache, recorder(seen), Fixture.NO_PROXIES, Space.OF_DISK)
                .fetch("owner", server.uri(NAME), Optional.empty());

        assertComplete();
        assertThat(ranges()).containsExactly("null", "bytes=100000-", "bytes=100000-");
        assertThat(seen).startsWith((long) CONTENT.length, 100_000L).endsWith((long) CONTENT.length);
    }

    /** First the total, then what was done. */
    private static Progress recorder(List<Long> seen) {
        return (what, total) -> {
            seen.add(total);
            return new Progress.Work() {
                @Override
                public void at(long done) {
                    seen.add(done);
                }

                @Override
                public void close() {}
            };
        };
    }

    @Test
    void aServerWithoutRangesStartsOver() throws IOException {
        server.knowsRanges = false;
        server.thenBreaksAfter(100_000);

        fetch();

        assertComplete();
    }

    @Test
    void aServerWithoutAValidatorIsNotAskedForARange() throws IOException {
        server.etag = null;
        server.thenBreaksAfter(100_000);

        fetch();

        assertComplete();
        assertThat(ranges()).containsExactly("null", "null");
    }

    @Test
    void aWeakEtagIsNoReasonToTakeUpWhatBroke() throws IOException {
        server.etag = "W/\"1\"";
        server.thenBreaksAfter(100_000);

        fetch();

        assertThat(ranges()).containsExactly("null", "null");
    }

    @Test
    void aFileThatChangesBetweenTwoTriesIsNeverMixed() throws IOException {
        byte[] other = Fixture.bytes(250_000, 2);
        server.thenBreaksAfter(100_000).then(exchange -> {
            server.content = other;
            server.etag = "\"2\"";
            exchange.sendResponseHeaders(500, -1);
        });

        StoredFile file = store.fetch("owner", server.uri("plain.pth"), Optional.empty());

        assertThat(file.path()).hasBinaryContent(other);
        assertThat(file.sha256()).isEqualTo(Fixture.sha256(other));
    }

    @ParameterizedTest
    @CsvSource({
        "bytes 99999-299999/300000, 1",
        "bytes 100000-299999/300001, 1",
        "nonsense, 1",
        "bytes 100000-299999/300000, 2"
    })
    void aRangeThatIsNotTheRestIsRefusedAndAllFetchedAnew(String range, String etag) throws IOException {
        server.thenBreaksAfter(100_000).then(exchange -> {
            exchange.getResponseHeaders().set("Content-Range", range);
            exchange.getResponseHeaders().set("ETag", "\"" + etag + "\"");
            exchange.sendResponseHeaders(206, 200_000);
            exchange.getResponseBody().write(CONTENT, 100_000, 200_000);
        });

        fetch();

        assertComplete();
        assertThat(ranges()).containsExactly("null", "bytes=100000-", "null");
    }

    @Test
    void aRangeBeyondTheEndStartsOver() throws IOException {
        server.thenBreaksAfter(100_000).thenStatus(416);

        fetch();

        assertComplete();
    }

    @Test
    void aBodyShorterThanItsLengthIsFetchedToItsEnd() throws IOException {
        byte[] half = Arrays.copyOf(CONTENT, 150_000);
        try (LyingServer liar = new LyingServer(
                LyingServer.answer("HTTP/1.1 200 OK\nETag: \"x\"\nContent-Length: 300000", half),
                LyingServer.answer(
                        "HTTP/1.1 206 Partial Content\nETag: \"x\"\nContent-Range: bytes 150000-299999/300000\n"
                                + "Content-Length: 150000",
                        Arrays.copyOfRange(CONTENT, 150_000, 300_000)))) {
            StoredFile file = store.fetch("owner", liar.uri(NAME), Optional.empty());

            assertThat(file.path()).hasBinaryContent(CONTENT);
            assertThat(liar.requests().get(1)).contains("Range: bytes=150000-").contains("If-Range: \"x\"");
        }
    }

    @Test
    void aBodyLongerThanItsLengthIsFoundOutByItsDigestAndFetchedAgain() throws IOException {
        try (LyingServer liar = new LyingServer(
                LyingServer.answer("HTTP/1.1 200 OK\nContent-Length: 1000", CONTENT),
                LyingServer.answer("HTTP/1.1 200 OK\nContent-Length: 300000", CONTENT))) {
            assertThat(store.fetch("owner", liar.uri(NAME), Optional.empty()).path())
                    .hasBinaryContent(CONTENT);
        }
    }

    @Test
    void aRestLongerThanTheFileStartsOver() throws IOException {
        server.thenBreaksAfter(100_000).then(exchange -> {
            exchange.getResponseHeaders().set("Content-Range", "bytes 100000-299999/300000");
            exchange.sendResponseHeaders(206, 0);
            exchange.getResponseBody().write(CONTENT, 0, 250_000);
        });

        fetch();

        assertComplete();
    }

    @Test
    void aFileOfUnknownLengthEndsWhereItEnds() throws IOException {
        server.then(exchange -> {
            exchange.sendResponseHeaders(200, 0); // chunked
            exchange.getResponseBody().write(CONTENT);
        });

        fetch();

        assertComplete();
    }

    @Test
    void bytesSpoiledOnTheDiskAreFoundOutAndFetchedAgain() throws IOException {
        server.thenBreaksAfter(100_000).thenStatus(404);
        assertThatThrownBy(this::fetch).isInstanceOf(IOException.class);
        Files.write(part, new byte[100_000]);

        fetch();

        assertComplete();
    }

    @Test
    void aTornNoteMakesItsBytesWorthless() throws IOException {
        server.thenBreaksAfter(100_000).thenStatus(404);
        assertThatThrownBy(this::fetch).isInstanceOf(IOException.class);
        Files.writeString(part.resolveSibling(NAME + ".part.json"), "{\"url\": \"htt");

        fetch();

        assertComplete();
        assertThat(ranges().get(2)).isEqualTo("null");
    }

    @Test
    void withoutADigestOnlyBytesForcedToTheDiskAreTrusted() throws IOException {
        URI uri = server.uri("plain.pth");
        Path plain = target.resolveSibling("plain.pth.part");
        Part.Note note = new Part.Note(uri.toString(), "\"1\"", null, CONTENT.length, 4000);
        Files.createDirectories(plain.getParent());
        Json.write(plain.resolveSibling("plain.pth.part.json"), note);
        byte[] unforced = Arrays.copyOf(CONTENT, 9000);
        Arrays.fill(unforced, 4000, 9000, (byte) 0);
        Files.write(plain, unforced);

        StoredFile file = store.fetch("owner", uri, Optional.empty());

        assertThat(file.path()).hasBinaryContent(CONTENT);
        assertThat(ranges()).containsExactly("bytes=4000-");
    }

    @Test
    void aPartThatIsWholeIsTakenWithoutAsking() throws IOException {
        Files.createDirectories(part.getParent());
        Files.write(part, CONTENT);
        Json.write(
                part.resolveSibling(NAME + ".part.json"),
                new Part.Note(server.uri(NAME).toString(), "\"1\"", null, CONTENT.length, 0));

        fetch();

        assertComplete();
        assertThat(server.requests()).isEmpty();
    }

    @Test
    void anInterruptedDownloadKeepsWhatItHas() throws Exception {
        server.thenHangsAfter(100_000);
        List<Throwable> thrown = new CopyOnWriteArrayList<>();
        Thread thread = new Thread(() -> {
            try {
                new Store(cache, false, List.of(), Progress.NONE, Patience.DEFAULT, Fixture.NO_PROXIES, Space.OF_DISK)
                        .fetch("owner", server.uri(NAME), Optional.empty());
            } catch (IOException e) {
                thrown.add(e);
            }
        });
        thread.start();
        while (!Files.exists(part) || Files.size(part) < 100_000) {
            Thread.sleep(5);
        }

        thread.interrupt();
        thread.join(5000);

        assertThat(thrown).singleElement().isInstanceOf(InterruptedIOException.class);
        assertThat(part).hasSize(100_000);
    }
}
