package io.mocozoo.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;

/** Images that are files below one folder. */
final class FileDataset implements Dataset {
    /** What an image without a label has in its place. */
    static final int UNLABELLED = -1;

    private final Path root;
    private final List<String> names;
    private final int[] labels;
    private final List<String> classes;

    private FileDataset(Path root, List<String> names, int[] labels, List<String> classes) {
        this.root = root;
        this.names = List.copyOf(names);
        this.labels = labels;
        this.classes = List.copyOf(classes);
    }

    @Override
    public int size() {
        return names.size();
    }

    @Override
    public List<String> classes() {
        return classes;
    }

    @Override
    public int label(int index) {
        return labels[index];
    }

    @Override
    public String name(int index) {
        return names.get(index);
    }

    @Override
    public byte[] read(int index) throws IOException {
        return Files.readAllBytes(file(index));
    }

    @Override
    public long bytes(int index) throws IOException {
        return Files.size(file(index));
    }

    /** A pipe of that name would keep its reader waiting for ever. */
    private Path file(int index) throws IOException {
        Path file;
        try {
            file = root.resolve(names.get(index));
        } catch (InvalidPathException e) {
            throw new IOException(
                    names.get(index) + ": the name cannot be said in this locale; start with LC_ALL=C.UTF-8", e);
        }
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        if (!attributes.isRegularFile()) {
            throw new IOException(names.get(index) + ": expected a file, found "
                    + (attributes.isDirectory() ? "a folder" : "a pipe or a device"));
        }
        return file;
    }

    /** Collects files and their labels. */
    static final class Builder {
        private final Path root;
        private final List<String> names = new ArrayList<>();
        private final List<Integer> labels = new ArrayList<>();

        Builder(Path root) {
            this.root = root;
        }

        /** A file by its path from the root, or an absolute one. */
        void add(String name, int label) {
            names.add(name);
            labels.add(label);
        }

        boolean isEmpty() {
            return names.isEmpty();
        }

        FileDataset build(List<String> classes) {
            return new FileDataset(
                    root, names, labels.stream().mapToInt(Integer::intValue).toArray(), classes);
        }
    }
}
