package io.mocozoo.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Folders that were made here, each with a note of its files: one without is not finished. */
final class ConvertedFolder {
    private static final String NOTE = "store.json";
    private static final String MAKING = ".making";

    private final Path folder;
    private final Locks locks;
    private final Progress progress;

    ConvertedFolder(Path folder, Locks locks, Progress progress) {
        this.folder = folder;
        this.locks = locks;
        this.progress = progress;
    }

    /**
     * What a folder must hold.
     *
     * @param files by path within it, with forward slashes
     */
    record Note(Map<String, Fingerprint> files) {
        Note {
            files = Collections.unmodifiableMap(new TreeMap<>(files));
        }

        static Optional<Note> of(Path made) {
            return Json.read(made.resolve(NOTE), Note.class);
        }
    }

    Path make(String key, Store.Maker maker) throws IOException {
        Path target = folder.resolve(SafeName.of(key));
        if (isWhole(target)) {
            return target;
        }
        return locks.holding(lockName(target), "converting " + target.getFileName(), () -> {
            if (!isWhole(target)) {
                removeAbandoned();
                build(target, maker);
            }
            return target;
        });
    }

    private void build(Path target, Store.Maker maker) throws IOException {
        Path making = folder.resolve("." + target.getFileName() + MAKING);
        Trees.delete(making);
        Files.createDirectories(making);
        try {
            maker.make(making);
            Json.write(making.resolve(NOTE), new Note(fingerprints(making)));
            delete(target);
            AtomicFile.move(making, target);
        } finally {
            Trees.delete(making);
        }
    }

    private Map<String, Fingerprint> fingerprints(Path making) throws IOException {
        Map<String, Fingerprint> files = new TreeMap<>();
        for (Path file : Trees.files(making)) {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            files.put(relative(making, file), Fingerprint.of(file, progress));
        }
        if (files.isEmpty() || files.containsKey(NOTE)) {
            throw new IllegalStateException(
                    "expected files to keep, none of them " + NOTE + ", found " + files.keySet());
        }
        return files;
    }

    private static String relative(Path root, Path file) {
        return root.relativize(file).toString().replace('\\', '/');
    }

    /** By note, sizes and times; where only times differ, as in a copied cache, by all the bytes, once. */
    private boolean isWhole(Path target) throws IOException {
        Optional<Note> note = Note.of(target);
        if (note.isEmpty()) {
            return false;
        }
        boolean unchanged = true;
        for (Map.Entry<String, Fingerprint> file : note.get().files().entrySet()) {
            Path path = target.resolve(file.getKey());
            if (!file.getValue().sameSize(path)) {
                return false;
            }
            unchanged &= file.getValue().unchanged(path);
        }
        if (unchanged) {
            Used.now(target.resolve(NOTE));
            return true;
        }
        Map<String, Fingerprint> now = new TreeMap<>();
        for (Map.Entry<String, Fingerprint> file : note.get().files().entrySet()) {
            Fingerprint found = Fingerprint.of(target.resolve(file.getKey()), progress);
            if (!found.sha256().equals(file.getValue().sha256())) {
                return false;
            }
            now.put(file.getKey(), found);
        }
        Json.tryWrite(target.resolve(NOTE), new Note(now));
        return true;
    }

    private static String lockName(Path target) {
        return "onnx/" + target.getFileName();
    }

    /** Removes what killed makers left, unless somebody is at it just now. */
    void removeAbandoned() throws IOException {
        for (Path child : Trees.children(folder)) {
            String name = String.valueOf(child.getFileName());
            if (name.startsWith(".") && name.endsWith(MAKING)) {
                String key = name.substring(1, name.length() - MAKING.length());
                locks.ifFree(lockName(folder.resolve(key)), () -> {
                    Trees.delete(child);
                    return child;
                });
            }
        }
    }

    List<Item> items() throws IOException {
        List<Item> items = new ArrayList<>();
        for (Path child : Trees.children(folder)) {
            if (Files.isDirectory(child) && !String.valueOf(child.getFileName()).startsWith(".")) {
                items.add(new Made(child));
            }
        }
        return items;
    }

    /** Without its note a folder is unfinished, whatever else is still in it. */
    private static void delete(Path made) throws IOException {
        Files.deleteIfExists(made.resolve(NOTE));
        Trees.delete(made);
    }

    /** A finished folder. */
    private final class Made implements Item {
        private final Path path;

        Made(Path path) {
            this.path = path;
        }

        @Override
        public Path path() {
            return path;
        }

        @Override
        public String kind() {
            return "converted";
        }

        @Override
        public String lockName() {
            return ConvertedFolder.lockName(path);
        }

        @Override
        public long bytes() throws IOException {
            long bytes = 0;
            for (Path file : Trees.files(path)) {
                bytes += file.endsWith(NOTE) ? 0 : Files.size(file);
            }
            return bytes;
        }

        @Override
        public Instant lastUsed() throws IOException {
            return Used.last(path.resolve(NOTE), path);
        }

        @Override
        public Optional<String> problem() throws IOException {
            Optional<Note> note = Note.of(path);
            if (note.isEmpty()) {
                return Optional.of("expected a note of its files in " + NOTE + ", found none that can be read");
            }
            List<String> wrong = new ArrayList<>();
            for (Map.Entry<String, Fingerprint> file : note.get().files().entrySet()) {
                Path at = path.resolve(file.getKey());
                String found = Files.isRegularFile(at) ? "SHA-256 " + Sha256.of(at, progress) : "no such file";
                String expected = "SHA-256 " + file.getValue().sha256();
                if (!found.equals(expected)) {
                    wrong.add(file.getKey() + ": expected " + expected + ", found " + found);
                }
            }
            return wrong.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", wrong));
        }

        @Override
        public void delete() throws IOException {
            ConvertedFolder.delete(path);
        }
    }
}
