package io.mocozoo.store;

import java.net.URI;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Another place for weights: what the pattern finds in an address is replaced, before anything is asked for.
 *
 * @param pattern a regular expression
 * @param replacement its replacement, in which {@code $1} stands for the first group
 */
public record Mirror(Pattern pattern, String replacement) {
    /**
     * Reads {@code REGEX=REPLACEMENT}, split at the first equals sign not behind a backslash.
     *
     * @throws IllegalArgumentException if it has no such form, or the pattern is none
     */
    public static Mirror of(String text) {
        String[] parts = text.split("(?<!\\\\)=", 2);
        if (parts.length != 2 || parts[0].isEmpty()) {
            throw new IllegalArgumentException("expected a mirror of the form REGEX=REPLACEMENT, found '" + text + "'");
        }
        try {
            return new Mirror(Pattern.compile(parts[0]), parts[1]);
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException("a mirror's pattern is no regular expression: " + e.getMessage(), e);
        }
    }

    /**
     * The address to ask instead, the same one if the pattern finds nothing.
     *
     * @throws IllegalArgumentException if the replacement names a group the pattern has not, or gives no address
     */
    public URI apply(URI uri) {
        try {
            return URI.create(pattern.matcher(uri.toString()).replaceAll(replacement));
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new IllegalArgumentException(
                    "the mirror " + pattern + "=" + replacement + " makes no address of " + uri + ": " + e.getMessage(),
                    e);
        }
    }
}
