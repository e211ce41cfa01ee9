package io.mocozoo.store;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A process of its own that uses a store, to be killed or to meet others. */
final class Child {
    private Child() {}

    /** {@code fetch FOLDER URL}, {@code proxied FOLDER URL}, or {@code make FOLDER KEY MILLIS}, which writes half, waits, and writes the rest. */
    public static void main(String[] args) throws Exception {
        Store store = new Store(
                Path.of(args[1]),
                false,
                List.of(),
                Progress.NONE,
                args[0].equals("proxied") ? Fixture.PATIENCE : Patience.DEFAULT,
                args[0].equals("proxied") ? Proxies.ofProcess() : Fixture.NO_PROXIES,
                Space.OF_DISK);
        System.out.println("ready");
        if (!args[0].equals("make")) {
            System.out.println(
                    store.fetch("owner", URI.create(args[2]), Optional.empty()).sha256());
        } else {
            System.out.println(store.make(args[2], folder -> {
                Files.writeString(folder.resolve("half"), "half");
                try {
                    Thread.sleep(Long.parseLong(args[3]));
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
                Files.writeString(
                        folder.resolve("made-by-" + ProcessHandle.current().pid()), "whole");
            }));
        }
    }

    static Process start(Path log, Map<String, String> environment, String... args) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path", "")),
                Child.class.getName()));
        command.addAll(List.of(args));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().putAll(environment);
        return builder.start();
    }

    static void kill(Process process) throws InterruptedException {
        process.destroyForcibly();
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            throw new IllegalStateException("process " + process.pid() + " outlived its end");
        }
    }
}
