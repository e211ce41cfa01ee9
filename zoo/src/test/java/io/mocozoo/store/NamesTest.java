package io.mocozoo.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NamesTest {
    private static final byte[] CONTENT = Fixture.bytes(5000, 1);

    private Path cache;
    private Store store;

    @BeforeEach
    void open(@TempDir Path folder) throws IOException {
        cache = folder.resolve("cache");
        store = Fixture.store(cache);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "..",
                ".",
                "",
                "...",
                "../../etc/passwd",
                "a/b",
                "a\\b",
                "C:\\x",
                "/etc/passwd",
                "con",
                "NUL.pth",
                "com1.tar.pth",
                ".hidden",
                "trailing.",
                "trailing ",
                "nul\u0000l",
                "new\nline",
                "a:b",
                "ünï.pth",
                "x.json",
                "x.PART",
                "x.pth.lock",
                "a*?\"<>|b",
                "-8f7d937e/../../x"
            })
    void hostileNamesBecomeHarmlessOnes(String name) {
        String safe = SafeName.of(name);

        assertThat(safe)
                .matches("[0-9a-f]{8}_[A-Za-z0-9._+@=-]*")
                .doesNotContain("..")
                .doesNotEndWith(".")
                .isNotEqualTo(SafeName.of(name + "x"));
        assertThat(safe.toLowerCase(Locale.ROOT)).doesNotEndWith(".json").doesNotEndWith(".part");
        assertThat(cache.resolve(safe).normalize().getParent()).isEqualTo(cache);
    }

    @Test
    void longNamesKeepTheirEnd() {
        String safe = SafeName.of("a".repeat(5000) + "_20220927-8f7d937e.pth");

        assertThat(safe).hasSizeLessThanOrEqualTo(120).endsWith("_20220927-8f7d937e.pth");
    }

    @ParameterizedTest
    @CsvSource({
        "https://a/b/model_20220927-8f7d937e.pth?token=x/y#z, model_20220927-8f7d937e.pth",
        "https://a/b/a+b.pth, a+b.pth",
        "jar:file:/x.jar!/io/y.onnx, y.onnx"
    })
    void harmlessNamesInAddressesStayAsTheyAre(URI uri, String name) {
        assertThat(SafeName.of(uri)).isEqualTo(name);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"https://a/b/..%2f..%2fx.pth", "https://a/%2e%2e", "https://a/", "https://a", "https://a/%00"})
    void hostileNamesInAddressesStayInTheFolder(URI uri) {
        assertThat(SafeName.of(uri)).matches("[0-9a-f]{8}_[A-Za-z0-9._-]*|a").doesNotContain("..");
    }

    @Test
    void hostileOwnersAndKeysStayInTheFolder() throws IOException {
        try (FileServer server = new FileServer(CONTENT)) {
            StoredFile file = store.fetch("../../up", server.uri("..%2f..%2fup-and-away"), Optional.empty());

            assertThat(cache.resolve("weights")
                            .relativize(file.path().normalize())
                            .getNameCount())
                    .isEqualTo(2);
            assertThat(file.path().normalize()).startsWith(cache.resolve("weights"));
        }
        assertThat(store.make("../../up", Fixture::graphs).getParent()).isEqualTo(cache.resolve("onnx"));
        assertThat(cache.getParent()).isDirectoryNotContaining("glob:**up*");
    }

    @ParameterizedTest
    @CsvSource({"https://a/=https://b/, https://b/x", "(x)$=$1.pth, https://a/x.pth", "nothing=z, https://a/x"})
    void mirrorsRewriteAddresses(String mirror, URI expected) {
        assertThat(Mirror.of(mirror).apply(URI.create("https://a/x"))).isEqualTo(expected);
    }

    @Test
    void mirrorsThatCannotBeReadAreRefused() {
        for (String text : List.of("none", "=b", "(=b")) {
            assertThatThrownBy(() -> Mirror.of(text)).isInstanceOf(IllegalArgumentException.class);
        }
        for (String text : List.of("a=$9", "https=a b")) {
            assertThatThrownBy(() -> Mirror.of(text).apply(URI.create("https://a/x")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(text);
        }
    }
}
