package io.mocozoo.cli;

import static io.mocozoo.cli.EvaluateCommandTest.done;
import static io.mocozoo.cli.Shell.mocozoo;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mocozoo.checkpoint.Npy;
import io.mocozoo.cli.Shell.Result;
import io.mocozoo.data.Shapes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** metrics, compare and knn on two runs of the drawn data set. */
class JudgingCommandsTest {
    private static final int TRAIN = 60;
    private static final int VAL = 100;

    @TempDir
    static Path folder;

    private static Path shapes;
    private static Path first;
    private static Path second;

    @BeforeAll
    static void evaluatesTwice() {
        shapes = folder.resolve("shapes");
        done(mocozoo("shapes", shapes, "--train", TRAIN, "--val", VAL));
        first = folder.resolve("first");
        second = folder.resolve("second");
        done(evaluate(first, "--scores"));
        done(evaluate(second, "--interpolation", "bicubic", "--resize", "48"));
    }

    private static Result evaluate(Path out, Object... more) {
        List<Object> words = new ArrayList<>(List.of(
                "evaluate",
                Embedded.MODEL,
                "--data",
                shapes,
                "--out",
                out,
                "--cache",
                folder.resolve("cache"),
                "--device",
                "cpu"));
        words.addAll(Arrays.asList(more));
        return mocozoo(words.toArray());
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
    void aComparisonCountsWhatWasGainedAndLost() throws IOException {
        Path out = folder.resolve("comparison");
        Result result = mocozoo("compare", first, second, "--out", out, "--json");
        done(result);
        List<String> a = Files.readAllLines(first.resolve("predictions.csv"));
        List<String> b = Files.readAllLines(second.resolve("predictions.csv"));
        int gained = 0;
        int lost = 0;
        for (int i = 1; i < a.size(); i++) {
            boolean before = a.get(i).split(",")[13].equals("1");
            boolean after = b.get(i).split(",")[13].equals("1");
            gained += !before && after ? 1 : 0;
            lost += before && !after ? 1 : 0;
        }
        JsonNode json = result.json();
        assertThat(json.get("gained").intValue()).isEqualTo(gained);
        assertThat(json.get("lost").intValue()).isEqualTo(lost);
        assertThat(json.get("difference").get("percent").doubleValue()).isEqualTo(100.0 * (gained - lost) / VAL);
        assertThat(json.get("classes")).hasSize(10);
        assertThat(Files.readAllLines(out.resolve("compare.csv"))).hasSize(1 + gained + lost);
        assertThat(Files.readString(out.resolve("compare.html"))).contains("McNemar", "Images gained", "Images lost");
        assertThat(mocozoo("compare", first, first, "--out", out, "--json")
                        .json()
                        .get("mcNemar")
                        .get("p")
                        .doubleValue())
                .isEqualTo(1);
    }

    @Test
    void runsOfDifferentImagesAreNotCompared() throws IOException {
        Path other = Files.createDirectories(folder.resolve("other"));
        List<String> lines = Files.readAllLines(first.resolve("predictions.csv"));
        Files.write(other.resolve("predictions.csv"), lines.subList(0, 50));
        assertThat(mocozoo("compare", first, other).err()).contains("has 100 labelled images", "has 49");
        lines.set(3, lines.get(3).replace("arrow/", "elsewhere/"));
        Files.write(other.resolve("predictions.csv"), lines);
        assertThat(mocozoo("compare", first, other).err()).contains("image 3 is arrow/");
        assertThat(mocozoo("compare", first, folder.resolve("nothing")).err()).contains("expected a finished run");
        assertThat(mocozoo("compare", first).code()).isEqualTo(Main.USAGE);
    }

    @Test
    void theReportStandsAlone() throws IOException {
        String page = Files.readString(first.resolve("report.html"));
        assertThat(page)
                .contains(
                        "id=\"reliability\"",
                        "id=\"coverage\"",
                        "id=\"classes\"",
                        "id=\"confusion\"",
                        "id=\"mistakes\"",
                        "id=\"hits\"",
                        "id=\"stages\"",
                        "data:image/jpeg;base64,")
                .doesNotContain("http://", "https://", "<script", "url(");
        assertThat(first.resolve("report.html")).isNotEmptyFile();
    }

    /** Nearest neighbours in double precision over every pair, as the definition has it. */
    @Test
    void theVoteIsThatOfAPlainSearch() throws IOException {
        JsonNode found = mocozoo(
                        "knn",
                        Embedded.MODEL,
                        "--data",
                        shapes,
                        "--cache",
                        folder.resolve("cache"),
                        "--device",
                        "cpu",
                        "--k",
                        "1,10,200",
                        "--json")
                .json();
        assertThat(found.get("images").intValue()).isEqualTo(VAL);
        assertThat(found.get("trainingImages").intValue()).isEqualTo(TRAIN);
        List<Integer> trainLabels = new ArrayList<>();
        List<Integer> valLabels = new ArrayList<>();
        float[][] train = features("train", trainLabels);
        float[][] val = features("val", valLabels);
        for (JsonNode one : found.get("knn")) {
            int k = one.get("k").intValue();
            int correct = 0;
            for (int q = 0; q < VAL; q++) {
                correct += vote(val[q], train, trainLabels, k) == valLabels.get(q) ? 1 : 0;
            }
            assertThat(one.get("correct").intValue()).as("k %d", k).isEqualTo(correct);
        }
    }

    private static int vote(float[] query, float[][] bank, List<Integer> labels, int k) {
        double[] similarity =
                Arrays.stream(bank).mapToDouble(row -> cosine(query, row)).toArray();
        double[] votes = new double[10];
        IntStream.range(0, bank.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> -similarity[i]))
                .limit(k)
                .forEach(i -> votes[labels.get(i)] += Math.exp(similarity[i] / 0.07));
        return IntStream.range(0, 10)
                .boxed()
                .max(Comparator.comparingDouble((Integer c) -> votes[c]).thenComparing(Comparator.reverseOrder()))
                .orElseThrow();
    }

