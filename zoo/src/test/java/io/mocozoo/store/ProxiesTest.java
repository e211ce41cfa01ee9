package io.mocozoo.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProxiesTest {
    private static final URI HTTPS = URI.create("https://models.example/x.pth");
    private static final URI HTTP = URI.create("http://models.example/x.pth");

    private static Map<String, String> map(String... pairs) {
        Map<String, String> map = new HashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            map.put(pairs[i], pairs[i + 1]);
        }
        return map;
    }

    private static Optional<String> server(Map<String, String> environment, Map<String, String> properties, URI uri)
            throws IOException {
        return new Proxies(environment, properties).server(uri).map(Proxies.Server::toString);
    }

    @ParameterizedTest
    @CsvSource({
        "https_proxy, http://proxy:3128, proxy:3128",
        "https_proxy, http://proxy:3128/, proxy:3128",
        "HTTPS_PROXY, proxy:3128, proxy:3128",
        "all_proxy, proxy, proxy:80",
        "https_proxy, http://user:secret@proxy:8080, proxy:8080",
        "http_proxy, http://proxy:3128, ",
        "HTTP_PROXY, http://proxy:3128, ",
    })
    void theEnvironmentIsReadAsCurlReadsIt(String variable, String value, String expected) throws IOException {
        assertThat(server(map(variable, value), Map.of(), HTTPS)).isEqualTo(Optional.ofNullable(expected));
    }

    @Test
    void eachSchemeHasItsOwnProxy() throws IOException {
        Map<String, String> both = map("http_proxy", "a:1", "https_proxy", "b:2");

        assertThat(server(both, Map.of(), HTTP)).contains("a:1");
        assertThat(server(both, Map.of(), HTTPS)).contains("b:2");
    }

    @Test
    void propertiesGoBeforeTheEnvironment() throws IOException {
        Map<String, String> properties = map("https.proxyHost", "own", "https.proxyPort", "81");

        assertThat(server(map("https_proxy", "b:2"), properties, HTTPS)).contains("own:81");
        assertThat(server(map("http_proxy", "a:1"), properties, HTTP)).contains("a:1");
        assertThat(server(map(), map("https.proxyHost", "own"), HTTPS)).contains("own:443");
    }

    @ParameterizedTest
    @ValueSource(strings = {"*.example", "models.*", "other|models.example"})
    void nonProxyHostsAreAskedDirectly(String hosts) throws IOException {
        assertThat(server(map("https_proxy", "b:2"), map("https.proxyHost", "own", "http.nonProxyHosts", hosts), HTTPS))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "models.example, true",
        "example, true",
        ".example, true",
        "*.example, true",
        "*, true",
        "'a, models.example:443', true",
        "models.example:8443, false",
        "dels.example, false",
        "other, false",
        "'', false"
    })
    void noProxyNamesHostsAndDomains(String list, boolean exempt) throws IOException {
        assertThat(server(map("https_proxy", "b:2", "no_proxy", list), Map.of(), HTTPS)
                        .isEmpty())
                .isEqualTo(exempt);
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://localhost:1/x", "http://127.0.0.1:1/x", "http://[::1]:1/x"})
    void thisMachineIsAskedDirectly(URI uri) throws IOException {
        assertThat(server(map("http_proxy", "a:1"), Map.of(), uri)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"socks5://user:secret@proxy:1080", "https://user:secret@proxy", "http://", "http://secret proxy"
            })
    void aProxyThatCannotBeUsedIsNamedByItsVariableWithoutItsPassword(String value) {
        assertThatThrownBy(() -> server(map("https_proxy", value), Map.of(), HTTPS))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("https_proxy")
                .hasMessageNotContaining("secret");
    }

    @Test
    void downloadsGoThroughTheProxyWithItsPassword(@TempDir Path cache) throws IOException {
        byte[] content = Fixture.bytes(1000, 1);
        try (LyingServer proxy = new LyingServer(
                LyingServer.answer("HTTP/1.1 200 OK\nConnection: close\nContent-Length: 1000", content))) {
            Proxies proxies = new Proxies(map("http_proxy", "http://user:p%40ss@127.0.0.1:" + proxy.port()), Map.of());

            StoredFile file =
                    Fixture.store(cache, Progress.NONE, proxies, Space.OF_DISK).fetch("owner", HTTP, Optional.empty());

            assertThat(file.path()).hasBinaryContent(content);
            assertThat(proxy.requests().get(0))
                    .startsWith("GET http://models.example/x.pth HTTP/1.1")
                    .contains("Proxy-Authorization: Basic "
                            + Base64.getEncoder().encodeToString("user:p@ss".getBytes(StandardCharsets.UTF_8)));
        }
    }

    @Test
    void securedDownloadsAskTheProxyForATunnel(@TempDir Path cache) throws IOException {
        try (LyingServer proxy = new LyingServer(
                LyingServer.answer("HTTP/1.1 502 Bad Gateway\nConnection: close\nContent-Length: 0", new byte[0]))) {
            Proxies proxies = new Proxies(map("https_proxy", "127.0.0.1:" + proxy.port()), Map.of());

            assertThatThrownBy(() -> Fixture.store(cache, Progress.NONE, proxies, Space.OF_DISK)
                            .fetch("owner", HTTPS, Optional.empty()))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("https://models.example/x.pth");
            assertThat(proxy.requests().get(0)).startsWith("CONNECT models.example:443");
        }
    }
}
