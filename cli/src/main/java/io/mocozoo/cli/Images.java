package io.mocozoo.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** The image files a command line names. */
final class Images {
    private Images() {}

    /** Files as they are; of a folder every file that is not hidden, by name, its folders left alone. */
    static List<Path> of(List<String> words) throws IOException {
        List<Path> files = new ArrayList<>();
        for (String word : words) {
            if (word.isBlank()) { // an unset variable of a script; as a path it would be the current folder
                throw new IOException("the name of an image is empty");
            }
            Path path = Path.of(word);
            if (!Files.isDirectory(path)) {
                files.add(path);
                continue;
            }
            try (Stream<Path> inside = Files.list(path)) {
                inside.filter(f -> Files.isRegularFile(f)
                                && !String.valueOf(f.getFileName()).startsWith("."))
                        .sorted()
                        .forEach(files::add);
            }
        }
        if (files.isEmpty()) {
            throw new IOException("no image in " + words);
        }
        return files;
    }

    /** Refuses images whose results would overwrite each other or one of the images. */
    static void checkNames(List<Path> files, Path folder, UnaryOperator<String> result) throws IOException {
        Map<String, Path> taken = new HashMap<>();
        Map<Path, Path> images = new HashMap<>();
        for (Path file : files) {
            if (Files.exists(file)) {
                images.put(file.toRealPath(), file);
            }
        }
        for (Path file : files) {
            Path target = folder.resolve(result.apply(String.valueOf(file.getFileName())));
            if (Files.exists(target) && images.containsKey(target.toRealPath())) {
                throw new IOException("the result for " + file + " would overwrite the image " + target
                        + "; name another folder than " + folder);
            }
            Path other = taken.putIfAbsent(result.apply(String.valueOf(file.getFileName())), file);
            if (other != null) {
                throw new IOException(other + " and " + file + " would both be written as "
                        + result.apply(String.valueOf(file.getFileName())) + "; give them one after the other");
            }
        }
    }
}
