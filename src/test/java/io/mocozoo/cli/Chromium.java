package io.mocozoo.cli;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A browser without a window, as narrow as a telephone, that speaks to nobody; tests are skipped where there is none. */
final class Chromium {
    private Chromium() {}

    /** How it is started; the caller starts it and sees it end. */
    static ProcessBuilder builder(Path profile, String... more) {
        Optional<Path> found = Stream.of("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
                .map(Path::of)
                .filter(Files::isExecutable)
                .findFirst();
        assumeTrue(found.isPresent(), "no Chromium on this machine");
        List<String> command = new ArrayList<>(List.of(
                found.orElseThrow().toString(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--user-data-dir=" + profile,
                "--window-size=400,800"));
        command.addAll(List.of(more));
        return new ProcessBuilder(command);
    }
}
