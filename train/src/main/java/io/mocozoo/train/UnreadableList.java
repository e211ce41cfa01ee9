package io.mocozoo.train;

import io.mocozoo.store.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Images that a training could not read, in its work folder: a line each of the name, a tab and the reason. */
final class UnreadableList {
    private final Path file;
    private int written;

    UnreadableList(Path workDir) {
        this.file = workDir.resolve("unreadable.txt");
    }

    /** The names of an earlier run; none if it left no list. */
    Set<String> names() throws IOException {
        Set<String> names = new TreeSet<>();
        if (Files.exists(file)) {
            for (String line : Files.readAllLines(file)) {
                names.add(unescaped(line.split("\t", 2)[0]));
            }
        }
        return names;
    }

    /** Writes the list if it has grown: a process may be killed at any time. */
    void write(Map<String, String> unreadable) throws IOException {
        if (unreadable.size() == written) {
            return;
        }
        StringBuilder text = new StringBuilder();
        new TreeMap<>(unreadable).forEach((name, reason) -> text.append(escaped(name))
                .append('\t')
                .append(escaped(reason))
                .append('\n'));
        AtomicFile.write(file, text.toString().getBytes(StandardCharsets.UTF_8));
        written = unreadable.size();
    }

    private static String escaped(String text) {
        return text.replace("\\", "\\\\")
                .replace("\n", "\\n")
                .replace("\r", "\\r")
                .replace("\t", "\\t");
    }

    private static String unescaped(String text) {
        StringBuilder plain = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\' && i + 1 < text.length()) {
                c = switch (text.charAt(++i)) {
                    case 'n' -> '\n';
                    case 'r' -> '\r';
                    case 't' -> '\t';
                    default -> text.charAt(i);
                };
            }
            plain.append(c);
        }
        return plain.toString();
    }
}
