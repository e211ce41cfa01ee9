package io.mocozoo.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes wrong on the way is tried again where that may help, and said where not. */
class DownloadFailureTest extends DownloadCase {
    @Test
    void aServerThatLiesForEverIsGivenUpAndSaysWhatToDo() throws IOException {
        try (LyingServer liar = new LyingServer(
                LyingServer.answer("HTTP/1.1 200 OK\nContent-Length: 300000", Arrays.copyOf(CONTENT, 10)))) {
            assertThatThrownBy(() -> store.fetch("owner", liar.uri(NAME), Optional.empty()))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(liar.uri(NAME).toString())
                    .hasMessageContaining("gave up after 4 tries")
                    .hasMessageContaining("--mirror")
                    .hasMessageContaining(target.toString());
            assertThat(liar.requests()).hasSize(4);
            assertThat(target).doesNotExist();
        }
    }

    @Test
    void wrongBytesAreRefusedNamingBothDigestsAndNothingIsLeft() {
        server.content = Fixture.bytes(300_000, 3);

        assertThatThrownBy(this::fetch)
                .isInstanceOf(IOException.class)
                .hasMessageContaining(SHA256.substring(0, 8))
                .hasMessageContaining(Fixture.sha256(server.content))
                .hasMessageContaining(server.uri(NAME).toString());
        assertThat(target).doesNotExist();
        assertThat(part).doesNotExist();
    }

    @Test
    void theCardsDigestIsHeldToAsTheNamesIs() {
        assertThatThrownBy(() -> store.fetch("owner", server.uri("plain.pth"), Optional.of("0123456789ab")))
                .hasMessageContaining("0123456789ab (as the model's card says)")
                .hasMessageContaining(SHA256);
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 401, 403, 404, 410, 204})
    void aRefusalIsAnErrorAtOnce(int status) {
        server.thenStatus(status);

        assertThatThrownBy(this::fetch)
                .isInstanceOf(IOException.class)
                .hasMessageContaining(server.uri(NAME).toString())
                .hasMessageContaining("status " + status);
        assertThat(server.requests()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {500, 502, 503, 429, 408})
    void aServerInTroubleIsAskedAgain(int status) throws IOException {
        server.thenStatus(status).thenStatus(status);

        fetch();

        assertComplete();
    }

    @Test
    void aServerIsLeftAloneAsLongAsItAsksWithinBounds() throws IOException {
        server.thenStatus(429, "Retry-After", "3600");
        long start = System.nanoTime();

        fetch();

        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .isBetween(Duration.ofMillis(100), Duration.ofSeconds(5));
    }

    @Test
    void retryAfterIsSecondsOrADate() {
        assertThat(Downloader.retryAfter("120")).contains(Duration.ofMinutes(2));
        assertThat(Downloader.retryAfter("soon")).isEmpty();
        String date = DateTimeFormatter.RFC_1123_DATE_TIME.format(
                ZonedDateTime.now(ZoneOffset.UTC).plusMinutes(2));
        assertThat(Downloader.retryAfter(date))
                .hasValueSatisfying(d -> assertThat(d).isBetween(Duration.ofSeconds(100), Duration.ofMinutes(2)));
    }

    @Test
    void goodPiecesBetweenFailuresKeepItGoing() throws IOException {
        byte[] big = Fixture.bytes(9 << 20, 4);
        server.content = big;
        for (int i = 0; i < 8; i++) {
            server.thenBreaksAfter(1 << 20);
        }

        StoredFile file = store.fetch("owner", server.uri("big.pth"), Optional.empty());

        assertThat(file.sha256()).isEqualTo(Fixture.sha256(big));
        assertThat(server.requests()).hasSize(9);
    }

    @Test
    void silenceCountsAsABrokenConnection() throws IOException {
        server.thenHangsAfter(100_000);
        Patience little = Fixture.patience(Duration.ofMillis(400));

        new Store(cache, false, List.of(), Progress.NONE, little, Fixture.NO_PROXIES, Space.OF_DISK)
                .fetch("owner", server.uri(NAME), Optional.empty());

        assertComplete();
        assertThat(ranges()).containsExactly("null", "bytes=100000-");
    }

    @Test
    void nobodyListeningIsSaid() {
        URI uri = server.uri(NAME);
        server.close();

        assertThatThrownBy(() -> store.fetch("owner", uri, Optional.empty()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(uri.toString())
                .hasMessageContaining("no connection");
    }

    @Test
    void aPackedBodyIsRefused() {
        server.then(exchange -> {
            exchange.getResponseHeaders().set("Content-Encoding", "gzip");
            exchange.sendResponseHeaders(200, 3);
            exchange.getResponseBody().write(new byte[3]);
        });

        assertThatThrownBy(this::fetch).hasMessageContaining("packed (Content-Encoding: gzip)");
    }

    @Test
    void noByteIsFetchedWhereTheWholeHasNoRoom() {
        Store full = Fixture.store(cache, Progress.NONE, Fixture.NO_PROXIES, folder -> 299_999);

        assertThatThrownBy(() -> full.fetch("owner", server.uri(NAME), Optional.empty()))
                .hasMessageContaining("needs 300000 more bytes")
                .hasMessageContaining("299999 are available");
        assertThat(server.requests()).hasSize(1);
    }

    @Test
    void roomIsNeededForTheRestAlone() throws IOException {
        server.thenBreaksAfter(100_000).thenStatus(404);
        assertThatThrownBy(this::fetch).isInstanceOf(IOException.class);

        Fixture.store(cache, Progress.NONE, Fixture.NO_PROXIES, folder -> 200_000)
                .fetch("owner", server.uri(NAME), Optional.empty());

        assertComplete();
    }
}
