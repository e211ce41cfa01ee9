package io.mocozoo.store;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A process of its own that uses a store, to be killed or to meet others. */
final class Child {
    private Child() {}

    /** {@code fetch FOLDER URL}, or {@code make FOLDER KEY MILLIS}, which writes half, waits, and writes the rest. */
    public static void main(String[] args) throws Exception {
        Store store = Fixture.store(Path.of(args[1]));
        if (args[0].equals("fetch")) {
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

    static Process start(Path log, String... args) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path", "")),
                Child.class.getName()));
        command.addAll(List.of(args));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
    }

    static void kill(Process process) throws InterruptedException {
        process.destroyForcibly();
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            throw new IllegalStateException("process " + process.pid() + " outlived its end");
        }
    }
}
