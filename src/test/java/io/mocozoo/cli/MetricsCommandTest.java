package io.mocozoo.cli;

import static io.mocozoo.cli.Shell.done;
import static io.mocozoo.cli.Shell.mocozoo;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mocozoo.checkpoint.Npy;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The metrics of evaluate, from files. */
class MetricsCommandTest {
    @TempDir
    static Path folder;

    private static Path first;

    @BeforeAll
    static void evaluatesOnce() {
        first = folder.resolve("first");
        done(DrawnShapes.in(folder).evaluate(first, "--scores"));
    }

    private static Path labels(Path file, boolean paths) throws IOException {
        List<String> lines = new ArrayList<>();
        for (String line : Files.readAllLines(first.resolve("predictions.csv"))) {
            String[] fields = line.split(",");
            if (!fields[0].equals("path")) {
                lines.add(paths ? fields[0] + " " + fields[1] : fields[1]);
            }
        }
        return Files.write(file, lines);
    }

    @Test
    void figuresFromScoresAreThoseOfTheRun() throws IOException {
        Path labels = labels(folder.resolve("labels.txt"), true);
        ObjectNode own = (ObjectNode)
                new ObjectMapper().readTree(first.resolve("metrics.json").toFile());
        ObjectNode found = (ObjectNode) mocozoo("metrics", first.resolve("scores.npy"), "--labels", labels, "--json")
                .json();
        assertThat(found.remove("scores").textValue()).isEqualTo("logits");
        own.remove(List.of("model", "published", "mostConfused"));
        found.remove("mostConfused"); // of classes without names
        assertThat(found).isEqualTo(own);
    }

    @Test
    void figuresFromATableAreThoseOfTheRun() throws IOException {
        JsonNode own = new ObjectMapper().readTree(first.resolve("metrics.json").toFile());
        for (Path labels :
                new Path[] {labels(folder.resolve("by-order.txt"), false), labels(folder.resolve("by-path.txt"), true)
                }) {
            JsonNode found = mocozoo("metrics", first.resolve("predictions.csv"), "--labels", labels, "--json")
                    .json();
            for (String part : List.of("images", "counted", "unreadable", "accuracy", "reference", "coverageRisk")) {
                assertThat(found.get(part)).as(part).isEqualTo(own.get(part));
            }
            assertThat(found.get("likelihood").get("nll"))
                    .isEqualTo(own.get("likelihood").get("nll"));
            assertThat(found.get("calibration").get("ece"))
                    .isEqualTo(own.get("calibration").get("ece"));
        }
    }

    @Test
    void figuresFromAPickleAreThoseOfItsScores() throws IOException {
        Path pickle = folder.resolve("results.pkl"); // the one that zoo's own test reads
        try (InputStream in = getClass().getResourceAsStream("res_3_4_p2.pkl")) {
            Files.write(pickle, in.readAllBytes());
        }
        Path scores = folder.resolve("pickled.npy");
        float[] rows = {
            0.8553866f, 0.021817308f, 0.0005025715f, 0.1222935f,
            0.014727342f, 0.007858216f, 0.28871623f, 0.6886983f,
            0.09780614f, 0.18397789f, 0.12498978f, 0.59322613f
        };
        Npy.write(scores, new int[] {3, 4}, rows);
        Path labels = Files.writeString(folder.resolve("three.txt"), "0\n1\n2\n");
        JsonNode found = mocozoo("metrics", pickle, "--json").json();
        assertThat(found)
                .isEqualTo(
                        mocozoo("metrics", scores, "--labels", labels, "--json").json());
        assertThat(found.get("accuracy").get("top1").get("correct").intValue()).isEqualTo(1);
        Path others = Files.writeString(
                folder.resolve("others.txt"), "val/img_002.JPEG 3\nval/img_000.JPEG 0\nval/img_001.JPEG 3\n");
        JsonNode relabelled =
                mocozoo("metrics", pickle, "--labels", others, "--json").json();
        assertThat(relabelled.get("accuracy").get("top1").get("correct").intValue())
                .isEqualTo(3);
        Files.writeString(others, "val/img_000.JPEG 0\n");
        assertThat(mocozoo("metrics", pickle, "--labels", others).err())
                .contains("says nothing of data/imagenet/val/img_001.JPEG");
        Files.writeString(pickle, "cos\nsystem\n(S'id'\ntR.");
        assertThat(mocozoo("metrics", pickle).err()).contains("global 'os.system' is not allowed");
    }

