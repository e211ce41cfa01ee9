package io.mocozoo.fuzz;

import io.mocozoo.checkpoint.Checkpoint;
import io.mocozoo.checkpoint.CheckpointFormatException;
import io.mocozoo.checkpoint.KeyMap;
import io.mocozoo.checkpoint.Npy;
import io.mocozoo.checkpoint.ReadLimits;
import io.mocozoo.checkpoint.StoredTensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** What is fuzzed: bytes in, a result or a {@link CheckpointFormatException} out; all else is a bug. */
final class CheckpointTarget {
    private static final Path FILE = temporaryFile();

    /** Small enough that a file which reaches one is answered at once. */
    private static final ReadLimits LIMITS =
            new ReadLimits(1 << 20, 200_000, 50_000, 1 << 14, 256, 5000, 1 << 22, 4, 1 << 20, 10_000);

    private CheckpointTarget() {}

    private static Path temporaryFile() {
        try {
            Path folder = Path.of(System.getProperty("java.io.tmpdir"));
            Path file = Files.createTempFile(Files.createDirectories(folder), "fuzz", ".pth");
            file.toFile().deleteOnExit();
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A whole file, in any container. */
    static void container(byte[] bytes) throws IOException {
        Files.write(FILE, bytes);
        try (Checkpoint checkpoint = Checkpoint.open(FILE, LIMITS)) {
            checkpoint.verify();
            for (StoredTensor tensor : checkpoint.stateDict().values()) {
                if (tensor.toFloats().length != tensor.elementCount()) {
                    throw new AssertionError("a tensor of another length than it says");
                }
                tensor.toBytes();
            }
            KeyMap.toMmpretrain(checkpoint.stateDict(), Set.of());
            checkpoint.warnings();
            checkpoint.classes();
        } catch (CheckpointFormatException e) {
            // refused, as it should be
        }
    }

    /** The pickle of a zip file, whose checksum would otherwise stop every mutation at the door. */
    static void pickle(byte[] pickle) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(out)) {
            zip.setLevel(0);
            add(zip, "a/data.pkl", pickle);
            for (int i = 0; i < 4; i++) {
                add(zip, "a/data/" + i, new byte[64]);
            }
        }
        container(out.toByteArray());
    }

    private static void add(ZipOutputStream zip, String name, byte[] bytes) throws IOException {
        zip.putNextEntry(new ZipEntry(name));
        zip.write(bytes);
        zip.closeEntry();
    }

    /** A NumPy file. */
    static void npy(byte[] bytes) throws IOException {
        Files.write(FILE, bytes);
        try {
            Npy.Array array = Npy.read(FILE);
            if (array.toFloats().length != array.elementCount()) {
                throw new AssertionError("an array of another length than it says");
            }
        } catch (CheckpointFormatException e) {
            // refused, as it should be
        }
    }
}
