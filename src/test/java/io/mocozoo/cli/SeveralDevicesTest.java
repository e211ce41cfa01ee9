package io.mocozoo.cli;

import static io.mocozoo.cli.Shell.mocozoo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mocozoo.cli.Shell.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A training spread over devices, from the command line; a device here is the CPU, named twice. */
class SeveralDevicesTest {
    @TempDir
    Path folder;

    @BeforeEach
    void draw() {
        assertThat(mocozoo("shapes", folder.resolve("shapes"), "--train", 40, "--val", 10)
                        .code())
                .isZero();
    }

    private Result train(String work, String... more) {
        List<Object> words = new ArrayList<>(List.of(
                "train",
                "mocov3_resnet-tiny_shapes",
                "--data",
                folder.resolve("shapes"),
                "--work-dir",
                folder.resolve(work)));
        for (String change : List.of(
                "architecture.backbone.stemChannels=4",
                "architecture.backbone.baseChannels=4",
                "data.crop=32",
                "batch=20",
                "epochs=2",
                "schedule.0.end=1",
                "schedule.1.begin=1",
                "schedule.1.end=2")) {
            words.addAll(List.of("--set", change));
        }
        words.addAll(List.of(more));
        return mocozoo(words.toArray());
    }

    private List<Double> losses(String work) throws IOException {
        List<Double> losses = new ArrayList<>();
        for (String line : Files.readAllLines(folder.resolve(work).resolve("scalars.jsonl"))) {
            JsonNode step = new ObjectMapper().readTree(line);
            losses.add(step.get("loss").doubleValue());
        }
        return losses;
    }

    @Test
    void twoReplicasLearnWhatOneDoes() throws IOException {
        Result one = train("one", "--device", "cpu");
        assertThat(one.code()).as(one.err()).isZero();
        Result two = train("two", "--device", "cpu,cpu", "--threads", "1");
        assertThat(two.code()).as(two.err()).isZero();
        List<Double> expected = losses("one");
        List<Double> found = losses("two");
        assertThat(found).hasSize(4);
        for (int i = 0; i < 4; i++) {
            assertThat(found.get(i)).isCloseTo(expected.get(i), offset(1e-3));
        }
    }

    @Test
    void batchesThatComeOutOddAreFilledUp() throws IOException {
        try (Stream<Path> pictures = Files.list(folder.resolve("shapes/train/star"))) {
            List<Path> stars = pictures.sorted().toList();
            Files.delete(stars.get(0)); // 39 pictures: the last batch of an epoch has 19
            Files.write(stars.get(1), new byte[0]); // and one batch of every epoch loses one
        }
        Result trained = train("work", "--device", "cpu,cpu");
        assertThat(trained.code()).as(trained.err()).isZero();
        assertThat(losses("work")).hasSize(4);
    }

    @Test
    void batchesMustBeDivisible() {
        Result refused = train("work", "--device", "cpu,cpu,cpu");
        assertThat(refused.code()).isEqualTo(Main.FAILED);
        assertThat(refused.err())
                .contains("a batch of 20 cannot be spread evenly over 3 devices", "--set batch=N to a multiple of 3");
        assertThat(folder.resolve("work").resolve("last.safetensors")).doesNotExist();
    }

    @Test
    void whatCannotTrainIsRefused() {
        assertThat(train("work", "--device", "tensorrt").err()).contains("TensorRT runs models, it trains none");
        assertThat(train("work", "--device", "gpu").err()).contains("unknown device 'gpu'");
        assertThat(train("work", "--device", "cuda:63").err())
                .contains("cuda:63: PyTorch's engine sees", "--device cpu");
    }

    @Test
    void benchmarkSaysWhereAStepsTimeGoes() {
        Result measured = mocozoo(
                "benchmark", "mocov3_vit-tiny-p8_shapes", "--train", "--set", "batch=8", "--steps", "3", "--json");
        assertThat(measured.code()).as(measured.err()).isZero();
        double step = 0;
        double parts = 0;
        List<String> names = new ArrayList<>();
        for (JsonNode row : measured.json()) {
            String what = row.get("what").textValue().strip();
            names.add(what);
            double value = row.get("median").doubleValue();
            switch (what) {
                case "step of 8 images" -> step = value;
                case "forward", "backward", "momentum encoder", "optimizer" -> parts += value;
                default -> assertThat(value).as(what).isGreaterThanOrEqualTo(0);
            }
        }
        assertThat(names)
                .contains("training, data included", "waiting for data, before it")
                .anyMatch(n -> n.contains("over the same operations called bare"));
        assertThat(parts).isBetween(step / 3, step * 3); // medians of parts need not add up to that of the whole
    }

    @Test
    void benchmarkOfAnUnknownRecipeNamesThem() {
        Result refused = mocozoo("benchmark", "mocov3_vit-huge", "--train");
        assertThat(refused.code()).isEqualTo(Main.USAGE);
        assertThat(refused.err()).contains("mocov3_vit-huge");
    }
}
