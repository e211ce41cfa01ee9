package io.mocozoo.evaluate.report;

import io.mocozoo.evaluate.file.RunException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The pages of a folder that an evaluation or a comparison left, written again from the files in it. */
public final class EvaluationReports {
    private static final String COMPARISON = "compare.json";

    private EvaluationReports() {}

    /** Whether there is anything to write a page of. */
    public static boolean isKnown(Path folder) {
        return EvaluationReport.isRun(folder) || Files.isRegularFile(folder.resolve(COMPARISON));
    }

    /**
     * Writes the pages; gives their paths.
     *
     * @throws RunException if the folder holds neither a finished evaluation nor a comparison
     */
    public static List<Path> write(Path folder) throws IOException {
        if (!isKnown(folder)) {
            throw new RunException(folder + ": expected a finished evaluation or a comparison, found neither");
        }
        List<Path> pages = new ArrayList<>();
        if (EvaluationReport.isRun(folder)) {
            pages.add(EvaluationReport.write(folder));
        }
        if (Files.isRegularFile(folder.resolve(COMPARISON))) {
            pages.add(ComparisonReport.write(folder));
        }
        return pages;
    }
}
