package io.mocozoo.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.Optional;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FetchTest extends CacheCase {
    @Test
    void offlineWhatIsMissingIsSaidWithItsAddressAndItsPlace() {
        assertThatThrownBy(() -> offline.fetch("owner", PUBLISHED, Optional.of(SHA256.substring(0, 8))))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(PUBLISHED.toString())
                .hasMessageContaining(target.toString())
                .hasMessageContaining(SHA256.substring(0, 8));
    }

    @Test
    void aFilePutThereByHandIsTakenAndNoted() throws IOException {
        Fixture.put(target, CONTENT);

        StoredFile file = offline.fetch("owner", PUBLISHED, Optional.of(SHA256.substring(0, 8)));

        assertThat(file).isEqualTo(new StoredFile(target, SHA256, CONTENT.length));
        assertThat(WeightsFolder.Note.of(target)).isPresent();
    }

    @Test
    void aWrongFilePutThereByHandIsNotTaken() throws IOException {
        Fixture.put(target, Fixture.bytes(5000, 2));

        assertThatThrownBy(() -> offline.fetch("owner", PUBLISHED, Optional.empty()))
                .hasMessageContaining("not the right one")
                .hasMessageContaining(target.toString());
        assertThat(target).exists();
    }

    @Test
    void aWrongFileIsReplacedWhenTheRightOneCanBeHad() throws IOException {
        Fixture.put(target, Fixture.bytes(5000, 2));
        try (FileServer server = new FileServer(CONTENT)) {
            store.fetch("owner", server.uri(NAME), Optional.empty());
        }
        assertThat(target).hasBinaryContent(CONTENT);
    }

    @Test
    void aTornNoteIsNotTrusted() throws IOException {
        Fixture.put(target, CONTENT);
        Fixture.put(target.resolveSibling(NAME + ".json"), "{\"file\":{\"sha256\":".getBytes(StandardCharsets.UTF_8));

        assertThat(offline.fetch("owner", PUBLISHED, Optional.empty()).sha256()).isEqualTo(SHA256);
    }

    @Test
    void aFileCutShortAfterwardsIsFetchedAgain() throws IOException {
        try (FileServer server = new FileServer(CONTENT)) {
            store.fetch("owner", server.uri(NAME), Optional.empty());
            try (FileChannel channel = FileChannel.open(target, StandardOpenOption.WRITE)) {
                channel.truncate(100);
            }

            store.fetch("owner", server.uri(NAME), Optional.empty());

            assertThat(target).hasBinaryContent(CONTENT);
            assertThat(server.requests()).hasSize(2);
        }
    }

    @Test
    void aTouchedFileIsHashedAgainAndKept() throws IOException {
        try (FileServer server = new FileServer(CONTENT)) {
            store.fetch("owner", server.uri(NAME), Optional.empty());
            Fixture.age(target);

            store.fetch("owner", server.uri(NAME), Optional.empty());

            assertThat(server.requests()).hasSize(1);
            assertThat(WeightsFolder.Note.of(target).orElseThrow().file().unchanged(target))
                    .isTrue();
        }
    }

    @Test
    void wholeSecondsAsInArchivesAreTheSameTime() throws IOException {
        Fixture.put(target, CONTENT);
        Files.setLastModifiedTime(target, FileTime.from(Fixture.LONG_AGO.plusMillis(123)));
        Fingerprint then = Fingerprint.of(target, Progress.NONE);
        Fixture.age(target);

        assertThat(then.unchanged(target)).isTrue();
    }

    @Test
    void anotherAddressOfTheSameNameIsAnotherFile() throws IOException {
        byte[] other = Fixture.bytes(4000, 2);
        try (FileServer one = new FileServer(CONTENT);
                FileServer two = new FileServer(other)) {
            store.fetch("owner", one.uri("plain.pth"), Optional.empty());

            assertThat(store.fetch("owner", two.uri("plain.pth"), Optional.empty())
                            .sha256())
                    .isEqualTo(Fixture.sha256(other));
        }
    }

    @Test
    void aFileAddressIsUsedWhereItLies() throws IOException {
        Path file = elsewhere.resolve(NAME);
        Fixture.put(file, CONTENT);

        assertThat(offline.fetch("owner", file.toUri(), Optional.of(SHA256))).isEqualTo(offline.local(file));
        assertThatThrownBy(() -> offline.fetch("owner", file.toUri(), Optional.of("ffffffff")))
                .hasMessageContaining("ffffffff")
                .hasMessageContaining(SHA256);
        assertThat(file).exists();
    }

    @Test
    void aMirrorMayBeAFolder() throws IOException {
        Fixture.put(elsewhere.resolve(NAME), CONTENT);
        Mirror mirror = Mirror.of("https://models.example/=" + elsewhere.toUri());

        assertThat(Fixture.store(cache, mirror)
                        .fetch("owner", PUBLISHED, Optional.empty())
                        .path())
                .isEqualTo(elsewhere.resolve(NAME));
    }

    @Test
    void whatLiesInAJarIsTakenOutOfItEvenOffline() throws IOException {
        Path jar = elsewhere.resolve("a jar.jar");
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream zip = new JarOutputStream(out)) {
            zip.putNextEntry(new JarEntry("io/" + NAME));
            zip.write(CONTENT);
        }
        URI inside = URI.create("jar:" + jar.toUri() + "!/io/" + NAME);

        assertThat(offline.fetch("owner", inside, Optional.of(SHA256)).path())
                .isEqualTo(target)
                .hasBinaryContent(CONTENT);
        assertThatThrownBy(() -> offline.fetch("other", inside, Optional.of("ffffffff")))
                .hasMessageContaining("ffffffff");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ftp://a/x.pth", "jar:http://a/x.jar!/x.pth", "data:,x", "file://host/x"})
    void otherAddressesAreRefused(URI uri) {
        assertThatThrownBy(() -> store.fetch("owner", uri, Optional.empty()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(uri.toString());
    }

    @Test
    void aCacheThatCannotBeWrittenIsSaid() throws IOException {
        Fixture.put(cache, CONTENT); // a file where the folder should be

        assertThatThrownBy(() -> store.fetch("owner", PUBLISHED, Optional.empty()))
                .hasMessageContaining("cannot be written")
                .hasMessageContaining("--cache");
        assertThatThrownBy(() -> store.make("key", folder -> {})).hasMessageContaining("cannot be written");
    }

    @Test
    void whatIsWholeServesFromACacheThatCannotBeWritten() throws IOException {
        Fixture.put(target, CONTENT);
        offline.fetch("owner", PUBLISHED, Optional.empty());
        Path key = store.make("key", Fixture::graphs);
        Fixture.age(target); // as a copy has it
        Fixture.age(key.resolve("model.onnx"));
        Trees.delete(cache.resolve("locks"));
        Fixture.put(cache.resolve("locks"), CONTENT); // no lock can be had

        assertThat(store.fetch("owner", PUBLISHED, Optional.empty()).path()).isEqualTo(target);
        assertThat(store.make("key", Fixture::graphs)).isEqualTo(key);
    }
}
