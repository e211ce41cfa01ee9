package io.mocozoo.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LocalFileTest {
    private static final byte[] CONTENT = Fixture.bytes(5000, 1);
    private static final String SHA256 = Fixture.sha256(CONTENT);

    private Path cache;
    private Path elsewhere;
    private Store store;

    @BeforeEach
    void open(@TempDir Path folder) throws IOException {
        cache = folder.resolve("cache");
        elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
        store = Fixture.store(cache);
    }

    @Test
    void aFileOfOnesOwnIsHashedOnceUntilItChanges() throws IOException {
        Path file = elsewhere.resolve("own.pth");
        Fixture.put(file, CONTENT);
        Fixture.age(file);
        assertThat(store.local(file)).isEqualTo(new StoredFile(file, SHA256, CONTENT.length));

        Fixture.spoil(file); // what nobody can see without hashing
        assertThat(store.local(file).sha256()).isEqualTo(SHA256);

        Files.setLastModifiedTime(file, FileTime.from(Fixture.LONG_AGO.plusSeconds(1)));
        assertThat(store.local(file).sha256()).isNotEqualTo(SHA256);
    }

    @Test
    void aFileWrittenJustNowIsNotRemembered() throws IOException {
        Path file = elsewhere.resolve("own.pth");
        Fixture.put(file, CONTENT);
        store.local(file);

        assertThat(cache.resolve("digests")).doesNotExist();
    }

    @Test
    void aNameWithAnotherDigestIsRefused() throws IOException {
        Path file = elsewhere.resolve("model_20220927-8f7d937e.pth");
        Fixture.put(file, CONTENT);

        assertThatThrownBy(() -> store.local(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("8f7d937e (as the file's name says)")
                .hasMessageContaining(SHA256);
    }

    @Test
    void whatIsNoFileIsSaid() {
        assertThatThrownBy(() -> store.local(elsewhere)).hasMessageContaining("found the folder");
        assertThatThrownBy(() -> store.local(elsewhere.resolve("none"))).isInstanceOf(NoSuchFileException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "resnet50_8xb128_20220927-8f7d937e.pth, 8f7d937e",
        "a-8F7D937E.safetensors, 8f7d937e",
        "a-8f7d937e.pth.tar, 8f7d937e",
        "a-8f7d937.pth, ",
        "a-8f7d937eaa.pth, ",
        "a_8f7d937e.pth, ",
        "a-8f7d937e, ",
        "plain.pth, ",
    })
    void aNameSaysItsDigestBeforeItsSuffix(String name, String digest) {
        assertThat(ExpectedDigest.of(Optional.empty(), name).inName()).isEqualTo(Optional.ofNullable(digest));
    }
}
