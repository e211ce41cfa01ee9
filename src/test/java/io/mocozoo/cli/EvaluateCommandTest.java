package io.mocozoo.cli;

import static io.mocozoo.cli.Shell.done;
import static io.mocozoo.cli.Shell.mocozoo;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mocozoo.cli.Shell.Result;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What evaluate measures, and of which images. */
class EvaluateCommandTest {
    private static final int IMAGES = 600; // more than two blocks

    @TempDir
    static Path folder;

    private static Path shapes;
    private static Path whole;

    static Result evaluate(Path data, Path out, Object... more) {
        List<Object> words = new ArrayList<>(List.of(
                "evaluate",
                Embedded.MODEL,
                "--data",
                data,
                "--out",
                out,
                "--cache",
                folder.resolve("cache"),
                "--device",
                "cpu"));
        words.addAll(Arrays.asList(more));
        return mocozoo(words.toArray());
    }

    @BeforeAll
    static void evaluatesOnce() {
        shapes = folder.resolve("shapes");
        done(mocozoo("shapes", shapes, "--train", 0, "--val", IMAGES));
        whole = folder.resolve("whole");
        done(evaluate(shapes, whole, "--scores"));
    }

    static JsonNode json(Path file) throws IOException {
        return new ObjectMapper().readTree(file.toFile());
    }

    @Test
    void figuresAreOfReadableImagesOrOfNone() throws IOException {
        Path few = folder.resolve("few");
        Path arrows = Files.createDirectories(few.resolve("val/arrow"));
        Path picture = arrows.resolve("a.JPEG");
        Files.copy(shapes.resolve("val/arrow/val_000000.JPEG"), picture);
        Files.writeString(arrows.resolve("b.JPEG"), "no picture");
        for (String policy : List.of("wrong", "leave-out")) {
            done(evaluate(few, folder.resolve("few-" + policy), "--unreadable", policy));
        }
        Files.delete(picture);
        for (String policy : List.of("wrong", "leave-out")) {
            Result none = evaluate(few, folder.resolve("none-" + policy), "--unreadable", policy);
            assertThat(none.code()).isEqualTo(Main.FAILED);
            assertThat(none.err()).contains("failed.csv says why");
        }
    }

    @Test
    void theFiguresAreThoseOfThePredictions() throws IOException {
        List<String> lines = Files.readAllLines(whole.resolve("predictions.csv"));
        assertThat(lines).hasSize(IMAGES + 1);
        assertThat(lines.get(0))
                .isEqualTo("path,label,pred_label,pred_1,pred_2,pred_3,pred_4,pred_5,"
                        + "score_1,score_2,score_3,score_4,score_5,correct@1,correct@5,loss");
        long top1 = 0;
        long top5 = 0;
        double loss = 0;
        for (String line : lines.subList(1, lines.size())) {
            String[] fields = line.split(",");
            top1 += fields[1].equals(fields[3]) ? 1 : 0;
            top5 += Arrays.asList(fields).subList(3, 8).contains(fields[1]) ? 1 : 0;
            assertThat(fields[13]).isEqualTo(fields[1].equals(fields[3]) ? "1" : "0");
            loss += Double.parseDouble(fields[15]);
        }
        JsonNode metrics = json(whole.resolve("metrics.json"));
        JsonNode accuracy = metrics.get("accuracy");
        assertThat(accuracy.get("top1").get("correct").longValue()).isEqualTo(top1);
        assertThat(accuracy.get("top5").get("correct").longValue()).isEqualTo(top5);
        assertThat(metrics.get("likelihood").get("nll").doubleValue())
                .isCloseTo(loss / IMAGES, org.assertj.core.api.Assertions.within(1e-12));
        assertThat(metrics.get("reference").get("accuracy/top1").doubleValue())
                .isEqualTo((double) ((float) top1 * (float) (100.0 / IMAGES)));
    }

    @Test
    void predictionsAreThoseOfPredict() throws IOException {
        List<String> lines = Files.readAllLines(whole.resolve("predictions.csv"));
        for (int i : new int[] {1, 100, IMAGES}) {
            String[] fields = lines.get(i).split(",");
            JsonNode predicted = mocozoo(
                            "predict",
                            Embedded.MODEL,
                            shapes.resolve("val").resolve(fields[0]),
                            "--cache",
                            folder.resolve("cache"),
                            "--device",
                            "cpu",
                            "--json")
                    .json()
                    .get(0);
            assertThat(fields[2])
                    .isEqualTo(Integer.toString(predicted.get("pred_label").intValue()));
            assertThat(Float.parseFloat(fields[8]))
                    .isEqualTo(predicted.get("pred_score").floatValue());
        }
    }

