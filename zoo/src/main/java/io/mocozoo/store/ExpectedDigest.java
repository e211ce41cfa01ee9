package io.mocozoo.store;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a file's SHA-256 must begin with, as far as anybody said.
 *
 * @param prefix what the card says
 * @param inName what the file's own name says: published checkpoints end in {@code -<8 hex digits>} and a suffix
 */
public record ExpectedDigest(Optional<String> prefix, Optional<String> inName) {
    private static final Pattern NAME =
            Pattern.compile(".*-([0-9a-f]{8})\\.(?:pth\\.tar|[a-z0-9]+)", Pattern.CASE_INSENSITIVE);

    public ExpectedDigest {
        prefix = prefix.map(p -> p.toLowerCase(Locale.ROOT));
    }

    /** What a card and a file's name say. */
    public static ExpectedDigest of(Optional<String> prefix, String fileName) {
        Matcher name = NAME.matcher(fileName);
        return new ExpectedDigest(
                prefix, name.matches() ? Optional.of(name.group(1).toLowerCase(Locale.ROOT)) : Optional.empty());
    }

    /** Whether anybody said anything. */
    public boolean known() {
        return prefix.isPresent() || inName.isPresent();
    }

    boolean accepts(String sha256) {
        return sha256.startsWith(prefix.orElse("")) && sha256.startsWith(inName.orElse(""));
    }

    /** What is wrong with a digest, naming both. */
    public Optional<String> problem(String sha256) {
        if (accepts(sha256)) {
            return Optional.empty();
        }
        List<String> expected = new ArrayList<>();
        prefix.ifPresent(p -> expected.add(p + " (as the model's card says)"));
        inName.ifPresent(p -> expected.add(p + " (as the file's name says)"));
        return Optional.of(
                "expected a SHA-256 that begins with " + String.join(" and ", expected) + ", found " + sha256);
    }
}
