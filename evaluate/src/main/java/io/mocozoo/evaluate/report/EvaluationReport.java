package io.mocozoo.evaluate.report;

import io.mocozoo.evaluate.file.JsonFiles;
import io.mocozoo.store.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** report.html of a run's folder, made of the files in it alone. */
public final class EvaluationReport {
    private static final String METRICS = "metrics.json";

    private EvaluationReport() {}

    /** Whether a folder holds a finished run of an evaluation. */
    public static boolean isRun(Path folder) {
        return Files.isRegularFile(folder.resolve(METRICS)) && Files.isRegularFile(folder.resolve("run.json"));
    }

    /** Writes the page; gives its path. */
    public static Path write(Path run) throws IOException {
        Path target = run.resolve("report.html");
        AtomicFile.write(target, JsonFiles.read(run.resolve(METRICS)).toString().getBytes(StandardCharsets.UTF_8));
        return target;
    }
}
