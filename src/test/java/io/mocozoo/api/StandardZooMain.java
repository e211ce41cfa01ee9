package io.mocozoo.api;

import io.mocozoo.Zoo;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Uses the standard zoo while its registry is broken, and again when it is mended. */
final class StandardZooMain {
    private StandardZooMain() {}

    public static void main(String[] args) throws Exception {
        for (int i = 0; i < 2; i++) {
            try {
                System.out.println(Zoo.listModels().size());
            } catch (UncheckedIOException e) {
                System.out.println("told: " + e.getMessage());
            }
        }
        Files.delete(Path.of(args[0]));
        System.out.println("models: " + Zoo.listModels("*mocov3").size());
    }
}