    @Test
    void augmentationAveragesTheProbabilitiesOfBothViews() throws IOException {
        Path run = folder.resolve("tta");
        done(evaluate(shapes, run, "--tta", "--scores"));
        assertThat(json(run.resolve("provenance.json"))
                        .get("testTimeAugmentation")
                        .textValue())
                .isEqualTo("horizontal flip");
        for (String line : Files.readAllLines(run.resolve("predictions.csv")).subList(1, 20)) {
            String[] fields = line.split(",");
            assertThat(Float.parseFloat(fields[8])).isBetween(0f, 1f);
        }
        assertThat(run.resolve("scores.npy")).exists();
        Path mirrored = folder.resolve("mirrored"); // and its crop: 56 less 48 is even
        for (int i = 0; i < 20; i++) {
            String name = "arrow/val_" + String.format("%06d", 10 * i) + ".JPEG";
            BufferedImage image =
                    ImageIO.read(shapes.resolve("val").resolve(name).toFile());
            BufferedImage flipped = new BufferedImage(64, 64, 1);
            flipped.createGraphics().drawImage(image, 64, 0, 0, 64, 0, 0, 64, 64, null);
            for (Path target : List.of(mirrored.resolve("a"), mirrored.resolve("b"))) {
                Path file = target.resolve("val").resolve(name.replace("JPEG", "png"));
                Files.createDirectories(file.getParent());
                ImageIO.write(target.endsWith("a") ? image : flipped, "png", file.toFile());
            }
        }
        done(evaluate(mirrored.resolve("a"), mirrored.resolve("run-a"), "--tta", "--resize", "56"));
        done(evaluate(mirrored.resolve("b"), mirrored.resolve("run-b"), "--tta", "--resize", "56"));
        List<String> one = Files.readAllLines(mirrored.resolve("run-a/predictions.csv"));
        List<String> other = Files.readAllLines(mirrored.resolve("run-b/predictions.csv"));
        for (int i = 1; i < one.size(); i++) {
            List<String> a = new ArrayList<>(List.of(one.get(i).split(",")));
            List<String> b = new ArrayList<>(List.of(other.get(i).split(",")));
            a.remove(2); // the label of the mirrored view, which is another one here
            b.remove(2);
            assertThat(a).isEqualTo(b);
        }
    }

    @Test
    void otherPreprocessingIsRecordedAndHasNoPublishedFigure() throws IOException {
        Path run = folder.resolve("bicubic");
        done(evaluate(shapes, run, "--interpolation", "bicubic", "--resize", "48"));
        JsonNode preprocessing = json(run.resolve("provenance.json")).get("preprocessing");
        assertThat(preprocessing.get("interpolation").textValue()).isEqualTo("bicubic");
        assertThat(preprocessing.get("resizeShortEdge").intValue()).isEqualTo(48);
        assertThat(run.resolve("report.html"))
                .content()
                .contains("Other preprocessing than the card")
                .contains("resizeShortEdge 48 instead of the card");
        assertThat(whole.resolve("report.html")).content().doesNotContain("Other preprocessing");
        assertThat(run.resolve("predictions.csv"))
                .content()
                .isNotEqualTo(Files.readString(whole.resolve("predictions.csv")));
        assertThat(evaluate(shapes, folder.resolve("x"), "--resize", "40").code())
                .isEqualTo(Main.USAGE);
        assertThat(evaluate(shapes, folder.resolve("x"), "--interpolation", "nearest")
                        .err())
                .contains("bilinear or bicubic");
    }

    @Test
    void moreClassesThanThereAreAreRefusedBeforeTheWork() {
        Path run = folder.resolve("too-many");
        assertThat(evaluate(shapes, run, "--topk", "1,11").err()).contains("top-11", "only the best 10 classes");
        assertThat(run).doesNotExist();
    }

    @Test
    void figuresAreThoseAskedFor() throws IOException {
        Path run = folder.resolve("few");
        Result result = evaluate(shapes, run, "--metrics", "accuracy,average-precision", "--json");
        done(result);
        assertThat(result.json().has("calibration")).isFalse();
        assertThat(result.json().get("reference").get("multi-label/mAP").doubleValue())
                .isBetween(90.0, 100.0);
        assertThat(run.resolve("confusion.csv")).doesNotExist();
        assertThat(evaluate(shapes, folder.resolve("x"), "--metrics", "bleu").err())
                .contains("average-precision", "found 'bleu'");
    }

