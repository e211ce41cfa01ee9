package io.mocozoo.store;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/** Where the cache lies unless a user says otherwise. */
public final class CacheFolder {
    private CacheFolder() {}

    /**
     * {@code MOCOZOO_HOME}, else the platform's place for caches: {@code $XDG_CACHE_HOME/mocozoo} or
     * {@code ~/.cache/mocozoo}, {@code ~/Library/Caches/mocozoo}, {@code %LOCALAPPDATA%\mocozoo}.
     */
    public static Path standard() {
        return of(System.getenv(), System.getProperty("os.name", ""), Path.of(System.getProperty("user.home", ".")));
    }

    static Path of(Map<String, String> environment, String os, Path home) {
        String own = environment.getOrDefault("MOCOZOO_HOME", "");
        if (!own.isBlank()) {
            return Path.of(own);
        }
        String system = os.toLowerCase(Locale.ROOT);
        if (system.startsWith("win")) {
            String local = environment.getOrDefault("LOCALAPPDATA", "");
            return (local.isBlank() ? home.resolve("AppData").resolve("Local") : Path.of(local)).resolve("mocozoo");
        }
        if (system.contains("mac")) {
            return home.resolve("Library").resolve("Caches").resolve("mocozoo");
        }
        String xdg = environment.getOrDefault("XDG_CACHE_HOME", "");
        return (xdg.isBlank() ? home.resolve(".cache") : Path.of(xdg)).resolve("mocozoo");
    }
}
