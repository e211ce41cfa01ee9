package io.mocozoo.goldens;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import io.mocozoo.image.ImageDecoder;
import io.mocozoo.image.ImageLimits;
import io.mocozoo.image.Interpolation;
import io.mocozoo.image.RgbImage;
import io.mocozoo.train.augment.ColorJitter;
import io.mocozoo.train.augment.ColorJitter.Change;
import io.mocozoo.train.augment.CropBox;
import io.mocozoo.train.augment.GaussianBlur;
import io.mocozoo.train.augment.Grayscale;
import io.mocozoo.train.augment.HorizontalFlip;
import io.mocozoo.train.augment.RandomResizedCrop;
import io.mocozoo.train.augment.Solarize;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Augmented pictures equal the reference's to the last bit: all of it is integer or rounded arithmetic. */
class AugmentGoldenTest {
    private static final JsonNode INDEX = Goldens.index("augment");
    /** By the reference's numbers. */
    private static final List<Change> CHANGES =
            List.of(Change.BRIGHTNESS, Change.CONTRAST, Change.SATURATION, Change.HUE);

    @TestFactory
    Stream<DynamicTest> augmentedPictures() {
        return items(INDEX.get("results"))
                .map(result -> dynamicTest(result.get("file").asText(), () -> {
                    JsonNode source = INDEX.get("sources").get(result.get("src").asText());
                    RgbImage before = decode(source.get("file").asText());
                    RgbImage after = augmented(before, result.get("op").asText(), result.get("params"));
                    RgbImage expected = decode(result.get("file").asText());
                    assertThat(after.width()).isEqualTo(expected.width());
                    assertThat(after.rgb()).isEqualTo(expected.rgb());
                    assertThat(sha256(after.rgb()))
                            .isEqualTo(result.get("rgb_sha256").asText());
                    assertThat(before.rgb())
                            .isEqualTo(decode(source.get("file").asText()).rgb());
                }));
    }

    private static RgbImage augmented(RgbImage image, String operation, JsonNode with) {
        return switch (operation) {
            case "solarize" -> Solarize.apply(image, with.get("thr").asDouble());
            case "gaussian_blur" ->
                GaussianBlur.apply(image, with.get("radius_sigma").asDouble());
            case "grayscale" -> grayscale(image, with.get("channel_weights_bgr"));
            case "flip_horizontal" -> HorizontalFlip.apply(image);
            case "brightness" -> ColorJitter.brightness(image, factor(with));
            case "contrast" -> ColorJitter.contrast(image, factor(with));
            case "saturation" -> ColorJitter.saturation(image, factor(with));
            case "hue" -> ColorJitter.hue(image, factor(with));
            case "color_jitter" -> colorJitter(image, with);
            case "resized_crop" -> resizedCrop(image, with);
            default -> throw new IllegalStateException("no such operation: " + operation);
        };
    }

    private static double factor(JsonNode with) {
        return with.get("factor").asDouble();
    }

    private static RgbImage grayscale(RgbImage image, JsonNode bgr) {
        return Grayscale.apply(
                image, bgr.get(2).asDouble(), bgr.get(1).asDouble(), bgr.get(0).asDouble());
    }

    private static RgbImage colorJitter(RgbImage image, JsonNode with) {
        List<Change> order = new ArrayList<>();
        with.get("order").forEach(index -> order.add(CHANGES.get(index.asInt())));
        return ColorJitter.apply(
                image,
                order,
                with.get("brightness").asDouble(),
                with.get("contrast").asDouble(),
                with.get("saturation").asDouble(),
                with.get("hue").asDouble());
    }

    private static RgbImage resizedCrop(RgbImage image, JsonNode with) {
        CropBox box = new CropBox(
                with.get("offset_h").asInt(),
                with.get("offset_w").asInt(),
                with.get("target_h").asInt(),
                with.get("target_w").asInt());
        Interpolation interpolation = Interpolation.of(with.get("interpolation").asText());
        return box.resized(image, with.get("out").asInt(), interpolation);
    }

    @TestFactory
    Stream<DynamicTest> sizesOfCrops() {
        return items(INDEX.get("crop_size_formula").get("rows"))
                .map(row -> dynamicTest(row.toString(), () -> {
                    Optional<CropBox> found = RandomResizedCrop.sized(
                            row.get(0).asInt(),
                            row.get(1).asInt(),
                            row.get(2).asDouble(),
                            row.get(3).asDouble());
                    assertThat(found.isPresent()).isEqualTo(row.get(6).asBoolean());
                    found.ifPresent(box -> {
                        assertThat(box.height()).isEqualTo(row.get(4).asInt());
                        assertThat(box.width()).isEqualTo(row.get(5).asInt());
                    });
                }));
    }

    @TestFactory
    Stream<DynamicTest> cropsWhenNothingFits() {
        return items(INDEX.get("crop_fallback").get("rows"))
                .map(row -> dynamicTest(row.toString(), () -> assertThat(RandomResizedCrop.centre(
                                row.get(0).asInt(), row.get(1).asInt()))
                        .isEqualTo(new CropBox(
                                row.get(2).asInt(),
                                row.get(3).asInt(),
                                row.get(4).asInt(),
                                row.get(5).asInt()))));
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
