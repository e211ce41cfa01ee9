package io.mocozoo.store;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/**
 * Names for files and folders, made of what strangers wrote. A harmless name stays as it is. Any other keeps its end,
 * which holds digest and suffix, without what is not ASCII letter, digit or one of {@code . _ + @ = -}, behind eight
 * hex digits that keep it apart from names that come out alike.
 */
final class SafeName {
    /** File systems take 255 bytes; the cache's own additions need some of them. */
    private static final int MOST_CHARACTERS = 120;

    private static final Pattern RESERVED_ON_WINDOWS =
            Pattern.compile("(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\\..*)?", Pattern.CASE_INSENSITIVE);
    private static final Pattern OUR_SUFFIX = Pattern.compile(".*\\.(?:json|part|lock)", Pattern.CASE_INSENSITIVE);

    private SafeName() {}

    static String of(String text) {
        String clean = text.replaceAll("[^A-Za-z0-9._+@=-]", "_")
                .replaceAll("^\\.+|\\.+$", "_")
                .replaceAll("\\.\\.+", ".");
        if (OUR_SUFFIX.matcher(clean).matches()) {
            clean += ".file";
        }
        if (clean.equals(text)
                && !text.isEmpty()
                && text.length() <= MOST_CHARACTERS
                && !RESERVED_ON_WINDOWS.matcher(text).matches()) {
            return text;
        }
        String tail = clean.substring(Math.max(0, clean.length() - MOST_CHARACTERS + 9));
        return Sha256.of(text).substring(0, 8) + "_" + tail;
    }

    /** The file name in an address: the last part of its path. */
    static String of(URI address) {
        String path = address.toString().replaceFirst("[?#].*", "");
        String last = path.substring(path.lastIndexOf('/') + 1);
        return of(URLDecoder.decode(last.replace("+", "%2B"), StandardCharsets.UTF_8));
    }
}
