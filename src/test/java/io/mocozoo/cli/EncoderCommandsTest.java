package io.mocozoo.cli;

import static io.mocozoo.cli.DrawnShapes.TRAIN;
import static io.mocozoo.cli.DrawnShapes.VAL;
import static io.mocozoo.cli.Shell.done;
import static io.mocozoo.cli.Shell.mocozoo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.mocozoo.checkpoint.Npy;
import io.mocozoo.cli.Shell.Result;
import io.mocozoo.data.Shapes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** extract, knn, probe, retrieve and attention on the drawn data set. */
class EncoderCommandsTest {
    @TempDir
    static Path folder;

    private static DrawnShapes shapes;

    @BeforeAll
    static void draws() {
        shapes = DrawnShapes.in(folder);
    }

    /** Nearest neighbours in double precision over every pair, as the definition has it. */
    @Test
    void theVoteIsThatOfAPlainSearch() throws IOException {
        JsonNode found = shapes.run("knn", Embedded.MODEL, "--data", shapes.data(), "--k", "1,10,200", "--json")
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
            Path of = shapes.data().resolve(split).resolve(classes.get(c));
            words.add(of);
            try (var files = Files.list(of)) {
                for (long i = files.count(); i > 0; i--) {
                    labels.add(c);
                }
            }
        }
        Path out = folder.resolve(split + ".npy");
        words.addAll(List.of("--out", out));
        done(shapes.run(words.toArray()));
        float[] all = Npy.read(out).toFloats();
        int width = all.length / labels.size();
        return IntStream.range(0, labels.size())
                .mapToObj(i -> Arrays.copyOfRange(all, i * width, (i + 1) * width))
                .toArray(float[][]::new);
    }

    @Test
    void imagesWithoutFeaturesAreListed() throws IOException {
        Path data = Files.createDirectories(folder.resolve("damaged/arrow"));
        Files.writeString(data.resolve("broken.JPEG"), "no picture");
        Path none = folder.resolve("features-none");
        Result failed = shapes.run("extract", Embedded.MODEL, "--data", folder.resolve("damaged"), "--out", none);
        assertThat(failed.code()).isEqualTo(Main.FAILED);
        assertThat(failed.err())
                .contains("none of 1 images", none.resolve("failed.csv").toString());
        assertThat(Files.readAllLines(none.resolve("failed.csv")).get(1)).startsWith("arrow/broken.JPEG,0,");
        Path good = shapes.data().resolve("val/arrow/val_000000.JPEG");
        Files.copy(good, data.resolve("good.JPEG"));
        Path some = folder.resolve("features-some");
        Result result = shapes.run("extract", Embedded.MODEL, "--data", folder.resolve("damaged"), "--out", some);
        done(result);
        assertThat(result.out()).contains("1 rows, 1 images could not be read, see failed.csv");
        assertThat(Files.readAllLines(some.resolve("images.csv")))
                .containsExactly("path,label,row", "arrow/broken.JPEG,0,", "arrow/good.JPEG,0,0");
    }

    @Test
    void aWholeDataSetIsExtractedAndProbed() throws IOException {
        Path train = folder.resolve("features-train");
        Path val = folder.resolve("features-val");
        done(shapes.extract("train", train));
        done(shapes.extract("val", val, "--workers", "3", "--batch", "7"));
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
        done(shapes.extract("val", cut, "--resume"));
        for (String file : List.of("features.npy", "images.csv", "failed.csv", "provenance.json", "results.blocks")) {
            assertThat(cut.resolve(file)).hasSameBinaryContentAs(val.resolve(file));
        }
        assertThat(shapes.extract("val", val).err()).contains("holds a run already");
        assertThat(shapes.extract("train", val, "--resume").err()).contains("images.count: 100, now 60");
        JsonNode probe =
                mocozoo("probe", "--train", train, "--val", val, "--json").json();
        assertThat(probe.get("top1").get("of").intValue()).isEqualTo(VAL);
        assertThat(probe.get("trainingTop1").doubleValue()).isGreaterThan(30); // of 60 images, in 48 dimensions
        assertThat(mocozoo("probe", "--train", train, "--val", shapes.data()).err())
                .contains("expected stored features");
        assertThat(mocozoo("probe", "--train", train).code()).isEqualTo(Main.USAGE);
    }

    @Test
    void anImageOfTheIndexIsNearestToItself() throws IOException {
        Path index = folder.resolve("index");
        done(shapes.extract("val", index));
        Path query = shapes.data().resolve("val/star/val_000008.JPEG");
        Path page = folder.resolve("near.html");
        Result result = shapes.run(
                "retrieve",
                Embedded.MODEL,
                query,
                "--index",
                index,
                "--data",
                shapes.data(),
                "--out",
                page,
                "--top",
                "3",
                "--json");
        done(result);
        JsonNode nearest = result.json().get(0).get("nearest");
        assertThat(nearest).hasSize(3);
        assertThat(nearest.get(0).get("path").textValue()).isEqualTo("star/val_000008.JPEG");
        assertThat(nearest.get(0).get("similarity").doubleValue()).isCloseTo(1, within(1e-5));
        assertThat(Files.readString(page)).contains("star/val_000008.JPEG", "data:image/jpeg");
        Path other = Files.createDirectories(folder.resolve("other-index"));
        String provenance = Files.readString(index.resolve("provenance.json"));
        Files.writeString(other.resolve("provenance.json"), provenance.replaceFirst("[0-9a-f]{64}", "0".repeat(64)));
        assertThat(shapes.run("retrieve", Embedded.MODEL, query, "--index", other)
                        .err())
                .contains("extract them again");
    }

    @Test
    void attentionIsDrawnAndMayBeLeftOut() throws IOException {
        Path out = folder.resolve("attention.png");
        done(shapes.run("attention", Embedded.MODEL, shapes.data().resolve("val/star/val_000008.JPEG"), "--out", out));
        var image = ImageIO.read(out.toFile());
        assertThat(image.getWidth()).isEqualTo(48);
        Path first = folder.resolve("first");
        done(shapes.evaluate(first));
        assertThat(Files.readString(first.resolve("report.html"))).contains("alt=\"attention\"");
        Path plain = folder.resolve("without");
        done(shapes.evaluate(plain, "--no-attention"));
        assertThat(Files.readString(plain.resolve("report.html"))).doesNotContain("alt=\"attention\"");
        assertThat(plain.resolve("predictions.csv")).hasSameBinaryContentAs(first.resolve("predictions.csv"));
    }

    @Test
    void neighboursOfOtherClassesAreRefused() throws IOException {
        Path other = folder.resolve("other-classes");
        Files.createDirectories(other.resolve("zebra"));
        Files.copy(shapes.data().resolve("train/star/train_000008.JPEG"), other.resolve("zebra/a.jpg"));
        Result refused = shapes.run("knn", Embedded.MODEL, "--data", shapes.data(), "--train", other);
        assertThat(refused.err()).contains("class 0 is 'zebra' and 'arrow'");
        assertThat(mocozoo("knn", Embedded.MODEL, "--data", shapes.data(), "--k", "0")
                        .code())
                .isEqualTo(Main.USAGE);
        assertThat(mocozoo("knn", Embedded.MODEL, "--data", shapes.data(), "--temperature", "-1")
                        .err())
                .contains("expects a positive number");
    }

    @Test
    void imagesWithoutLabelsAreFoundButNotLearntFrom() throws IOException {
        Path index = folder.resolve("unlabelled-index");
        Path star = shapes.data().resolve("val/star");
        done(shapes.run("extract", Embedded.MODEL, "--data", star, "--out", index));
        Path query = star.resolve("val_000008.JPEG");
        Result found = shapes.run("retrieve", Embedded.MODEL, query, "--index", index, "--top", "1", "--json");
        done(found);
        JsonNode nearest = found.json().get(0).get("nearest").get(0);
        assertThat(nearest.get("path").textValue()).isEqualTo("val_000008.JPEG");
        assertThat(nearest.has("label")).isFalse();
        assertThat(mocozoo("probe", "--train", index, "--val", index).err())
                .contains("expected a label of every image to learn from, found none of val_000008.JPEG");
    }
}
