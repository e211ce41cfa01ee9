package io.mocozoo.data;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/** Which files are images, and in what order they come. */
public final class ImageFiles {
    /** As the reference has them; case does not matter. */
    static final Set<String> EXTENSIONS = Set.of("jpg", "jpeg", "png", "ppm", "bmp", "pgm", "tif");

    /** By the bytes of their UTF-8, unsigned: Java's own order of strings differs beyond the basic plane. */
    public static final Comparator<String> BYTEWISE =
            (a, b) -> Arrays.compareUnsigned(a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));

    private ImageFiles() {}

    /** Whether a file of that name is taken for an image: by its suffix, in any case; hidden files are not. */
    public static boolean isImage(String name) {
        return EXTENSIONS.contains(extension(name)) && !name.startsWith(".");
    }

    /** What follows the last dot of a name, in lower case; empty without a dot. */
    static String extension(String name) {
        return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    }

    /** Names of the folders in a folder, hidden ones too, sorted. */
    static List<String> folders(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(Files::isDirectory)
                    .map(ImageFiles::name)
                    .sorted(BYTEWISE)
                    .toList();
        }
    }

    /** Images below a folder by their paths from it, sorted; hidden files are skipped, links followed. */
    static List<String> below(Path folder) throws IOException {
        List<String> found = new ArrayList<>();
        Files.walkFileTree(
                folder, EnumSet.of(FileVisitOption.FOLLOW_LINKS), Integer.MAX_VALUE, new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                        if (!attributes.isDirectory() && isImage(name(file))) {
                            found.add(relative(folder, file));
                        }
                        return FileVisitResult.CONTINUE;
                    }
                });
        found.sort(BYTEWISE);
        return found;
    }

    /** The last part of a path; empty for a root. */
    static String name(Path path) {
        Path name = path.getFileName();
        return name == null ? "" : name.toString();
    }

    /** A path from another, with slashes on every platform. */
    static String relative(Path from, Path to) {
        return from.relativize(to).toString().replace(File.separatorChar, '/');
    }
}
