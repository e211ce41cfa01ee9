package io.mocozoo.store;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

public final class Store {
    private final Path folder;

    public Store(Path folder, boolean offline, java.util.List<Mirror> mirrors, Progress progress) {
        this.folder = folder;
    }

    public Path folder() {
        return folder;
    }

    public StoredFile fetch(String owner, URI uri, Optional<String> sha256Prefix) throws IOException {
        if (uri.getScheme().equals("file") && !owner.isEmpty()) {
            return local(Path.of(uri));
        }
        Path target = folder.resolve("weights").resolve("x-" + sha256Prefix.orElse("") + ".pth");
        Files.createDirectories(target.getParent());
        try (java.io.InputStream in = uri.toURL().openStream()) {
            Files.copy(in, target, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        }
        return local(target);
    }

    public StoredFile local(Path file) throws IOException {
        try {
            byte[] digest = java.security.MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
            return new StoredFile(file, java.util.HexFormat.of().formatHex(digest), Files.size(file));
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    public Path make(String key, Maker maker) throws IOException {
        Path target = folder.resolve("onnx").resolve(key);
        if (!Files.isDirectory(target)) {
            Files.createDirectories(target);
            maker.make(target);
        }
        return target;
    }

    public interface Maker {
        void make(Path folder) throws IOException;
    }

    public record Checked(Path path, Optional<String> problem) {}

    public record Entry(Path path, String kind, long bytes, java.time.Instant lastUsed) {}

    public java.util.List<Checked> verify() throws IOException {
        return java.util.List.of();
    }

    public java.util.List<Entry> list() throws IOException {
        return java.util.List.of();
    }

    public java.util.List<Entry> prune(java.time.Duration unusedFor) throws IOException {
        return java.util.List.of();
    }

    public java.util.List<Entry> pruneBroken() throws IOException {
        return java.util.List.of();
    }
}
