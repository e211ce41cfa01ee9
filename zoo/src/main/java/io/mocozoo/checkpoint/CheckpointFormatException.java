package io.mocozoo.checkpoint;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A file that is not the checkpoint it should be; the message says where, what was expected and found, and what to do. */
public final class CheckpointFormatException extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient Path file;
    private final String place;
    private final @Nullable String key;

    /**
     * A refusal.
     *
     * @param file the refused file; its name begins the message
     * @param place a zip entry, a byte offset or both, such as {@code entry archive/data.pkl, byte 1042}; may be empty
     * @param key the state-dict key concerned, if there is one
     * @param problem what was expected, what was found, and what to do next
     */
    public CheckpointFormatException(Path file, String place, @Nullable String key, String problem) {
        super(message(file, place, key, problem));
        this.file = file;
        this.place = place;
        this.key = key;
    }

    private static String message(Path file, String place, @Nullable String key, String problem) {
        StringBuilder text = new StringBuilder();
        text.append(file.getFileName() == null ? file : file.getFileName());
        if (!place.isEmpty()) {
            text.append(", ").append(place);
        }
        if (key != null) {
            text.append(", key '").append(Where.clip(key)).append('\'');
        }
        return text.append(": ").append(problem).toString();
    }

    /** The refused file. */
    public Path file() {
        return file;
    }

    /** The zip entry, the byte offset or both; empty when the file as a whole is meant. */
    public String place() {
        return place;
    }

    /** The state-dict key concerned, if the problem lies with one. */
    public Optional<String> key() {
        return Optional.ofNullable(key);
    }
}
