package io.mocozoo.goldens;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import io.mocozoo.image.ImageDecoder;
import io.mocozoo.image.ImageLimits;
import io.mocozoo.image.Interpolation;
import io.mocozoo.image.PillowResize;
import io.mocozoo.image.Preprocessing;
import io.mocozoo.image.Preprocessor;
import io.mocozoo.image.RgbImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Decoded pictures, crops, tensors and plain resizes equal the reference's to the last bit: the tolerance is none. */
class PreprocessGoldenTest {
    private static final JsonNode INDEX = Goldens.index("preprocess");
    private static final Map<String, Preprocessor> PIPELINES = pipelines();

    @TestFactory
    Stream<DynamicTest> decodedPictures() {
        return items(INDEX.get("images"))
                .map(image -> dynamicTest(image.get("file").asText(), () -> {
                    assertSame(decode(image.get("file").asText()), image.get("decoded"));
                }));
    }

    @TestFactory
    Stream<DynamicTest> cropsAndTensors() {
        return items(INDEX.get("images")).flatMap(image -> PIPELINES.entrySet().stream()
                .filter(pipeline -> image.get("pipelines").has(pipeline.getKey()))
                .map(pipeline -> dynamicTest(image.get("file").asText() + ", " + pipeline.getKey(), () -> {
                    assertCrop(
                            pipeline.getValue(),
                            decode(image.get("file").asText()),
                            image.get("pipelines").get(pipeline.getKey()));
                })));
    }

    @TestFactory
    Stream<DynamicTest> plainResizes() {
        JsonNode resize = INDEX.get("resize");
        return items(resize.get("results"))
                .filter(result -> result.get("backend").asText().equals("pillow"))
                .flatMap(result -> interpolation(result.get("interpolation").asText()).stream()
                        .map(interpolation -> dynamicTest(result.get("file").asText(), () -> {
                            RgbImage source = decode(resize.get("source").asText());
                            RgbImage resized = PillowResize.resize(
                                    source,
                                    result.get("width").asInt(),
                                    result.get("height").asInt(),
                                    interpolation);
                            assertSame(resized, result);
                        })));
    }

    @Test
    void normalisation() throws IOException {
        byte[] npy = Files.readAllBytes(Goldens.file(INDEX.get("normalise_lut").asText()));
        FloatBuffer expected = ByteBuffer.wrap(npy, npy.length - 3 * 256 * Float.BYTES, 3 * 256 * Float.BYTES)
                .slice()
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer();
        byte[] every = new byte[3 * 256];
        for (int i = 0; i < every.length; i++) {
            every[i] = (byte) (i / 3);
        }
        for (Preprocessor preprocessor : PIPELINES.values()) {
            assertThat(FloatBuffer.wrap(preprocessor.normalise(new RgbImage(256, 1, every))))
                    .isEqualTo(expected);
        }
    }

    private static void assertCrop(Preprocessor preprocessor, RgbImage image, JsonNode expected) throws IOException {
        RgbImage crop = preprocessor.crop(image);
        assertSame(crop, expected);
        ByteBuffer packed = ByteBuffer.allocateDirect(crop.rgb().length);
        preprocessor.pack(image, packed);
        assertThat(packed.flip()).isEqualTo(ByteBuffer.wrap(crop.rgb()));
        float[] tensor = preprocessor.normalise(crop);
        JsonNode first = expected.get("tensor_first8");
        for (int i = 0; i < first.size(); i++) {
            assertThat(tensor[i]).isEqualTo((float) first.get(i).asDouble());
        }
        int plane = tensor.length / 3;
        for (int c = 0; c < 3; c++) {
            double sum = 0;
            for (int i = 0; i < plane; i++) {
                sum += tensor[c * plane + i];
            }
            // The reference may have summed in float32, whose rounding over 50 000 samples stays below this.
            assertThat(sum / plane).isCloseTo(expected.get("tensor_mean").get(c).asDouble(), within(1e-5));
        }
    }

    /** By digest, by picture, or by both: the index gives at least one. */
    private static void assertSame(RgbImage found, JsonNode expected) throws IOException {
        assertThat(found.width()).isEqualTo(expected.get("width").asInt());
        assertThat(found.height()).isEqualTo(expected.get("height").asInt());
        assertThat(expected.has("file") || expected.has("rgb_sha256")).isTrue();
        if (expected.has("file")) {
            assertThat(found.rgb())
                    .isEqualTo(decode(expected.get("file").asText()).rgb());
        }
        if (expected.has("rgb_sha256")) {
            assertThat(sha256(found.rgb())).isEqualTo(expected.get("rgb_sha256").asText());
        }
    }

    /** Those that our models use: Pillow resizes a short edge, then the centre is cropped. */
    private static Map<String, Preprocessor> pipelines() {
        var pipelines = new TreeMap<String, Preprocessor>();
        INDEX.get("pipelines").properties().forEach(named -> {
            JsonNode resize = step(named.getValue(), "ResizeEdge");
            String word = resize.path("interpolation").asText("bilinear");
            if (resize.path("backend").asText().equals("pillow")) {
                var preprocessing = new Preprocessing(
                        resize.get("scale").asInt(),
                        interpolation(word).orElseThrow(),
                        step(named.getValue(), "CenterCrop").get("crop_size").asInt(),
                        numbers("mean"),
                        numbers("std"));
                pipelines.put(named.getKey(), new Preprocessor(preprocessing, ImageLimits.DEFAULT));
            }
        });
        assertThat(pipelines).isNotEmpty();
        return pipelines;
    }

    private static JsonNode step(JsonNode steps, String type) {
        return items(steps)
                .filter(step -> step.get("type").asText().equals(type))
                .findFirst()
                .orElseThrow();
    }

    private static Optional<Interpolation> interpolation(String word) {
        return Stream.of(Interpolation.values())
                .filter(known -> known.word().equals(word))
                .findFirst();
    }

    private static List<Double> numbers(String name) {
        List<Double> numbers = new ArrayList<>();
        INDEX.get(name).forEach(number -> numbers.add(number.asDouble()));
        return numbers;
    }

    private static Stream<JsonNode> items(JsonNode array) {
        assertThat(array).isNotEmpty();
        return StreamSupport.stream(array.spliterator(), false);
    }

    private static RgbImage decode(String path) throws IOException {
        return ImageDecoder.decode(Goldens.file(path), ImageLimits.DEFAULT);
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
