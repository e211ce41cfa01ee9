package io.mocozoo.checkpoint;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The place in a file that a refusal speaks of. */
record Where(Path file, String place, @Nullable String key) {
    private static final int CLIP = 120;

    Where(Path file) {
        this(file, "", null);
    }

    /** The same file, a narrower place. */
    Where in(String part) {
        return new Where(file, place.isEmpty() ? part : place + ", " + part, key);
    }

    Where of(String stateDictKey) {
        return new Where(file, place, stateDictKey);
    }

    CheckpointFormatException problem(String text) {
        return new CheckpointFormatException(file, place, key, text);
    }

    /** What a stranger wrote, made fit for a message: short, and without control characters. */
    static String clip(String text) {
        StringBuilder clean = new StringBuilder();
        for (int i = 0; i < Math.min(text.length(), CLIP); i++) {
            char c = text.charAt(i);
            clean.append(Character.isISOControl(c) ? '?' : c);
        }
        return text.length() > CLIP ? clean + "..." : clean.toString();
    }
}
