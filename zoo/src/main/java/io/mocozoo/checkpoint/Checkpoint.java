package io.mocozoo.checkpoint;

import io.mocozoo.store.ExpectedDigest;
import io.mocozoo.store.Progress;
import io.mocozoo.store.Sha256;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A file of weights, mapped into memory until closed. Opening reads the names, types and shapes and checks that every
 * tensor lies within the file; elements are read, and their checksums verified where the format has some, when a tensor
 * is asked for them.
 *
 * <p>Closing lets go of the maps; the JVM takes them down once the last buffer over them is unreachable, so on Windows
 * the file stays locked for a while. The file must not be shortened while it is open.
 */
public final class Checkpoint implements AutoCloseable {
    private static final String OPTIMIZER = "optimizer.";
    private static final String RAW = "raw.";

    private final Path file;
    private final FileBytes bytes;
    private final Contents contents;
    private final Map<String, StoredTensor> weights;

    private Checkpoint(Path file, FileBytes bytes, Contents contents) {
        this.file = file;
        this.bytes = bytes;
        this.contents = contents;
        this.weights = weights(contents);
    }

    /**
     * Opens a file of any {@link CheckpointFormat}, told by its content and not by its name.
     *
     * @param file a regular file
     * @param limits what the file may ask for
     * @return the open checkpoint; owned by the caller, who closes it
     * @throws CheckpointFormatException if it is no checkpoint, or a damaged or hostile one
     * @throws IOException if it cannot be read
     */
    public static Checkpoint open(Path file, ReadLimits limits) throws IOException {
        FileBytes bytes = FileBytes.open(file);
        boolean opened = false;
        try {
            Contents contents = Containers.read(bytes, new Where(file), limits);
            opened = true;
            return new Checkpoint(file, bytes, contents);
        } finally {
            if (!opened) {
                bytes.close();
            }
        }
    }

    /** The file this was opened from. */
    public Path file() {
        return file;
    }

    /** The container. */
    public CheckpointFormat format() {
        return contents.format();
    }

    /**
     * The weights by key, in the order of the file: what lies under {@code state_dict}, else {@code model}, else the
     * file's own dict. A leading {@code module.} is gone from the keys. Never empty, unmodifiable. After training with
     * an averaged model these are the averaged weights.
     */
    public Map<String, StoredTensor> stateDict() {
        return weights;
    }

    /** Everything a file of our own training holds, what only the training needs included. */
    public Map<String, StoredTensor> allTensors() {
        return contents.stateDict();
    }

    /** The optimiser's arrays and weights before averaging lie beside the model in files our trainer writes. */
    private static Map<String, StoredTensor> weights(Contents contents) {
        if (contents.format() != CheckpointFormat.SAFETENSORS) {
            return contents.stateDict();
        }
        Map<String, StoredTensor> weights = new LinkedHashMap<>(contents.stateDict());
        weights.keySet().removeIf(k -> k.startsWith(OPTIMIZER) || k.startsWith(RAW));
        return weights.isEmpty() ? contents.stateDict() : Collections.unmodifiableMap(weights);
    }

    /**
     * What lies under {@code ema_state_dict}, without its {@code steps} and without {@code module.}: the raw weights, for
     * the training library swaps the two when it saves.
     */
    public Optional<Map<String, StoredTensor>> emaStateDict() {
        return contents.emaStateDict();
    }

    /** The names of the classes the model was trained on, by index, if the file carries them. */
    public Optional<List<String>> classes() {
        return contents.classes();
    }

    /** Short facts about the file: a safetensors file's metadata; a torch file's scalars such as epoch and iter. */
    public Map<String, String> metadata() {
        return contents.metadata();
    }

    /** The keys of the outermost dict, in order; of a safetensors file, the names of its tensors. */
    public List<String> topLevelKeys() {
        return contents.topLevelKeys();
    }

    /** What was odd but could be left aside, one sentence each: unknown globals, values that are no tensors. */
    public List<String> warnings() {
        return List.copyOf(contents.warnings());
    }

    /**
     * Reads every tensor's bytes once and checks what checksums the format has; nothing is kept.
     *
     * @throws CheckpointFormatException if a checksum is wrong
     */
    public void verify() throws IOException {
        for (Map<String, StoredTensor> tensors :
                List.of(stateDict(), emaStateDict().orElse(Map.of()))) {
            for (StoredTensor tensor : tensors.values()) {
                if (tensor instanceof StridedTensor stored) {
                    stored.storage().bytes();
                }
            }
        }
    }

    /** Lets go of the file; tensors can no longer be read. Harmless when repeated. */
    @Override
    public void close() {
        bytes.close();
    }

    /**
     * Checks a file against the digest in its name: one that ends in {@code -<8 hex digits>} before its suffix must have a SHA-256 that begins with them. Other names pass.
     *
     * @param file the file; only its name is looked at
     * @param sha256 the SHA-256 of its bytes, 64 hex digits
     * @throws CheckpointFormatException if they differ; names both
     */
    public static void verifyNameDigest(Path file, String sha256) throws CheckpointFormatException {
        Optional<String> problem = named(file).problem(sha256.toLowerCase(Locale.ROOT));
        if (problem.isPresent()) {
            throw new Where(file).problem(problem.get() + "; the file is damaged or was renamed, fetch it again");
        }
    }

    /**
     * As {@link #verifyNameDigest(Path, String)}, reading the file for its digest if, and only if, its name has one.
     *
     * @param file an existing file
     * @throws CheckpointFormatException if they differ; names both
     */
    public static void verifyNameDigest(Path file) throws IOException {
        if (named(file).known()) {
            verifyNameDigest(file, Sha256.of(file, Progress.NONE));
        }
    }

    private static ExpectedDigest named(Path file) {
        return ExpectedDigest.of(Optional.empty(), String.valueOf(file.getFileName()));
    }
}
