package io.mocozoo.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Bytes and stores for tests. */
final class Fixture {
    /** Short waits between tries; long ones for answers, which a busy machine may need. */
    static final Patience PATIENCE = patience(Duration.ofSeconds(20));

    static final Proxies NO_PROXIES = new Proxies(Map.of(), Map.of());

    static final Instant LONG_AGO = Instant.parse("2020-01-01T00:00:00Z");

    private Fixture() {}

    static Patience patience(Duration idle) {
        return new Patience(4, Duration.ofMillis(2), Duration.ofMillis(100), Duration.ofSeconds(20), idle);
    }

    static byte[] bytes(int size, long seed) {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    static String sha256(byte[] bytes) {
        var digest = Sha256.begin();
        digest.update(bytes);
        return Sha256.hex(digest);
    }

    /** A name as published files have. */
    static String name(byte[] bytes) {
        return "model_20220927-" + sha256(bytes).substring(0, 8) + ".pth";
    }

    static Store store(Path folder, Mirror... mirrors) {
        return store(folder, Progress.NONE, NO_PROXIES, Space.OF_DISK, mirrors);
    }

    static Store offline(Path folder) {
        return new Store(folder, true, List.of(), Progress.NONE, PATIENCE, NO_PROXIES, Space.OF_DISK);
    }

    static Store store(Path folder, Progress progress, Proxies proxies, Space space, Mirror... mirrors) {
        return new Store(folder, false, List.of(mirrors), progress, PATIENCE, proxies, space);
    }

    static void put(Path file, byte[] bytes) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.write(file, bytes);
    }

    static void age(Path file) throws IOException {
        Files.setLastModifiedTime(file, FileTime.from(LONG_AGO));
    }

    /** Changes bytes as a failing disk does: size and time stay. */
    static void spoil(Path file) throws IOException {
        FileTime time = Files.getLastModifiedTime(file);
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
        Files.setLastModifiedTime(file, time);
    }

    /** What a maker makes. */
    static void graphs(Path folder) throws IOException {
        Files.writeString(folder.resolve("model.onnx"), "graph");
        Files.createDirectory(folder.resolve("data"));
        Files.writeString(folder.resolve("data").resolve("weights.bin"), "weights");
    }
}
