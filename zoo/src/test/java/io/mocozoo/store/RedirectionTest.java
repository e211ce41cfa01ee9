package io.mocozoo.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Other addresses on the way: a server's, and mirrors. */
class RedirectionTest extends DownloadCase {
    @Test
    void redirectionsAreFollowed() throws IOException {
        server.thenStatus(302, "Location", "/elsewhere")
                .thenStatus(308, "Location", server.uri("third").toString());

        assertThat(fetch().path()).isEqualTo(target);

        assertComplete();
    }

    @Test
    void redirectionsInACircleEnd() {
        for (int i = 0; i < 20; i++) {
            server.thenStatus(302, "Location", "/" + NAME);
        }

        assertThatThrownBy(this::fetch).hasMessageContaining("at most 10 redirections");
        assertThat(server.requests()).hasSize(11);
    }

    @ParameterizedTest
    @CsvSource({
        "https://a/x, http://a/x, from https to http",
        "https://a/x, file:///etc/passwd, expected an http or https address",
        "http://a/x, 'http://a b', is no address"
    })
    void redirectionsToWhereNobodyShouldGoAreRefused(URI from, String to, String message) {
        assertThatThrownBy(() -> Transport.redirected(from, Optional.of(to))).hasMessageContaining(message);
    }

    @Test
    void aRedirectionMayBeRelativeAndRaiseTheScheme() throws IOException {
        assertThat(Transport.redirected(URI.create("https://a/b/x"), Optional.of("../y")))
                .isEqualTo(URI.create("https://a/y"));
        assertThat(Transport.redirected(URI.create("http://a/x"), Optional.of("https://b/x")))
                .isEqualTo(URI.create("https://b/x"));
    }

    @Test
    void mirrorsAreAskedInsteadAndTheCacheKeepsTheNameOfTheFile() throws IOException {
        URI published = URI.create("https://models.example/moco/" + NAME);
        Mirror first = Mirror.of("^https://models\\.example/=https://half.example/");
        Mirror second = Mirror.of("^https://half\\.example/moco/=" + server.uri("m/"));

        StoredFile file = Fixture.store(cache, first, second).fetch("owner", published, Optional.empty());

        assertThat(file.path()).isEqualTo(target);
        assertThat(Fixture.store(cache).fetch("owner", published, Optional.empty()))
                .isEqualTo(file);
    }
}
