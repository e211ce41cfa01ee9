package io.mocozoo.data;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Images listed in a text file. In a {@code .csv} each line is {@code path,label}, quotes as usual, a first line
 * {@code path,label} is a heading; in any other file {@code path label}, split at the last space, so that paths may
 * hold spaces. Paths are below a folder, or absolute; labels are numbers from 0.
 *
 * <p>As the reference's annotation files.
 */
public final class ListFile {
    private ListFile() {}

    private record Line(String path, String label) {}

    /**
     * Labelled images in the order of their lines. Every file is looked for.
     *
     * @param list UTF-8
     * @param folder what the paths start from
     * @param classes names in the order of their labels; empty for the numbers from 0 to the largest label
     * @throws DatasetException if a line has no label, a label is outside the classes, or a file is missing; names all
     *     of them, up to a bound
     */
    public static Dataset open(Path list, Path folder, List<String> classes) throws IOException {
        var images = new FileDataset.Builder(folder);
        List<Entry> entries = entries(list, classes, path -> exists(folder, path), folder + "/");
        entries.forEach(entry -> images.add(entry.path, entry.label));
        return images.build(names(entries, classes));
    }

    /** An image and its label. */
    record Entry(String path, int label) {}

    /** The given names, else the numbers from 0 to the largest label. */
    static List<String> names(List<Entry> entries, List<String> classes) {
        int largest = entries.stream().mapToInt(Entry::label).max().orElse(-1);
        return classes.isEmpty()
                ? IntStream.rangeClosed(0, largest).mapToObj(Integer::toString).toList()
                : classes;
    }

    /**
     * The lines of a list.
     *
     * @param exists whether there is an image of that path
     * @param where what messages put before a path
     */
    static List<Entry> entries(Path list, List<String> classes, Predicate<String> exists, String where)
            throws IOException {
        List<String> wrong = new ArrayList<>();
        List<Entry> entries = new ArrayList<>();
        int number = 0;
        boolean csv = ImageFiles.extension(ImageFiles.name(list)).equals("csv");
        for (String text : lines(list)) {
            number++;
            if (text.isBlank()
                    || (csv && number == 1 && text.replace("\"", "").strip().equalsIgnoreCase("path,label"))) {
                continue;
            }
            Line line = csv ? ofCsv(text) : ofText(text);
            int label = line == null ? -1 : label(line.label);
            if (line == null || label < 0) {
                wrong.add("line " + number + ": no label in '" + text + "'");
            } else if (!classes.isEmpty() && label >= classes.size()) {
                wrong.add("line " + number + ": label " + label + " is outside the " + classes.size() + " classes");
            } else if (!exists.test(line.path)) {
                wrong.add("line " + number + ": no file " + where + line.path);
            } else {
                entries.add(new Entry(line.path, label));
            }
        }
        if (!wrong.isEmpty()) {
            throw new DatasetException(
                    list,
                    csv ? "lines of path,label" : "lines of path and label, a space between them",
                    "other ones, " + DatasetException.listed(wrong),
                    "Correct the list, or name the folder that its paths start from.");
        }
        if (entries.isEmpty()) {
            throw new DatasetException(list, "lines of path and label", "none", "List the images.");
        }
        return entries;
    }

    private static List<String> lines(Path list) throws IOException {
        try {
            List<String> lines = new ArrayList<>(Files.readAllLines(list));
            if (!lines.isEmpty() && lines.get(0).startsWith("\uFEFF")) { // as some editors of Windows begin
                lines.set(0, lines.get(0).substring(1));
            }
            return lines;
        } catch (MalformedInputException e) {
            throw new DatasetException(list, "text in UTF-8", "other bytes", "Save the list as UTF-8.");
        }
    }

    private static @Nullable Line ofText(String text) {
        String line = text.strip();
        int space = line.lastIndexOf(' ');
        return space < 1 ? null : new Line(line.substring(0, space), line.substring(space + 1));
    }

    /** Two fields, each plain or in quotes, inside which a quote is doubled. */
    private static @Nullable Line ofCsv(String text) {
        String line = text.strip();
        if (!line.startsWith("\"")) {
            int comma = line.indexOf(',');
            return comma < 1 ? null : new Line(line.substring(0, comma), unquoted(line.substring(comma + 1)));
        }
        int at = 1;
        StringBuilder path = new StringBuilder();
        for (; at < line.length(); at++) {
            if (line.charAt(at) == '"') {
                if (at + 1 == line.length() || line.charAt(at + 1) != '"') {
                    break;
                }
                at++;
            }
            path.append(line.charAt(at));
        }
        boolean closed = at + 1 < line.length() && line.charAt(at + 1) == ',';
        return closed ? new Line(path.toString(), unquoted(line.substring(at + 2))) : null;
    }

    private static String unquoted(String field) {
        String text = field.strip();
        return text.length() > 1 && text.startsWith("\"") && text.endsWith("\"")
                ? text.substring(1, text.length() - 1)
                : text;
    }

    private static int label(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    private static boolean exists(Path folder, String path) {
        try {
            return Files.isRegularFile(folder.resolve(path));
        } catch (InvalidPathException e) {
            return false;
        }
    }
}