    private static double cosine(float[] a, float[] b) {
        double product = 0;
        double lengthA = 0;
        double lengthB = 0;
        for (int i = 0; i < a.length; i++) {
            product += (double) a[i] * b[i];
            lengthA += (double) a[i] * a[i];
            lengthB += (double) b[i] * b[i];
        }
        return product / Math.sqrt(lengthA * lengthB);
    }

    private static float[][] features(String split, List<Integer> labels) throws IOException {
        List<Object> words = new ArrayList<>(List.of("extract", Embedded.MODEL));
        List<String> classes = Shapes.CLASSES;
        for (int c = 0; c < 10; c++) {
            Path of = shapes.resolve(split).resolve(classes.get(c));
            words.add(of);
            try (var files = Files.list(of)) {
                for (long i = files.count(); i > 0; i--) {
                    labels.add(c);
                }
            }
        }
        Path out = folder.resolve(split + ".npy");
        words.addAll(List.of("--out", out, "--cache", folder.resolve("cache"), "--device", "cpu"));
        done(mocozoo(words.toArray()));
        float[] all = Npy.read(out).toFloats();
        int width = all.length / labels.size();
        return IntStream.range(0, labels.size())
                .mapToObj(i -> Arrays.copyOfRange(all, i * width, (i + 1) * width))
                .toArray(float[][]::new);
    }

    private static Result extract(String split, Path out, Object... more) {
        List<Object> words = new ArrayList<>(List.of(
                "extract",
                Embedded.MODEL,
                "--data",
                shapes,
                "--split",
                split,
                "--out",
                out,
                "--cache",
                folder.resolve("cache"),
                "--device",
                "cpu"));
        words.addAll(Arrays.asList(more));
        return mocozoo(words.toArray());
    }

    @Test
    void aWholeDataSetIsExtractedAndProbed() throws IOException {
        Path train = folder.resolve("features-train");
        Path val = folder.resolve("features-val");
        done(extract("train", train));
        done(extract("val", val, "--workers", "3", "--batch", "7"));
        float[][] plain = features("val", new ArrayList<>());
        float[] found = Npy.read(val.resolve("features.npy")).toFloats();
        for (int i = 0; i < VAL; i++) {
            int width = plain[i].length;
            assertThat(Arrays.copyOfRange(found, i * width, (i + 1) * width)).isEqualTo(plain[i]);
        }
        assertThat(Files.readAllLines(val.resolve("images.csv")))
                .hasSize(VAL + 1)
                .startsWith("path,label,row", "arrow/val_000000.JPEG,0,0");
        Path cut = Files.createDirectories(folder.resolve("features-cut"));
        Files.copy(val.resolve("provenance.json"), cut.resolve("provenance.json"));
        byte[] blocks = Files.readAllBytes(val.resolve("results.blocks"));
        Files.write(cut.resolve("results.blocks"), Arrays.copyOf(blocks, blocks.length - 7));
        done(extract("val", cut, "--resume"));
        for (String file : List.of("features.npy", "images.csv", "failed.csv", "provenance.json", "results.blocks")) {
            assertThat(cut.resolve(file)).hasSameBinaryContentAs(val.resolve(file));
        }
        assertThat(extract("val", val).err()).contains("holds a run already");
        assertThat(extract("train", val, "--resume").err()).contains("images.count: 100, now 60");
        JsonNode probe =
                mocozoo("probe", "--train", train, "--val", val, "--json").json();
        assertThat(probe.get("top1").get("of").intValue()).isEqualTo(VAL);
        assertThat(probe.get("trainingTop1").doubleValue()).isGreaterThan(30); // of 60 images, in 48 dimensions
        assertThat(mocozoo("probe", "--train", train, "--val", shapes).err()).contains("expected stored features");
        assertThat(mocozoo("probe", "--train", train).code()).isEqualTo(Main.USAGE);
    }

