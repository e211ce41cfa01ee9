package io.mocozoo.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.mocozoo.evaluate.report.EvaluationReports;
import io.mocozoo.train.report.TrainingReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Pages about what other commands left in a folder. */
final class ReportCommand implements Command {
    /** What there are pages about. A folder gets the page of the first kind that it fits. */
    private static final List<Kind> KINDS = List.of(
            new Kind(
                    "a training (scalars.jsonl)",
                    TrainingReport::fits,
                    folder -> List.of(TrainingReport.write(folder))),
            new Kind(
                    "a finished evaluation or comparison (metrics.json, compare.json)",
                    EvaluationReports::isKnown,
                    EvaluationReports::write));

    /**
     * A kind of folder.
     *
     * @param what it is, and what tells it
     * @param fits whether a folder is one
     * @param writer writes its pages
     */
    private record Kind(String what, Predicate<Path> fits, Writer writer) {}

    /** Writes a folder's pages and gives their places. */
    @FunctionalInterface
    private interface Writer {
        List<Path> write(Path folder) throws IOException;
    }

    @Override
    public String name() {
        return "report";
    }

    @Override
    public String arguments() {
        return "FOLDER...";
    }

    @Override
    public String summary() {
        return "write the page of a training, an evaluation or a comparison again; it opens without a network";
    }

    @Override
    public String example() {
        return "mocozoo report work/pretrained run1";
    }

    @Override
    public int run(Invocation call) throws IOException, UsageException {
        if (call.words().isEmpty()) {
            throw new UsageException("the folder is missing");
        }
        ArrayNode done = Console.mapper().createArrayNode();
        int code = Main.OK;
        for (String word : call.words()) {
            Path folder = Path.of(word);
            try {
                for (Path page : kind(folder).writer().write(folder)) {
                    done.addObject().put("folder", folder.toString()).put("report", page.toString());
                    if (!call.json()) {
                        call.console().out().println(page);
                    }
                }
            } catch (IOException e) {
                call.console().err().println("mocozoo report: " + Main.reason(e));
                code = Main.FAILED;
            }
        }
        if (call.json()) {
            call.console().json(done);
        }
        return code;
    }

    private static Kind kind(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new IOException("there is no folder " + folder);
        }
        return KINDS.stream()
                .filter(k -> k.fits().test(folder))
                .findFirst()
                .orElseThrow(
                        () -> new IOException(folder + " holds nothing a report can be made of; expected the folder of "
                                + KINDS.stream().map(Kind::what).collect(Collectors.joining(", or "))));
    }
}
