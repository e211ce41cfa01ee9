package io.mocozoo.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.mocozoo.Zoo;
import io.mocozoo.checkpoint.Safetensors;
import io.mocozoo.checkpoint.StoredTensor;
import io.mocozoo.image.RgbImage;
import io.mocozoo.network.Classifier;
import io.mocozoo.network.Cost;
import io.mocozoo.network.Key;
import io.mocozoo.network.Output;
import io.mocozoo.network.ResNet;
import io.mocozoo.onnx.OnnxFormatException;
import io.mocozoo.onnx.Precision;
import io.mocozoo.runtime.Device;
import io.mocozoo.runtime.Labels;
import io.mocozoo.runtime.Model;
import io.mocozoo.runtime.Prediction;
import io.mocozoo.runtime.Stage;
import io.mocozoo.runtime.Tensor;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelApiTest {
    private static final String CLASSIFIER = "vit-tiny-p8_shapes";
    private static final String TINY_RESNET = "tiny-resnet";
    private static final String TINY_MOCO = "tiny-moco";
    private static final String TINY_MOCO_VIT = "tiny-moco-vit";

    @TempDir
    static Path folder;

    @BeforeAll
    static void writeRegistry() throws IOException {
        String preprocessing =
                """
                "preprocessing": {"resizeShortEdge": 36, "interpolation": "bilinear", "crop": 32,
                                  "mean": [123.675, 116.28, 103.53], "std": [58.395, 57.12, 57.375]}""";
        String resnet = "\"backbone\": {\"type\": \"resnet\", \"depth\": 18, \"stemChannels\": 8, \"baseChannels\": 8}";
        String vit = "\"backbone\": {\"type\": \"vit\", \"embedDim\": 24, \"depth\": 2, \"heads\": 3, \"mlpDim\": 48,"
                + " \"patch\": 8, \"imageSize\": 32, \"positions\": \"sincos\"}";
        String moco = ", \"projector\": {\"layers\": 2, \"hidden\": 16, \"out\": 8, \"lastNorm\": true},"
                + " \"predictor\": {\"layers\": 2, \"hidden\": 16, \"out\": 8, \"lastNorm\": false}";
        Files.writeString(
                folder.resolve("registry.json"),
                "{\"schema\": 1, \"models\": ["
                        + String.join(
                                ",",
                                card(
                                        TINY_RESNET,
                                        "image-classification",
                                        resnet + ", \"head\": {\"type\": \"linear\", \"classes\": 5}",
                                        preprocessing),
                                card(TINY_MOCO, "self-supervised-pretraining", resnet + moco, preprocessing),
                                card(TINY_MOCO_VIT, "self-supervised-pretraining", vit + moco, preprocessing))
                        + "]}");
    }

    private static String card(String name, String task, String architecture, String preprocessing) {
        return "{\"name\": \"" + name + "\", \"task\": \"" + task + "\", \"architecture\": {" + architecture + "}, "
                + preprocessing + "}";
    }

    private static Zoo zoo() {
        return Zoo.builder()
                .cache(folder.resolve("cache"))
                .registry(folder.resolve("registry.json"))
                .device(Device.CPU)
                .build();
    }

    private static RgbImage noise(int seed) {
        byte[] pixels = new byte[50 * 64 * 3];
        new SplittableRandom(seed).nextBytes(pixels);
        return new RgbImage(50, 64, pixels);
    }

    private static Tensor input(int n, int side) {
        float[] values = new float[n * 3 * side * side];
        SplittableRandom random = new SplittableRandom(5);
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextDouble(-2, 2);
        }
        return Tensor.of(values, n, 3, side, side);
    }

    @Test
    void classifierGivesWhatTheReferencesCallsGive() throws IOException {
        try (Zoo zoo = zoo();
                Model model = zoo.configure(TINY_RESNET).pretrained(false).open()) {
            Tensor x = input(2, 64);
            assertThat(model.forward(x).shape()).containsExactly(2, 5);
            assertThat(model.extractFeat(x)).singleElement().satisfies(t -> assertThat(t.shape())
                    .containsExactly(2, 64));
            assertThat(model.extractFeat(x, Stage.BACKBONE).get(0).shape()).containsExactly(2, 64, 2, 2);
            assertThat(model.extractFeat(x, Stage.NECK)).isEqualTo(model.extractFeat(x, Stage.PRE_LOGITS));
            assertThat(model.run(x)).containsOnlyKeys(Output.LOGITS, Output.BACKBONE, Output.FEATURES);
            Prediction p = model.predict(noise(1));
            float[] scores = p.predScores();
            double sum = 0;
            for (float score : scores) {
                sum += score;
            }
            assertThat(sum).isCloseTo(1, within(1e-5)); // five floats
            assertThat(scores[p.predLabel()]).isEqualTo(p.predScore());
            assertThat(p.predClass()).isEqualTo(String.valueOf(p.predLabel())); // no names are known
        }
    }

    @Test
    void pretrainingModelInfersFeatures() throws IOException {
        for (String name : List.of(TINY_MOCO, TINY_MOCO_VIT)) {
            try (Zoo zoo = zoo();
                    Model model = zoo.configure(name).pretrained(false).open()) {
                Tensor x = input(2, 32);
                assertThat(model.forward(x)).isEqualTo(model.extractFeat(x).get(0));
                assertThat(model.extractFeat(x, Stage.NECK).get(0).shape()).containsExactly(2, 8);
                assertThatThrownBy(() -> model.extractFeat(x, Stage.PRE_LOGITS))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("pretraining model");
                Prediction p = model.predict(noise(2));
                assertThat(p.hasClasses()).isFalse();
                assertThat(p.features().orElseThrow().rank()).isEqualTo(1);
                assertThatThrownBy(p::predClass).isInstanceOf(IllegalStateException.class);
                assertThatThrownBy(() -> zoo.configure(name).classes(3)).isInstanceOf(IllegalArgumentException.class);
            }
        }
    }

    @Test
    void imagesAndTensorsOfTheSamePictureAgree() throws IOException {
        try (Zoo zoo = zoo();
                Model model = zoo.configure(CLASSIFIER).open()) {
            RgbImage image = noise(3);
            RgbImage crop = model.preprocessor().crop(image);
            Tensor x = Tensor.of(model.preprocessor().normalise(crop), 1, 3, crop.height(), crop.width());
            Tensor features = Objects.requireNonNull(model.run(x).get(Output.FEATURES));
            Tensor extracted = model.extract(List.of(image), Output.FEATURES);
            assertThat(extracted).isEqualTo(features); // the same arithmetic in the same order
        }
    }

    @Test
    void outputsOnRequestAreThere() throws IOException {
        try (Zoo zoo = zoo();
                Model model = zoo.configure(CLASSIFIER)
                        .outputs(Output.LOGITS, Output.TOKENS, Output.ATTENTION)
                        .open();
                Model usual = zoo.configure(CLASSIFIER).open()) {
            Tensor x = input(2, 48);
            Map<Output, Tensor> results = model.run(x);
            Tensor attention = Objects.requireNonNull(results.get(Output.ATTENTION));
            assertThat(attention.shape()).containsExactly(2, 4, 37);
            for (int head = 0; head < 4; head++) {
                double sum = 0;
                for (float weight : attention.row(0).row(head).toArray()) {
                    assertThat(weight).isBetween(0f, 1f);
                    sum += weight;
                }
                assertThat(sum).isCloseTo(1, within(1e-5));
            }
            assertThat(Objects.requireNonNull(results.get(Output.TOKENS)).shape())
                    .containsExactly(2, 37, 64);
            float[] all = Objects.requireNonNull(results.get(Output.LOGITS)).toArray();
            float[] short1 = usual.forward(x).toArray();
            for (int i = 0; i < all.length; i++) {
                assertThat(all[i]).isCloseTo(short1[i], within(1e-5f)); // the class token alone, or with all others
            }
            assertThatThrownBy(() -> usual.run(x, Set.of(Output.TOKENS)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("ask for more when opening");
        }
    }

    @Test
    void seedsAndClassesMakeTheModelTheySay() throws IOException {
        try (Zoo zoo = zoo();
                Model a = zoo.configure(TINY_RESNET).pretrained(false).seed(1).open();
                Model b = zoo.configure(TINY_RESNET).pretrained(false).seed(1).open();
                Model c = zoo.configure(TINY_RESNET).pretrained(false).seed(2).open();
                Model three = zoo.configure(CLASSIFIER).classes(3).open();
                Model half = zoo.configure(CLASSIFIER).precision(Precision.FP16).open();
                Model full = zoo.configure(CLASSIFIER).open()) {
            Tensor x = input(1, 48);
            assertThat(a.forward(x)).isEqualTo(b.forward(x)).isNotEqualTo(c.forward(x));
            assertThat(three.forward(x).shape()).containsExactly(1, 3);
            float[] features = three.extractFeat(x).get(0).toArray();
            assertThat(features).containsExactly(full.extractFeat(x).get(0).toArray());
            assertThat(half.forward(x).toArray()[0]).isCloseTo(full.forward(x).toArray()[0], within(0.05f));
        }
    }

    @Test
    void trainedHeadOfTheWantedSizeIsKeptWhateverItsKeysAreCalled() throws IOException {
        Map<String, StoredTensor> ours = new TreeMap<>();
        Map<String, StoredTensor> torchvisions = new TreeMap<>();
        SplittableRandom random = new SplittableRandom(8);
        for (Key key :
                Cost.of(new Classifier(new ResNet(18, 8, 8), 3), 32, 32).keys().values()) {
            float[] values = new float[(int) key.elements()];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) random.nextDouble(0.1, 0.4);
            }
            StoredTensor tensor = StoredTensor.ofFloats(
                    values, key.shape().stream().mapToInt(Integer::intValue).toArray());
            ours.put(key.name(), tensor);
            torchvisions.put(key.name().replace("backbone.", "").replace("head.fc.", "fc."), tensor);
        }
        Path a = folder.resolve("ours.safetensors");
        Path b = folder.resolve("torchvisions.safetensors");
        Safetensors.write(a, ours, Map.of());
        Safetensors.write(b, torchvisions, Map.of());
        try (Zoo zoo = zoo();
                Model first = zoo.configure(TINY_RESNET).classes(3).weights(a).open();
                Model second = zoo.configure(TINY_RESNET).classes(3).weights(b).open()) {
            Tensor x = input(1, 32);
            assertThat(second.forward(x)).isEqualTo(first.forward(x));
        }
    }

    @Test
    void labelsAreTheGivenElseTheCards() throws IOException {
        try (Zoo zoo = zoo();
                Model card = zoo.configure(CLASSIFIER).open();
                Model given = zoo.configure(CLASSIFIER)
                        .labels(new Labels(List.of("only")))
                        .open()) {
            assertThat(card.labels().names()).hasSize(10).contains("heart");
            assertThat(given.labels().name(0)).isEqualTo("only");
            assertThat(given.labels().name(1)).isEqualTo("1");
        }
    }

    @Test
    void wrongInputsAreTypedErrors() throws IOException {
        try (Zoo zoo = zoo();
                Model model = zoo.configure(CLASSIFIER).open()) {
            assertThatThrownBy(() -> model.forward(Tensor.zeros(3, 32, 32)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("[n, 3, h, w]");
            assertThatThrownBy(() -> model.forward(Tensor.zeros(1, 4, 32, 32)))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> zoo.configure("no-such-model"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("did you mean");
            assertThatThrownBy(() ->
                            zoo.configure(CLASSIFIER).outputs(Output.STAGE1).open())
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("stage1");
        }
    }

    @Test
    void closedModelSaysSoAndClosesTwice() throws IOException {
        try (Zoo zoo = zoo()) {
            Model model = zoo.configure(CLASSIFIER).open();
            model.predict(noise(1));
            model.close();
            model.close();
            assertThatThrownBy(() -> model.predict(noise(1)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("closed");
        }
    }

    @Test
    void oneLinersTakeEveryKindOfImageAndKeepTheModelOpen() throws IOException {
        BufferedImage picture = noise(4).toBufferedImage();
        Path file = folder.resolve("p.png");
        ImageIO.write(picture, "png", file.toFile());
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageIO.write(picture, "png", bytes);
        try (Zoo zoo = zoo()) {
            float[] expected = zoo.predict(CLASSIFIER, file).predScores();
            assertThat(zoo.predict(CLASSIFIER, file.toUri()).predScores()).containsExactly(expected);
            assertThat(zoo.predict(CLASSIFIER, bytes.toByteArray()).predScores())
                    .containsExactly(expected);
            assertThat(zoo.predict(CLASSIFIER, List.of(RgbImage.of(picture), noise(1))))
                    .hasSize(2)
                    .first()
                    .satisfies(p -> assertThat(p.predScores()).containsExactly(expected));
        }
    }

    @Test
    void modelsInUseSurviveBeingTheLongestUnused() throws Exception {
        Path weights = folder.resolve("cards");
        Files.createDirectories(weights);
        StringBuilder cards = new StringBuilder("{\"schema\": 1, \"models\": [");
        String base = Files.readString(Path.of("../../registry.json"));
        String card =
                base.substring(base.indexOf("{\n      \"name\": \"" + CLASSIFIER), base.lastIndexOf("}\n  ]") + 1);
        Path shapes = Path.of("../../zoo/src/main/resources/io/mocozoo/registry/shapes")
                .toAbsolutePath();
        for (int i = 0; i < 4; i++) {
            cards.append(i == 0 ? "" : ",")
                    .append(card.replace("\"name\": \"" + CLASSIFIER, "\"name\": \"copy" + i)
                            .replace("\"shapes/", "\"" + shapes.toUri()));
        }
        Path registry = weights.resolve("r.json");
        Files.writeString(registry, cards + "]}");
        try (Zoo zoo = Zoo.builder()
                .cache(folder.resolve("cache"))
                .registry(registry)
                .device(Device.CPU)
                .openModels(1)
                .build()) {
            float[] expected = zoo.predict("copy0", List.of(noise(9))).get(0).predScores();
            ExecutorService threads = Executors.newFixedThreadPool(4);
            List<Future<Boolean>> running = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                int which = t;
                running.add(threads.submit(() -> {
                    for (int i = 0; i < 20; i++) {
                        float[] found = zoo.predict("copy" + (which + i) % 4, List.of(noise(9)))
                                .get(0)
                                .predScores();
                        if (!Arrays.equals(found, expected)) {
                            return false;
                        }
                    }
                    return true;
                }));
            }
            for (Future<Boolean> one : running) {
                assertThat(one.get()).isTrue();
            }
            threads.shutdown();
        }
    }

    @Test
    void onnxFileOfOnesOwnStandsInForACheckpoint() throws IOException {
        try (Zoo zoo = zoo()) {
            Path graphs = zoo.prepare(CLASSIFIER);
            Path own = Files.createDirectories(folder.resolve("own"));
            try (Stream<Path> files = Files.list(graphs)) {
                for (Path file : files.toList()) {
                    Files.copy(file, own.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
                }
            }
            Tensor x = input(1, 48);
            try (Model usual = zoo.configure(CLASSIFIER).open();
                    Model tensors = zoo.configure(CLASSIFIER)
                            .weights(own.resolve("tensor.onnx"))
                            .open();
                    Model pixels = zoo.configure(CLASSIFIER)
                            .weights(own.resolve("pixels.onnx"))
                            .open()) {
                assertThat(tensors.forward(x)).isEqualTo(usual.forward(x));
                float[] expected = usual.predict(noise(6)).predScores();
                assertThat(pixels.predict(noise(6)).predScores()).containsExactly(expected);
                assertThat(tensors.predict(noise(6)).predScores()).containsExactly(expected);
                assertThatThrownBy(() -> pixels.forward(x)).isInstanceOf(IllegalStateException.class);
            }
            assertThatThrownBy(() -> zoo.configure(TINY_RESNET)
                            .weights(own.resolve("tensor.onnx"))
                            .open())
                    .isInstanceOf(OnnxFormatException.class)
                    .hasMessageContaining("logits")
                    .hasMessageContaining("[n, 5]");
            Files.delete(own.resolve("weights.bin"));
            assertThatThrownBy(() -> zoo.configure(CLASSIFIER)
                            .weights(own.resolve("tensor.onnx"))
                            .open())
                    .isInstanceOf(OnnxFormatException.class)
                    .hasMessageContaining("weights.bin");
        }
    }
}
