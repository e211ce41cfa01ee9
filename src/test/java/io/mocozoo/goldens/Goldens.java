package io.mocozoo.goldens;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mocozoo.train.augment.MixBatch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * Where the reference's outputs lie: the folder named by {@code -Dmocozoo.goldens}, else the set shipped with the
 * tests. Tests walk the index files and know no file name, shape or seed, so that another set fits.
 */
public final class Goldens {
    private static final Path ROOT = root();
    private static final ObjectMapper JSON = new ObjectMapper();

    private Goldens() {}

    private static Path root() {
        String named = System.getProperty("mocozoo.goldens", "");
        if (!named.isBlank()) {
            Path folder = Path.of(named);
            if (!Files.isDirectory(folder)) {
                throw new IllegalStateException("-Dmocozoo.goldens names no folder: " + folder);
            }
            return folder;
        }
        try {
            return Path.of(
                    Objects.requireNonNull(Goldens.class.getResource("/goldens"), "goldens are not on the class path")
                            .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The index of one topic, such as {@code models}. */
    public static JsonNode index(String topic) {
        return json(topic + "/index.json");
    }

    /** A JSON file of the set, by its path from the root. */
    public static JsonNode json(String path) {
        try {
            return JSON.readTree(file(path).toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A file of the set, by its path from the root as the index files give it. */
    public static Path file(String path) {
        return ROOT.resolve(path);
    }

    /** The values of an {@code .npy} file of the set as doubles: format 1.0, C order, f4, f8, i4 or i8. */
    public static double[] npy(String path) {
        try {
            return npy(Files.readAllBytes(file(path)), path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The arrays of an {@code .npz} file of the set by their names. */
    public static Map<String, double[]> npz(String path) {
        Map<String, double[]> arrays = new TreeMap<>();
        try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(file(path)))) {
            for (ZipEntry entry; (entry = zip.getNextEntry()) != null; ) {
                String name = entry.getName().replaceFirst("\\.npy$", "");
                arrays.put(name, npy(zip.readAllBytes(), path + ", " + name));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return arrays;
    }

    /** The first size of an {@code .npy} file of the set. */
    public static int npyRows(String path) {
        try {
            return rows(Files.readAllBytes(file(path)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The first size of one array of an {@code .npz} file of the set. */
    public static int npzRows(String path, String name) {
        try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(file(path)))) {
            for (ZipEntry entry; (entry = zip.getNextEntry()) != null; ) {
                if (entry.getName().equals(name + ".npy")) {
                    return rows(zip.readAllBytes());
                }
            }
            throw new IllegalArgumentException(path + " has no array " + name);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int rows(byte[] npy) {
        String start = new String(npy, 10, 118, StandardCharsets.US_ASCII);
        Matcher first = Pattern.compile("'shape': \\((\\d+)").matcher(start);
        if (!first.find()) {
            throw new IllegalStateException(start);
        }
        return Integer.parseInt(first.group(1));
    }

    private static double[] npy(byte[] file, String path) {
        ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        int headerBytes = bytes.getShort(8) & 0xFFFF;
        String header = new String(bytes.array(), 10, headerBytes, StandardCharsets.US_ASCII);
        bytes.position(10 + headerBytes);
        Matcher type = Pattern.compile("'descr': '<(..)'").matcher(header);
        if (!type.find() || header.contains("True")) {
            throw new IllegalStateException(path + ": " + header);
        }
        String code = type.group(1);
        double[] values = new double[bytes.remaining() / (code.charAt(1) - '0')];
        for (int i = 0; i < values.length; i++) {
            values[i] = switch (code) {
                case "f4" -> bytes.getFloat();
                case "f8" -> bytes.getDouble();
                case "i4" -> bytes.getInt();
                case "i8" -> bytes.getLong();
                default -> throw new IllegalStateException(path + ": type " + code);
            };
        }
        return values;
    }

    /** Whole numbers of a JSON array. */
    public static int[] ints(JsonNode array) {
        int[] values = new int[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = array.get(i).intValue();
        }
        return values;
    }

    /** One-hot targets [n, classes] of labels in a JSON array. */
    public static double[] oneHot(JsonNode labels, int classes) {
        float[] single = MixBatch.oneHot(ints(labels), classes);
        double[] targets = new double[single.length];
        for (int i = 0; i < targets.length; i++) {
            targets[i] = single[i];
        }
        return targets;
    }

    /** Length of the difference over length of the reference. */
    public static double relativeL2(float[] found, double[] reference) {
        if (found.length != reference.length) {
            throw new IllegalArgumentException(found.length + " values found, " + reference.length + " expected");
        }
        double apart = 0;
        double length = 0;
        for (int i = 0; i < found.length; i++) {
            double off = found[i] - reference[i];
            apart += off * off;
            length += reference[i] * reference[i];
        }
        return Math.sqrt(apart / length);
    }
}
