package io.mocozoo.evaluate;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mocozoo.data.Dataset;
import io.mocozoo.evaluate.file.JsonFiles;
import io.mocozoo.evaluate.file.RunException;
import io.mocozoo.store.JsonDifferences;
import io.mocozoo.store.Sha256;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * Everything results depend on: model and its digests, preprocessing, list of images, options, versions, device. It is
 * the run's provenance.json; a run goes on only with the same.
 */
final class Subject {
    static final String FILE = "provenance.json";

    private Subject() {}

    /** What is digested part by part. */
    @FunctionalInterface
    private interface Content {
        void writeTo(OutputStream out) throws IOException;
    }

    private static String sha256(Content content) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            content.writeTo(new DigestOutputStream(OutputStream.nullOutputStream(), digest));
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        } catch (IOException e) {
            throw new IllegalStateException("nothing is written", e);
        }
    }

    /** The digest of a data set's names, labels and sizes, in their order. */
    static String listDigest(Dataset data) {
        return sha256(out -> {
            for (String name : data.classes()) {
                out.write((name + "\0").getBytes(StandardCharsets.UTF_8));
            }
            for (int i = 0; i < data.size(); i++) {
                out.write((data.name(i) + "\0" + data.label(i) + "\0" + bytes(data, i) + "\0")
                        .getBytes(StandardCharsets.UTF_8));
            }
        });
    }

    /** An image that is not there has no size, as long as it is not. */
    private static long bytes(Dataset data, int index) {
        try {
            return data.bytes(index);
        } catch (IOException e) {
            return -1;
        }
    }

    /** The digest of what is right for each image. */
    static String targetsDigest(Targets targets, int images) {
        return sha256(out -> {
            for (int i = 0; i < images; i++) {
                out.write(Arrays.toString(targets.of(i)).getBytes(StandardCharsets.UTF_8));
            }
        });
    }

    /** One digest of all of it. */
    static String digest(ObjectNode subject) {
        return Sha256.of(subject.toString());
    }

    /**
     * Writes it into a new run's folder, or compares it with that of the run to go on with.
     *
     * @param blocks the name of the file of results
     * @param resume whether there may be a run already
     * @throws RunException if there is one that may not be, or it is another; says in what
     */
    static void claim(Path folder, String blocks, boolean resume, ObjectNode subject) throws IOException {
        Path file = folder.resolve(FILE);
        boolean known = Files.exists(file);
        boolean begun = Files.exists(folder.resolve(blocks));
        if ((begun || known) && !resume) {
            throw new RunException(folder + " holds a run already; go on with it by --resume, or name another folder");
        }
        if (begun && !known) {
            throw new RunException(folder + " holds " + blocks + " without " + FILE
                    + ", so nobody knows what of; name another folder");
        }
        if (!known) {
            JsonFiles.write(file, subject);
            return;
        }
        List<String> changed = JsonDifferences.between(JsonFiles.read(file), subject);
        if (!changed.isEmpty()) {
            throw new RunException(folder + " is a run of something else; what was and what is asked for now:\n  "
                    + String.join("\n  ", changed)
                    + "\nAsk for the same again, or name another folder.");
        }
    }
}