    @Test
    void aLabelMapSaysWhatLabelsStandFor() throws IOException {
        Path data = folder.resolve("mapped");
        Path star = shapes.resolve("val/star");
        Files.createDirectories(data.resolve("val/n001"));
        Files.createDirectories(data.resolve("val/n002"));
        for (int i = 0; i < 4; i++) {
            String name = String.format("val_%06d.JPEG", 8 + 10 * i);
            Files.copy(star.resolve(name), data.resolve("val/n00" + (1 + i % 2)).resolve(name));
        }
        assertThat(evaluate(data, folder.resolve("x")).err()).contains("found 2 folders", "--label-map");
        Path map = folder.resolve("map.json");
        Files.writeString(
                map,
                """
                {"classes": {"n001": 8, "n002": [1, 8]}, "only": true,
                 "images": {"n001/val_000008.JPEG": []}}
                """);
        Path run = folder.resolve("mapped-run");
        Result result = evaluate(data, run, "--label-map", map, "--json");
        done(result);
        assertThat(result.json().get("classes").intValue()).isEqualTo(2);
        assertThat(result.json().get("withoutLabel").intValue()).isEqualTo(1);
        assertThat(result.json().get("counted").intValue()).isEqualTo(3);
        List<String> lines = Files.readAllLines(run.resolve("predictions.csv"));
        assertThat(lines.get(0)).isEqualTo("path,label,pred_label,pred_1,pred_2,score_1,score_2,correct@1,loss");
        assertThat(lines.get(1)).startsWith("n001/val_000008.JPEG,,").endsWith(",,");
        assertThat(lines.get(3)).startsWith("n002/val_000018.JPEG,1 8,").contains(",1,");
        Files.writeString(map, "{\"classes\": {\"n001\": 8, \"n002\": 10}}");
        assertThat(evaluate(data, folder.resolve("x"), "--label-map", map).err())
                .contains("11 classes");
        Files.writeString(map, "{\"classes\": {\"n001\": 8}}");
        assertThat(evaluate(data, folder.resolve("x"), "--label-map", map).err())
                .contains("says nothing of class 'n002'");
        Files.writeString(map, "{\"clases\": {}}");
        assertThat(evaluate(data, folder.resolve("x"), "--label-map", map).err())
                .contains("unknown field 'clases'");
    }

    @Test
    void tarsAreReadInPlace() throws IOException {
        Path data = Files.createDirectories(folder.resolve("tars"));
        List<String> list = new ArrayList<>();
        List<String> expected = new ArrayList<>();
        List<String> lines = Files.readAllLines(whole.resolve("predictions.csv"));
        try (TarArchiveOutputStream official = tar(data.resolve("official/ILSVRC2012_img_val.tar"));
                TarArchiveOutputStream shard = tar(data.resolve("web/val-000.tar"))) {
            for (int i = 1; i < lines.size(); i += 20) {
                String[] fields = lines.get(i).split(",", 3);
                byte[] jpeg = Files.readAllBytes(shapes.resolve("val").resolve(fields[0]));
                put(official, i + ".JPEG", jpeg);
                put(shard, i + ".jpg", jpeg);
                put(shard, i + ".cls", fields[1].getBytes(StandardCharsets.US_ASCII));
                list.add(i + ".JPEG " + fields[1]);
                expected.add(fields[1] + "," + fields[2]);
            }
        }
        Files.write(data.resolve("official/val.txt"), list);
        for (String kind : List.of("official", "web")) {
            done(evaluate(data.resolve(kind), data.resolve("run-" + kind)));
            List<String> found = Files.readAllLines(data.resolve("run-" + kind + "/predictions.csv"));
            assertThat(found.subList(1, found.size()).stream().map(line -> line.split(",", 2)[1]))
                    .isEqualTo(expected);
        }
    }

    private static TarArchiveOutputStream tar(Path file) throws IOException {
        Files.createDirectories(file.getParent());
        return new TarArchiveOutputStream(Files.newOutputStream(file));
    }

    private static void put(TarArchiveOutputStream tar, String name, byte[] bytes) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setSize(bytes.length);
        tar.putArchiveEntry(entry);
        tar.write(bytes);
        tar.closeArchiveEntry();
    }

    @Test
    void aPretrainingModelAndAnUnlabelledSetAreRefused() throws IOException {
        Path data = Files.createDirectories(folder.resolve("flat"));
        Files.copy(shapes.resolve("val/star/val_000008.JPEG"), data.resolve("a.jpg"));
        assertThat(evaluate(data, folder.resolve("x")).err()).contains("found 1 without labels");
        assertThat(mocozoo("evaluate", Embedded.MODEL, "--out", "x").err()).contains("--data is missing");
        assertThat(mocozoo("evaluate", Embedded.MODEL, "--data", data).err()).contains("--out is missing");
    }
}