    @Test
    void anImageOfTheIndexIsNearestToItself() throws IOException {
        Path index = folder.resolve("index");
        done(extract("val", index));
        Path query = shapes.resolve("val/star/val_000008.JPEG");
        Path page = folder.resolve("near.html");
        Result result = mocozoo(
                "retrieve",
                Embedded.MODEL,
                query,
                "--index",
                index,
                "--data",
                shapes,
                "--out",
                page,
                "--top",
                "3",
                "--cache",
                folder.resolve("cache"),
                "--device",
                "cpu",
                "--json");
        done(result);
        JsonNode nearest = result.json().get(0).get("nearest");
        assertThat(nearest).hasSize(3);
        assertThat(nearest.get(0).get("path").textValue()).isEqualTo("star/val_000008.JPEG");
        assertThat(nearest.get(0).get("similarity").doubleValue())
                .isCloseTo(1, org.assertj.core.api.Assertions.within(1e-5));
        assertThat(Files.readString(page)).contains("star/val_000008.JPEG", "data:image/jpeg");
        Path other = Files.createDirectories(folder.resolve("other-index"));
        String provenance = Files.readString(index.resolve("provenance.json"));
        Files.writeString(other.resolve("provenance.json"), provenance.replaceFirst("[0-9a-f]{64}", "0".repeat(64)));
        assertThat(mocozoo(
                                "retrieve",
                                Embedded.MODEL,
                                query,
                                "--index",
                                other,
                                "--cache",
                                folder.resolve("cache"),
                                "--device",
                                "cpu")
                        .err())
                .contains("extract them again");
    }

    @Test
    void attentionIsDrawnAndMayBeLeftOut() throws IOException {
        Path out = folder.resolve("attention.png");
        done(mocozoo(
                "attention",
                Embedded.MODEL,
                shapes.resolve("val/star/val_000008.JPEG"),
                "--out",
                out,
                "--cache",
                folder.resolve("cache"),
                "--device",
                "cpu"));
        var image = javax.imageio.ImageIO.read(out.toFile());
        assertThat(image.getWidth()).isEqualTo(48);
        assertThat(Files.readString(first.resolve("report.html"))).contains("alt=\"attention\"");
        Path plain = folder.resolve("without");
        done(evaluate(plain, "--no-attention"));
        assertThat(Files.readString(plain.resolve("report.html"))).doesNotContain("alt=\"attention\"");
        assertThat(plain.resolve("predictions.csv")).hasSameBinaryContentAs(first.resolve("predictions.csv"));
    }

    @Test
    void neighboursOfOtherClassesAreRefused() throws IOException {
        Path other = folder.resolve("other-classes");
        Files.createDirectories(other.resolve("zebra"));
        Files.copy(shapes.resolve("train/star/train_000008.JPEG"), other.resolve("zebra/a.jpg"));
        Result refused = mocozoo(
                "knn",
                Embedded.MODEL,
                "--data",
                shapes,
                "--train",
                other,
                "--cache",
                folder.resolve("cache"),
                "--device",
                "cpu");
        assertThat(refused.err()).contains("class 0 is 'zebra' and 'arrow'");
        assertThat(mocozoo("knn", Embedded.MODEL, "--data", shapes, "--k", "0").code())
                .isEqualTo(Main.USAGE);
        assertThat(mocozoo("knn", Embedded.MODEL, "--data", shapes, "--temperature", "-1")
                        .err())
                .contains("expects a positive number");
    }
}
