package io.mocozoo.evaluate;

import java.util.Arrays;
import java.util.stream.Collectors;

/** What becomes of images that cannot be read. They are counted and listed either way. */
public enum Unreadable {
    /** They count as wrong: the denominator is the whole data set. */
    WRONG("wrong"),
    /** They are left out of every figure. */
    LEAVE_OUT("leave-out");

    private final String word;

    Unreadable(String word) {
        this.word = word;
    }

    /** The word on the command line and in metrics.json. */
    public String word() {
        return word;
    }

    /** The policy of a word; an unknown one is an {@link IllegalArgumentException} that lists them. */
    public static Unreadable of(String word) {
        return Arrays.stream(values())
                .filter(u -> u.word.equals(word))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("expected one of "
                        + Arrays.stream(values()).map(Unreadable::word).collect(Collectors.joining(", ")) + ", found '"
                        + word + "'"));
    }
}