    @Test
    void anothersTableWithoutScoresHasAccuraciesAlone() throws IOException {
        Path table = folder.resolve("other.csv");
        Files.writeString(table, "path,label,pred\na.jpg,3,3\n\"b,c.jpg\",1,0\nd.jpg,2,2\n");
        JsonNode found = mocozoo("metrics", table, "--json").json();
        assertThat(found.get("accuracy").get("top1").get("correct").intValue()).isEqualTo(2);
        assertThat(found.has("calibration")).isFalse();
        Files.writeString(table, "path,label,pred\na.jpg,3,x\n");
        assertThat(mocozoo("metrics", table).err()).contains("line 2", "expected the number of a class, found 'x'");
        Files.writeString(table, "file,guess\n");
        assertThat(mocozoo("metrics", table).err()).contains("expected columns path, label, pred_1");
        Files.writeString(table, "path,pred\na.jpg,3\n");
        assertThat(mocozoo("metrics", table).err()).contains("--labels");
        Path scores = folder.resolve("few.npy");
        Npy.write(scores, new int[] {2, 3}, new float[] {1, 0, 0, 0, 1, 0});
        Path one = Files.writeString(folder.resolve("one.txt"), "0\n");
        assertThat(mocozoo("metrics", scores, "--labels", one).err()).contains("expected 2 labels");
        Path two = Files.writeString(folder.resolve("two.txt"), "0\n3\n");
        assertThat(mocozoo("metrics", scores, "--labels", two).err()).contains("expected 0 to 2, found 3");
        Path fine = Files.writeString(folder.resolve("fine.txt"), "0\n2\n");
        assertThat(mocozoo("metrics", scores, "--labels", fine, "--json")
                        .json()
                        .get("scores")
                        .textValue())
                .isEqualTo("probabilities");
    }

    @Test
    void tablesAreWrittenAsThoseOfARun() throws IOException {
        Path labels = labels(folder.resolve("for-tables.txt"), true);
        Path out = folder.resolve("tables");
        assertThat(mocozoo("metrics", first.resolve("scores.npy"), "--labels", labels, "--out", out)
                        .code())
                .isEqualTo(Main.OK);
        assertThat(out.resolve("confusion.csv")).hasSameTextualContentAs(first.resolve("confusion.csv"));
        List<String> own = Files.readAllLines(first.resolve("per_class.csv"));
        List<String> found = Files.readAllLines(out.resolve("per_class.csv"));
        assertThat(found).hasSameSizeAs(own);
        for (int i = 0; i < own.size(); i++) { // but for the names of the classes
            assertThat(found.get(i).split(",", 3)[2]).isEqualTo(own.get(i).split(",", 3)[2]);
        }
        assertThat(new ObjectMapper()
                        .readTree(out.resolve("metrics.json").toFile())
                        .path("counted"))
                .isEqualTo(new ObjectMapper()
                        .readTree(first.resolve("metrics.json").toFile())
                        .path("counted"));
    }

    @Test
    void whatAFileCannotTellIsRefused() throws IOException {
        Path table = first.resolve("predictions.csv");
        assertThat(mocozoo("metrics", table, "--metrics", "average-precision").err())
                .contains("from which average-precision cannot be told", ".npy");
        assertThat(mocozoo("metrics", table, "--topk", "9").err()).contains("top-9", "only the best 5 classes");
        Path bare = Files.writeString(folder.resolve("bare.csv"), "path,label,pred\na.jpg,3,3\n");
        assertThat(mocozoo("metrics", bare, "--thresholds", "0.5").err()).contains("has no scores");
        assertThat(mocozoo("metrics", bare, "--metrics", "calibration").err())
                .contains("from which calibration cannot be told");
        assertThat(mocozoo("metrics", bare, "--as", "retrieval", "--labels", bare)
                        .err())
                .contains("needs all scores as a .npy, found bare.csv");
        Path scores = first.resolve("scores.npy");
        assertThat(mocozoo("metrics", scores, "--as", "retrieval", "--labels", bare)
                        .err())
                .contains("expected 100 labels, one a row", "found 1");
        Path targets = folder.resolve("targets.npy");
        Npy.write(targets, new int[] {1, 2}, new long[] {1, 0});
        assertThat(mocozoo("metrics", scores, "--as", "multi-label", "--labels", targets)
                        .err())
                .contains("expected targets of shape [", "found [1, 2]");
        assertThat(mocozoo("metrics", scores, "--as", "many").err())
                .contains("single-label, multi-label or retrieval, found 'many'");
        assertThat(mocozoo("metrics", scores, "--topk", "0").err()).contains("whole numbers from 1 on");
        assertThat(mocozoo("metrics", scores, "--thresholds", "1.5").err()).contains("from 0 to 1 or none");
    }

