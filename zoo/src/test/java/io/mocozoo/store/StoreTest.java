package io.mocozoo.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StoreTest {
    private static final byte[] CONTENT = Fixture.bytes(5000, 1);
    private static final String NAME = Fixture.name(CONTENT);
    private static final String SHA256 = Fixture.sha256(CONTENT);
    private static final URI PUBLISHED = URI.create("https://models.example/" + NAME);
    private static final Instant LONG_AGO = Instant.parse("2020-01-01T00:00:00Z");

    private Path cache;
    private Path elsewhere;
    private Store store;
    private Store offline;
    private Path target;

    @BeforeEach
    void open(@TempDir Path folder) throws IOException {
        cache = folder.resolve("cache");
        elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
        store = Fixture.store(cache);
        offline = Fixture.offline(cache);
        target = cache.resolve("weights").resolve("owner").resolve(NAME);
    }

    private static void put(Path file, byte[] bytes) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.write(file, bytes);
    }

    private static void age(Path file) throws IOException {
        Files.setLastModifiedTime(file, FileTime.from(LONG_AGO));
    }

    /** Changes bytes as a failing disk does: size and time stay. */
    private static void spoil(Path file) throws IOException {
        FileTime time = Files.getLastModifiedTime(file);
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
        Files.setLastModifiedTime(file, time);
    }

    // ---- fetch -----------------------------------------------------------------------------------------------------

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
        put(target, CONTENT);

        StoredFile file = offline.fetch("owner", PUBLISHED, Optional.of(SHA256.substring(0, 8)));

        assertThat(file).isEqualTo(new StoredFile(target, SHA256, CONTENT.length));
        assertThat(WeightsFolder.Note.of(target)).isPresent();
    }

    @Test
    void aWrongFilePutThereByHandIsNotTaken() throws IOException {
        put(target, Fixture.bytes(5000, 2));

        assertThatThrownBy(() -> offline.fetch("owner", PUBLISHED, Optional.empty()))
                .hasMessageContaining("not the right one")
                .hasMessageContaining(target.toString());
        assertThat(target).exists();
    }

    @Test
    void aWrongFileIsReplacedWhenTheRightOneCanBeHad() throws IOException {
        put(target, Fixture.bytes(5000, 2));
        try (FileServer server = new FileServer(CONTENT)) {
            store.fetch("owner", server.uri(NAME), Optional.empty());
        }
        assertThat(target).hasBinaryContent(CONTENT);
    }

    @Test
    void aTornNoteIsNotTrusted() throws IOException {
        put(target, CONTENT);
        put(target.resolveSibling(NAME + ".json"), "{\"file\":{\"sha256\":".getBytes(StandardCharsets.UTF_8));

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
            age(target);

            store.fetch("owner", server.uri(NAME), Optional.empty());

            assertThat(server.requests()).hasSize(1);
            assertThat(WeightsFolder.Note.of(target).orElseThrow().file().unchanged(target))
                    .isTrue();
        }
    }

    @Test
    void wholeSecondsAsInArchivesAreTheSameTime() throws IOException {
        put(target, CONTENT);
        Files.setLastModifiedTime(target, FileTime.from(LONG_AGO.plusMillis(123)));
        Fingerprint then = Fingerprint.of(target, Progress.NONE);
        age(target);

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
        put(file, CONTENT);

        assertThat(offline.fetch("owner", file.toUri(), Optional.of(SHA256))).isEqualTo(offline.local(file));
        assertThatThrownBy(() -> offline.fetch("owner", file.toUri(), Optional.of("ffffffff")))
                .hasMessageContaining("ffffffff")
                .hasMessageContaining(SHA256);
        assertThat(file).exists();
    }

    @Test
    void aMirrorMayBeAFolder() throws IOException {
        put(elsewhere.resolve(NAME), CONTENT);
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
        put(cache, CONTENT); // a file where the folder should be

        assertThatThrownBy(() -> store.fetch("owner", PUBLISHED, Optional.empty()))
                .hasMessageContaining("cannot be written")
                .hasMessageContaining("--cache");
        assertThatThrownBy(() -> store.make("key", folder -> {})).hasMessageContaining("cannot be written");
    }

    @Test
    void whatIsWholeServesFromACacheThatCannotBeWritten() throws IOException {
        put(target, CONTENT);
        offline.fetch("owner", PUBLISHED, Optional.empty());
        Path key = store.make("key", StoreTest::graphs);
        age(target); // as a copy has it
        age(key.resolve("model.onnx"));
        Files.delete(cache.resolve("locks").resolve("onnx-key.lock"));
        Files.delete(cache.resolve("locks"));
        put(cache.resolve("locks"), CONTENT); // no lock can be had

        assertThat(store.fetch("owner", PUBLISHED, Optional.empty()).path()).isEqualTo(target);
        assertThat(store.make("key", StoreTest::graphs)).isEqualTo(key);
    }

    // ---- local -----------------------------------------------------------------------------------------------------

    @Test
    void aFileOfOnesOwnIsHashedOnceUntilItChanges() throws IOException {
        Path file = elsewhere.resolve("own.pth");
        put(file, CONTENT);
        age(file);
        assertThat(store.local(file)).isEqualTo(new StoredFile(file, SHA256, CONTENT.length));

        spoil(file); // what nobody can see without hashing
        assertThat(store.local(file).sha256()).isEqualTo(SHA256);

        Files.setLastModifiedTime(file, FileTime.from(LONG_AGO.plusSeconds(1)));
        assertThat(store.local(file).sha256()).isNotEqualTo(SHA256);
    }

    @Test
    void aFileWrittenJustNowIsNotRemembered() throws IOException {
        Path file = elsewhere.resolve("own.pth");
        put(file, CONTENT);
        store.local(file);

        assertThat(cache.resolve("digests")).doesNotExist();
    }

    @Test
    void aNameWithAnotherDigestIsRefused() throws IOException {
        Path file = elsewhere.resolve("model_20220927-8f7d937e.pth");
        put(file, CONTENT);

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

    // ---- make ------------------------------------------------------------------------------------------------------

    private static void graphs(Path folder) throws IOException {
        Files.writeString(folder.resolve("model.onnx"), "graph");
        Files.createDirectory(folder.resolve("data"));
        Files.writeString(folder.resolve("data").resolve("weights.bin"), "weights");
    }

    @Test
    void whatWasMadeIsNotMadeAgain() throws IOException {
        AtomicInteger made = new AtomicInteger();
        Store.Maker maker = folder -> {
            made.incrementAndGet();
            assertThat(folder)
                    .isEmptyDirectory()
                    .isNotEqualTo(cache.resolve("onnx").resolve("key"));
            graphs(folder);
        };

        Path first = store.make("key", maker);
        Path second = Fixture.store(cache).make("key", maker);

        assertThat(first).isEqualTo(second).isEqualTo(cache.resolve("onnx").resolve("key"));
        assertThat(first.resolve("data").resolve("weights.bin")).hasContent("weights");
        assertThat(made).hasValue(1);
    }

    @Test
    void aMakerThatFailsLeavesNothing() {
        assertThatThrownBy(() -> store.make("key", folder -> {
                    graphs(folder);
                    throw new IOException("disk full");
                }))
                .hasMessage("disk full");
        assertThat(cache.resolve("onnx")).isEmptyDirectory();
    }

    @Test
    void whatIsNotWholeIsMadeAgain() throws IOException {
        Path key = cache.resolve("onnx").resolve("key");
        put(key.resolve("model.onnx"), CONTENT); // no note: half a folder

        store.make("key", StoreTest::graphs);
        assertThat(key.resolve("model.onnx")).hasContent("graph");

        Files.delete(key.resolve("data").resolve("weights.bin"));
        store.make("key", StoreTest::graphs);
        assertThat(key.resolve("data").resolve("weights.bin")).hasContent("weights");

        Files.writeString(key.resolve("model.onnx"), "GRAPH"); // same size, another time
        age(key.resolve("model.onnx"));
        store.make("key", StoreTest::graphs);
        assertThat(key.resolve("model.onnx")).hasContent("graph");
    }

    @Test
    void aCopiedCacheIsHashedAndKept() throws IOException {
        Path key = store.make("key", StoreTest::graphs);
        age(key.resolve("model.onnx"));

        store.make("key", folder -> {
            throw new IOException("made again");
        });
    }

    @Test
    void whatKilledMakersLeftGoesWithTheNextOneUnlessSomebodyIsAtIt() throws IOException {
        Path abandoned = cache.resolve("onnx").resolve(".old.making");
        put(abandoned.resolve("model.onnx"), CONTENT);

        store.make("busy", folder -> {
            graphs(folder);
            store.make("key", StoreTest::graphs);
            assertThat(folder).isNotEmptyDirectory();
        });

        assertThat(abandoned).doesNotExist();
    }

    @Test
    void aMakerThatAsksForItselfOrMakesNothingIsABug() {
        assertThatThrownBy(() -> store.make("key", folder -> store.make("key", StoreTest::graphs)))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> store.make("key", folder -> {})).isInstanceOf(IllegalStateException.class);
    }

    // ---- verify, list, prune ---------------------------------------------------------------------------------------

    @Test
    void verifyFindsOneFlippedBit() throws IOException {
        put(target, CONTENT);
        offline.fetch("owner", PUBLISHED, Optional.empty());
        Path key = store.make("key", StoreTest::graphs);
        assertThat(store.verify()).extracting(Store.Checked::path).containsExactly(target, key);
        assertThat(store.verify()).extracting(Store.Checked::problem).containsOnly(Optional.empty());

        spoil(target);
        spoil(key.resolve("data").resolve("weights.bin"));

        List<Store.Checked> found = store.verify();
        assertThat(found.get(0).problem().orElseThrow()).contains(SHA256);
        assertThat(found.get(1).problem().orElseThrow()).contains("data/weights.bin");
        assertThat(store.pruneBroken()).extracting(Store.Entry::path).containsExactly(target, key);
        assertThat(store.list()).isEmpty();
    }

    @Test
    void aFolderWithoutItsNoteIsBroken() throws IOException {
        put(cache.resolve("onnx").resolve("key").resolve("model.onnx"), CONTENT);

        assertThat(store.verify().get(0).problem().orElseThrow()).contains("store.json");
    }

    @Test
    void anEmptyCacheHoldsNothing() throws IOException {
        assertThat(store.list()).isEmpty();
        assertThat(store.verify()).isEmpty();
        assertThat(store.prune(Duration.ZERO)).isEmpty();
        assertThat(cache).doesNotExist();
    }

    @Test
    void pruningGoesByLastUseAndNeverTouchesTheRegistry() throws IOException {
        put(cache.resolve("registry.json"), CONTENT);
        put(target, CONTENT);
        offline.fetch("owner", PUBLISHED, Optional.empty());
        Path old = store.make("old", StoreTest::graphs);
        Path fresh = store.make("fresh", StoreTest::graphs);
        age(target.resolveSibling(NAME + ".json"));
        age(old.resolve("store.json"));
        assertThat(store.list())
                .extracting(Store.Entry::kind, Store.Entry::bytes)
                .containsExactly(tuple("weights", 5000L), tuple("converted", 12L), tuple("converted", 12L));

        offline.fetch("owner", PUBLISHED, Optional.empty()); // used
        assertThat(store.prune(Duration.ofDays(30)))
                .extracting(Store.Entry::path)
                .containsExactly(old);
        assertThat(old).doesNotExist();
        assertThat(fresh).exists();

        assertThat(store.prune(Duration.ZERO)).extracting(Store.Entry::path).containsExactly(target, fresh);
        assertThat(target.resolveSibling(NAME + ".json")).doesNotExist();
        assertThat(cache.resolve("registry.json")).exists();
    }

    @Test
    void aBrokenOffDownloadIsListedAndPruned() throws IOException {
        try (FileServer server = new FileServer(CONTENT)) {
            server.thenBreaksAfter(1000).thenStatus(404);
            assertThatThrownBy(() -> store.fetch("owner", server.uri(NAME), Optional.empty()))
                    .isInstanceOf(IOException.class);
        }
        Path part = target.resolveSibling(NAME + ".part");
        assertThat(store.list()).extracting(Store.Entry::path).containsExactly(part);
        assertThat(store.pruneBroken()).isEmpty();

        store.prune(Duration.ZERO);

        assertThat(target.getParent()).isEmptyDirectory();
    }

    @Test
    void whatSomebodyIsAtIsNotPruned() throws IOException {
        Path key = store.make("key", StoreTest::graphs);
        Files.delete(key.resolve("store.json"));

        store.make("key", folder -> {
            graphs(folder);
            assertThat(store.prune(Duration.ZERO)).isEmpty();
            assertThat(store.pruneBroken()).isEmpty();
            assertThat(key).exists();
            assertThat(folder).isNotEmptyDirectory();
        });
    }

    @Test
    void pruningForgetsFilesThatAreGone() throws IOException {
        Path file = elsewhere.resolve("own.pth");
        put(file, CONTENT);
        age(file);
        store.local(file);
        store.prune(Duration.ZERO);
        assertThat(cache.resolve("digests")).isNotEmptyDirectory();

        Files.delete(file);
        store.prune(Duration.ZERO);

        assertThat(cache.resolve("digests")).isEmptyDirectory();
    }

    // ---- names -----------------------------------------------------------------------------------------------------

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
        assertThat(store.make("../../up", StoreTest::graphs).getParent()).isEqualTo(cache.resolve("onnx"));
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
