package io.mocozoo.fuzz;

import io.mocozoo.onnx.OnnxFormatException;
import io.mocozoo.onnx.OnnxHeader;
import io.mocozoo.registry.Registry;
import io.mocozoo.registry.RegistryException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;

/** Registry files and ONNX headers: a result or their own exception; all else is a bug. */
final class DocumentTarget {
    private static final Registry REGISTRY = Registry.builtIn();
    private static final Path FILE = temporaryFile();

    private DocumentTarget() {}

    private static Path temporaryFile() {
        try {
            Path folder = Path.of(System.getProperty("java.io.tmpdir"));
            Path file = Files.createTempFile(Files.createDirectories(folder), "fuzz", ".onnx");
            file.toFile().deleteOnExit();
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A registry file. */
    static void registry(byte[] bytes) {
        try {
            REGISTRY.with(bytes, "fuzzed.json", URI.create("file:/fuzzed.json"));
        } catch (RegistryException e) {
            // refused, as it should be
        }
    }

    /** An ONNX file's header, judged as one of unknown origin. */
    static void onnx(byte[] bytes) throws IOException {
        Files.write(FILE, bytes);
        try {
            OnnxHeader.read(FILE).checkSafe(FILE);
        } catch (OnnxFormatException e) {
            // refused, as it should be
        }
    }
}
