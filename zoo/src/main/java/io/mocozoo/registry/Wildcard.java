package io.mocozoo.registry;

import java.util.regex.Pattern;

/** A shell wildcard as Python's fnmatch reads it: {@code *}, {@code ?}, {@code [seq]} and {@code [!seq]}. */
record Wildcard(Pattern pattern) {
    /** The wildcard with a {@code *} appended. */
    static Wildcard prefix(String text) {
        return new Wildcard(Pattern.compile(regex(text + "*"), Pattern.DOTALL));
    }

    boolean fits(String name) {
        return pattern.matcher(name).matches();
    }

    private static String regex(String text) {
        StringBuilder regex = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            int close = c == '[' ? closing(text, i) : -1;
            if (c == '*') {
                regex.append(".*");
            } else if (c == '?') {
                regex.append('.');
            } else if (close > 0) {
                regex.append(set(text.substring(i + 1, close)));
                i = close;
            } else {
                regex.append(Pattern.quote(String.valueOf(c)));
            }
        }
        return regex.toString();
    }

    /** The bracket that closes a set: the first that is not its first character; -1 if the set stays open. */
    private static int closing(String text, int open) {
        int first = open + 1 < text.length() && text.charAt(open + 1) == '!' ? open + 2 : open + 1;
        return first < text.length() ? text.indexOf(']', first + 1) : -1;
    }

    private static String set(String inside) {
        boolean not = inside.startsWith("!");
        StringBuilder set = new StringBuilder(not ? "[^" : "[");
        String members = not ? inside.substring(1) : inside;
        for (int i = 0; i < members.length(); i++) {
            char c = members.charAt(i);
            boolean range = i + 2 < members.length() && members.charAt(i + 1) == '-';
            if (range && c > members.charAt(i + 2)) {
                i += 2; // an empty range fits nothing
            } else if (range) {
                set.append(escaped(c)).append('-').append(escaped(members.charAt(i + 2)));
                i += 2;
            } else {
                set.append(escaped(c));
            }
        }
        return set.length() == (not ? 2 : 1)
                ? (not ? "." : "(?!)")
                : set.append(']').toString();
    }

    private static String escaped(char c) {
        return "\\^[]&-".indexOf(c) >= 0 ? "\\" + c : String.valueOf(c);
    }
}
