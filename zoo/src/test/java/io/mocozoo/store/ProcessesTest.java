package io.mocozoo.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ProcessesTest {
    private static final byte[] CONTENT = Fixture.bytes(3_000_000, 1);
    private static final String NAME = Fixture.name(CONTENT);
    private static final String SHA256 = Fixture.sha256(CONTENT);

    private final List<Process> children = new ArrayList<>();
    private Path cache;
    private Path logs;
    private FileServer server;

    @BeforeEach
    void open(@TempDir Path folder) throws IOException {
        cache = folder.resolve("cache");
        logs = folder;
        server = new FileServer(CONTENT);
    }

    @AfterEach
    void close() throws InterruptedException {
        for (Process child : children) {
            Child.kill(child);
        }
        server.close();
    }

    private Process child(String... args) throws IOException {
        Process child = Child.start(logs.resolve("child-" + children.size() + ".log"), Map.of(), args);
        children.add(child);
        return child;
    }

    private String logOf(int child) throws IOException {
        return Files.readString(logs.resolve("child-" + child + ".log"));
    }

    private Path weights(String name) {
        return cache.resolve("weights").resolve("owner").resolve(name);
    }

    private static void await(Callable<Boolean> condition) throws Exception {
        for (int i = 0; i < 2000; i++) {
            if (condition.call()) {
                return;
            }
            Thread.sleep(5);
        }
        throw new AssertionError("it never came");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 1_000_000, 2_999_999})
    void aDownloadKilledAtAnyByteIsTakenUpByTheNextProcess(int bytes) throws Exception {
        server.thenHangsAfter(bytes);
        Process child = child("fetch", cache.toString(), server.uri(NAME).toString());
        Path part = weights(NAME + ".part");
        await(() -> Files.exists(part) && Files.size(part) == bytes);
        Child.kill(child);

        StoredFile file = Fixture.store(cache).fetch("owner", server.uri(NAME), Optional.empty());

        assertThat(file.sha256()).isEqualTo(SHA256);
        assertThat(server.requests()).hasSize(2);
        assertThat(server.requests().get(1).getFirst("Range")).isEqualTo("bytes=" + bytes + "-");
        assertThat(part).doesNotExist();
    }

    @Test
    void eightProcessesThatAskAtOnceDownloadOnce() throws Exception {
        server.thenWaits(() -> {
            for (int i = 0; i < 8; i++) {
                int child = i;
                await(() -> Files.exists(logs.resolve("child-" + child + ".log"))
                        && logOf(child).contains("ready"));
            }
            return true;
        });
        for (int i = 0; i < 8; i++) {
            child("fetch", cache.toString(), server.uri(NAME).toString());
        }
        for (int i = 0; i < 8; i++) {
            assertThat(children.get(i).waitFor(40, TimeUnit.SECONDS)).isTrue();
            assertThat(logOf(i)).contains(SHA256);
        }

        assertThat(server.requests()).hasSize(1);
    }

    @Test
    void aProxysPasswordIsSentBeforeATunnel() throws Exception {
        try (LyingServer proxy = new LyingServer(
                LyingServer.answer("HTTP/1.1 502 Bad Gateway\nConnection: close\nContent-Length: 0", new byte[0]))) {
            Process child = Child.start(
                    logs.resolve("child-0.log"),
                    Map.of("https_proxy", "http://user:secret@127.0.0.1:" + proxy.port(), "no_proxy", ""),
                    "proxied",
                    cache.toString(),
                    "https://models.example/x.pth");
            children.add(child);

            assertThat(child.waitFor(20, TimeUnit.SECONDS)).isTrue();

            assertThat(proxy.requests().get(0))
                    .startsWith("CONNECT models.example:443")
                    .contains("Proxy-Authorization: Basic dXNlcjpzZWNyZXQ=");
            assertThat(logOf(0)).contains("https://models.example/x.pth").doesNotContain("secret");
        }
    }

    @Test
    void threadsWithStoresOfTheirOwnDownloadOnce() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Future<StoredFile>> files = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                files.add(
                        threads.submit(() -> Fixture.store(cache).fetch("owner", server.uri(NAME), Optional.empty())));
            }
            for (Future<StoredFile> file : files) {
                assertThat(file.get().sha256()).isEqualTo(SHA256);
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(server.requests()).hasSize(1);
    }

    @Test
    void theFirstToTakeUpAKilledDownloadIsNotTheLastToGetIt() throws Exception {
        server.thenHangsAfter(1000);
        Process first = child("fetch", cache.toString(), server.uri(NAME).toString());
        await(() -> Files.exists(weights(NAME + ".part")) && Files.size(weights(NAME + ".part")) == 1000);
        Process second = child("fetch", cache.toString(), server.uri(NAME).toString());
        Child.kill(first);

        assertThat(second.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(logOf(1)).contains(SHA256);
    }

    @Test
    void aKilledMakerLeavesNothingThatLooksWhole() throws Exception {
        Process child = child("make", cache.toString(), "key", "60000");
        Path making = cache.resolve("onnx").resolve(".key.making");
        await(() -> Files.exists(making.resolve("half")));

        assertThat(Fixture.store(cache).prune(Duration.ZERO)).isEmpty();
        assertThat(making).exists(); // somebody is at it
        Child.kill(child);

        assertThat(cache.resolve("onnx").resolve("key")).doesNotExist();
        Fixture.store(cache).make("other", folder -> Files.writeString(folder.resolve("a"), "a"));
        assertThat(making).doesNotExist();
    }

    @Test
    void manyMakersMakeOnce() throws Exception {
        for (int i = 0; i < 3; i++) {
            child("make", cache.toString(), "key", "50");
        }
        AtomicInteger here = new AtomicInteger();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<Path>> made = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                made.add(threads.submit(() -> Fixture.store(cache).make("key", folder -> {
                    here.incrementAndGet();
                    Files.writeString(folder.resolve("made-here"), "whole");
                })));
            }
            for (Future<Path> path : made) {
                path.get();
            }
        } finally {
            threads.shutdownNow();
        }
        for (Process child : children) {
            assertThat(child.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(child.exitValue()).isZero();
        }

        assertThat(here.get()).isLessThanOrEqualTo(1);
        try (var files = Files.list(cache.resolve("onnx").resolve("key"))) {
            assertThat(files.filter(f -> String.valueOf(f.getFileName()).startsWith("made")))
                    .hasSize(1);
        }
    }
}
