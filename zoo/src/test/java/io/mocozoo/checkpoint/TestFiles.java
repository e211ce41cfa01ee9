package io.mocozoo.checkpoint;

import io.mocozoo.store.AtomicFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** Small checkpoints, good and bad, built byte by byte. */
final class TestFiles {
    /** The elements of {@link #sixFloats}' tensor. */
    static final float[] SIX = {1, 2, 3, 4, 5, 6};

    private TestFiles() {}

    static Path file(Path folder, String name, byte[] bytes) {
        try {
            return Files.write(folder.resolve(name), bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Path file(Path folder, String name, ByteArrayOutputStream bytes) {
        return file(folder, name, bytes.toByteArray());
    }

    /** A torch zip file of a pickle and storages. */
    static Path zip(Path folder, byte[] pickle, Map<String, byte[]> others) throws IOException {
        Path target = folder.resolve("test.pth");
        try (AtomicFile file = AtomicFile.create(target)) {
            ZipWriter zip = new ZipWriter(file);
            zip.add("archive/data.pkl", ByteBuffer.wrap(pickle));
            for (Map.Entry<String, byte[]> entry : others.entrySet()) {
                zip.add("archive/" + entry.getKey(), ByteBuffer.wrap(entry.getValue()));
            }
            zip.finish();
            file.commit();
        }
        return target;
    }

    static Path zip(Path folder, byte[] pickle, String name, byte[] bytes) throws IOException {
        Map<String, byte[]> others = new LinkedHashMap<>();
        others.put(name, bytes);
        return zip(folder, pickle, others);
    }

    /** A legacy file of an object and one storage. */
    static byte[] legacy(byte[] object, String key, float... values) {
        ByteArrayOutputStream out = legacyHeader();
        out.writeBytes(object);
        out.writeBytes(new Pickled().op(0x80, 2, ']').text(key).op('a').stop());
        out.writeBytes(little(values.length));
        out.writeBytes(floats(values));
        return out.toByteArray();
    }

    static ByteArrayOutputStream legacyHeader() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(new byte[] {(byte) 0x80, 2});
        out.writeBytes(TorchLegacyReader.MAGIC);
        out.write('.');
        out.writeBytes(new Pickled().op(0x80, 2).integer(1001).stop());
        out.writeBytes(new Pickled()
                .op(0x80, 2, '}')
                .text("little_endian")
                .op(0x88, 's')
                .stop());
        return out;
    }

    /** {'state_dict': {'w': float32 [2, 3] over storage '0' of 6}}. */
    static Pickled sixFloats() {
        return new Pickled()
                .op(0x80, 2, '}')
                .text("state_dict")
                .op('}')
                .text("w")
                .tensor("0", 6, 0, new long[] {2, 3}, new long[] {3, 1})
                .ascii("ss");
    }

    static byte[] safetensors(String header, byte[] data) {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(little(json.length));
        out.writeBytes(json);
        out.writeBytes(data);
        return out.toByteArray();
    }

    static Checkpoint open(Path file) throws IOException {
        return Checkpoint.open(file, ReadLimits.DEFAULT);
    }

    static StoredTensor only(Checkpoint checkpoint) {
        return checkpoint.stateDict().values().iterator().next();
    }

    static StoredTensor tensor(Checkpoint checkpoint, String key) {
        return Objects.requireNonNull(checkpoint.stateDict().get(key), key);
    }

    static byte[] little(long value) {
        return ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(value)
                .array();
    }

    static byte[] floats(float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return bytes.array();
    }
}
