package io.mocozoo.cli;

import static io.mocozoo.cli.Shell.done;
import static io.mocozoo.cli.Shell.mocozoo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.mocozoo.Zoo;
import io.mocozoo.checkpoint.Checkpoint;
import io.mocozoo.checkpoint.ReadLimits;
import io.mocozoo.checkpoint.Safetensors;
import io.mocozoo.checkpoint.StoredTensor;
import io.mocozoo.network.Cost;
import io.mocozoo.network.Key;
import io.mocozoo.network.Network;
import io.mocozoo.network.Output;
import io.mocozoo.runtime.Device;
import io.mocozoo.runtime.Model;
import io.mocozoo.runtime.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where a ResNet looks: its class maps, and the energy of one without classes. */
class ClassMapsTest {
    private static final int CLASSES = 10;

    @TempDir
    static Path folder;

    private static Path registry;
    private static Path classifier;
    private static Path encoder;

    private static String card(String name, String task, String head) {
        return """
                {"name": "%s", "task": "%s",
                 "architecture": {"backbone": {"type": "resnet", "depth": 18, "stemChannels": 8, "baseChannels": 8}, %s},
                 "preprocessing": {"resizeShortEdge": 72, "interpolation": "bilinear", "crop": 64,
                                   "mean": [128, 128, 128], "std": [64, 64, 64]}}
                """
                .formatted(name, task, head);
    }

    @BeforeAll
    static void drawsPicturesAndMakesWeights() throws IOException {
        done(mocozoo("shapes", folder.resolve("shapes"), "--train", 0, "--val", 20));
        registry = folder.resolve("registry.json");
        Files.writeString(
                registry,
                "{\"schema\": 1, \"models\": ["
                        + card("tiny", "image-classification", "\"head\": {\"type\": \"linear\", \"classes\": 10}")
                        + ","
                        + card(
                                "tiny-moco",
                                "self-supervised-pretraining",
                                "\"projector\": {\"layers\": 2, \"hidden\": 16, \"out\": 8, \"lastNorm\": true},"
                                        + " \"predictor\": {\"layers\": 2, \"hidden\": 16, \"out\": 8,"
                                        + " \"lastNorm\": false}")
                        + "]}");
        classifier = weights("tiny");
        encoder = weights("tiny-moco");
    }

    private static Path weights(String name) throws IOException {
        try (Zoo zoo = zoo()) {
            Network network = zoo.registry().get(name).network();
            SplittableRandom random = new SplittableRandom(8);
            Map<String, StoredTensor> tensors = new TreeMap<>();
            for (Key key : Cost.of(network, 64, 64).keys().values()) {
                float[] values = new float[(int) key.elements()];
                for (int i = 0; i < values.length; i++) {
                    boolean spread = key.name().endsWith("running_var");
                    values[i] = (float) (spread ? random.nextDouble(0.5, 2) : random.nextDouble(-0.5, 0.5));
                }
                tensors.put(
                        key.name(),
                        StoredTensor.ofFloats(
                                values,
                                key.shape().stream().mapToInt(Integer::intValue).toArray()));
            }
            Path file = folder.resolve(name + ".safetensors");
            Safetensors.write(file, tensors, Map.of());
            return file;
        }
    }

    private static Zoo zoo() {
        return Zoo.builder()
                .registry(registry)
                .cache(folder.resolve("cache"))
                .device(Device.CPU)
                .build();
    }

    @Test
    void classMapsAreTheClassifiersRowsAtEachPlace() throws IOException {
        try (Zoo zoo = zoo();
                Model model = zoo.configure("tiny")
                        .weights(classifier)
                        .outputs(Output.LOGITS, Output.BACKBONE, Output.CLASS_MAPS)
                        .open();
                Checkpoint checkpoint = Checkpoint.open(classifier, ReadLimits.DEFAULT)) {
            SplittableRandom random = new SplittableRandom(5);
            float[] input = new float[2 * 3 * 64 * 96];
            for (int i = 0; i < input.length; i++) {
                input[i] = (float) random.nextDouble(-2, 2);
            }
            Map<Output, Tensor> results = model.run(Tensor.of(input, 2, 3, 64, 96));
            Tensor maps = Objects.requireNonNull(results.get(Output.CLASS_MAPS));
            assertThat(maps.shape()).containsExactly(2, CLASSES, 2, 3);
            float[] found = maps.toArray();
            float[] features =
                    Objects.requireNonNull(results.get(Output.BACKBONE)).toArray(); // [2, 64, 2, 3]
            float[] logits = Objects.requireNonNull(results.get(Output.LOGITS)).toArray();
            float[] weight = Objects.requireNonNull(checkpoint.stateDict().get("head.fc.weight"))
                    .toFloats();
            float[] bias = Objects.requireNonNull(checkpoint.stateDict().get("head.fc.bias"))
                    .toFloats();
            int channels = features.length / 12;
            for (int row = 0; row < 2 * CLASSES; row++) {
                double mean = 0;
                for (int place = 0; place < 6; place++) {
                    double expected = bias[row % CLASSES];
                    for (int c = 0; c < channels; c++) {
                        expected += (double) weight[row % CLASSES * channels + c]
                                * features[(row / CLASSES * channels + c) * 6 + place];
                    }
                    float value = found[6 * row + place];
                    // single precision over 64 products
                    assertThat((double) value).isCloseTo(expected, within(1e-5 * Math.max(1, Math.abs(expected))));
                    mean += value / 6.0;
                }
                assertThat(mean).isCloseTo(logits[row], within(1e-5 * Math.max(1, Math.abs(logits[row]))));
            }
        }
    }

    private static void run(List<Object> own, Path weights) {
        List<Object> words = new ArrayList<>(own);
        words.addAll(List.of(
                "--weights", weights, "--registry", registry, "--cache", folder.resolve("cache"), "--device", "cpu"));
        done(mocozoo(words.toArray()));
    }

    @Test
    void attentionDrawsClassMapsAndTheEnergyOfEncoders() throws IOException {
        Path image = folder.resolve("shapes/val/star/val_000008.JPEG");
        Path classes = folder.resolve("classes.png");
        Path energy = folder.resolve("energy.png");
        run(List.of("attention", "tiny", image, "--out", classes), classifier);
        run(List.of("attention", "tiny-moco", image, "--out", energy), encoder);
        assertThat(ImageIO.read(classes.toFile()).getWidth()).isEqualTo(64);
        assertThat(ImageIO.read(energy.toFile()).getHeight()).isEqualTo(64);
        assertThat(Files.mismatch(classes, energy)).isNotNegative(); // another map over the same picture
    }

    @Test
    void reportOfAResNetShowsItsClassMaps() throws IOException {
        Path out = folder.resolve("run");
        run(List.of("evaluate", "tiny", "--data", folder.resolve("shapes"), "--out", out), classifier);
        assertThat(Files.readString(out.resolve("report.html"))).contains("alt=\"attention\"");
    }
}
