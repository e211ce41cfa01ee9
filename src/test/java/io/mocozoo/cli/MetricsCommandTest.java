package io.mocozoo.cli;

import static io.mocozoo.cli.EvaluateCommandTest.done;
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
                .contains("expected the number of a class"); // of the heading
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
}