    @Test
    void unreadableImagesCountAsInTheRun() throws IOException {
        DrawnShapes hostile = DrawnShapes.in(folder.resolve("hostile"));
        for (String name : List.of("a.JPEG", "b.JPEG", "c.JPEG")) {
            Files.writeString(hostile.data().resolve("val/arrow").resolve(name), "no picture");
        }
        for (String more : List.of("--scores", "--tta")) { // logits, and probabilities
            Path run = folder.resolve("hostile-run" + more);
            done(hostile.evaluate(run, "--scores", "--no-attention", more));
            ObjectNode own = (ObjectNode)
                    new ObjectMapper().readTree(run.resolve("metrics.json").toFile());
            ObjectNode found = (ObjectNode)
                    mocozoo("metrics", run.resolve("scores.npy"), "--labels", run.resolve("predictions.csv"), "--json")
                            .json();
            assertThat(found.remove("scores").textValue()).isEqualTo(more.equals("--tta") ? "probabilities" : "logits");
            own.remove(List.of("model", "published", "mostConfused"));
            found.remove("mostConfused");
            assertThat(own.get("unreadable").get("count").intValue()).isEqualTo(3);
            assertThat(found).isEqualTo(own);
            assertThat(mocozoo(
                                    "metrics",
                                    run.resolve("scores.npy"),
                                    "--labels",
                                    run.resolve("predictions.csv"),
                                    "--unreadable",
                                    "leave-out",
                                    "--json")
                            .json()
                            .get("counted")
                            .intValue())
                    .isEqualTo(DrawnShapes.VAL);
        }
    }

    @Test
    void blankLinesEndNoTable() throws IOException {
        List<String> lines = new ArrayList<>(Files.readAllLines(first.resolve("predictions.csv")));
        lines.add(20, "");
        Path table = Files.write(folder.resolve("blank.csv"), lines);
        assertThat(mocozoo("metrics", table, "--json").json())
                .isEqualTo(mocozoo("metrics", first.resolve("predictions.csv"), "--json")
                        .json());
    }

    @Test
    void labelsMayBeSeveralOrNone() throws IOException {
        Path scores = folder.resolve("sets.npy");
        Npy.write(scores, new int[] {3, 3}, new float[] {.9f, .8f, .1f, .2f, .1f, .3f, .6f, .7f, .2f});
        JsonNode table = mocozoo(
                        "metrics",
                        scores,
                        "--labels",
                        Files.writeString(folder.resolve("sets.csv"), "path,label\na,0 2\nb,\nc,1\n"),
                        "--as",
                        "multi-label",
                        "--json")
                .json();
        assertThat(table.get("reference").get("multi-label/support").intValue()).isEqualTo(3);
        Path text = Files.writeString(folder.resolve("sets.txt"), "0 2\n\n1\n");
        assertThat(mocozoo("metrics", scores, "--labels", text, "--as", "multi-label", "--json")
                        .json())
                .isEqualTo(table);
        Path bytes = folder.resolve("sets-targets.npy");
        Npy.write(bytes, new int[] {3, 3}, new byte[] {1, 0, 1, 0, 0, 0, 0, 1, 0});
        assertThat(mocozoo("metrics", scores, "--labels", bytes, "--as", "multi-label", "--json")
                        .json())
                .isEqualTo(table);
        JsonNode single = mocozoo("metrics", scores, "--labels", folder.resolve("sets.csv"), "--json")
                .json();
        assertThat(single.get("withoutLabel").intValue()).isEqualTo(1);
        assertThat(single.get("accuracy").get("top1").get("correct").intValue()).isEqualTo(2);
    }

    @Test
    void whatContradictsItselfIsRefused() throws IOException {
        Path twice = Files.writeString(folder.resolve("twice.csv"), "a,1\na,2\n");
        Path one = Files.writeString(folder.resolve("one.csv"), "path,pred_1\na,1\n");
        assertThat(mocozoo("metrics", one, "--labels", twice).err())
                .contains("expected one label of a, found [1] and [2]");
        Path logits = Files.writeString(folder.resolve("logits.csv"), "path,label,pred_1,score_1\na,1,1,7.5\n");
        assertThat(mocozoo("metrics", logits).err()).contains("line 2: expected probabilities of at most 1");
        Path rising = Files.writeString(
                folder.resolve("rising.csv"), "path,label,pred_1,score_1,pred_2,score_2\na,1,1,0.2,2,0.6\n");
        assertThat(mocozoo("metrics", rising).err()).contains("the highest first, found [0.2, 0.6]");
        Path same = Files.writeString(folder.resolve("same.csv"), "path,label,pred_1,pred_2\na,1,1,1\n");
        assertThat(mocozoo("metrics", same).err()).contains("expected each class once, found [1, 1]");
        assertThat(mocozoo("metrics", one, "--thresholds", "0.251,0.252").err()).contains("two of them are 0.25");
        assertThat(mocozoo("metrics", first.resolve("predictions.csv"), "--out", first)
                        .err())
                .contains("holds a run, whose files would be replaced");
    }
}
