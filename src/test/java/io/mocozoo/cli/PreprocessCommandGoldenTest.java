package io.mocozoo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.mocozoo.checkpoint.Npy;
import io.mocozoo.goldens.Goldens;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PreprocessCommandGoldenTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({
        "linear, resnet50_mocov3-100e-pre_8xb128-linear-coslr-90e_in1k",
        "finetune, vit-base-p16_mocov3-pre_8xb64-coslr-150e_in1k"
    })
    void cropsOfEveryPictureAreTheReferencesToTheByte(String pipeline, String model) throws Exception {
        JsonNode images = Goldens.index("preprocess").get("images");
        assertThat(images).isNotEmpty();
        double[] lut = // [3, 256]: of a byte its normalised value
                Goldens.npy(Goldens.index("preprocess").get("normalise_lut").textValue());
        for (JsonNode image : images) {
            Path file = Goldens.file(image.get("file").textValue());
            JsonNode golden = image.get("pipelines").get(pipeline);
            Shell.Result result = Shell.mocozoo(
                    "preprocess", model, file, "--out", folder, "--npy", "--cache", folder.resolve("cache"));
            assertThat(result.code()).as(result.err()).isZero();
            BufferedImage crop =
                    ImageIO.read(folder.resolve(file.getFileName() + ".png").toFile());
            byte[] rgb = new byte[crop.getWidth() * crop.getHeight() * 3];
            for (int i = 0; i < rgb.length / 3; i++) {
                int pixel = crop.getRGB(i % crop.getWidth(), i / crop.getWidth());
                rgb[3 * i] = (byte) (pixel >> 16);
                rgb[3 * i + 1] = (byte) (pixel >> 8);
                rgb[3 * i + 2] = (byte) pixel;
            }
            assertThat(HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(rgb)))
                    .as(file.toString())
                    .isEqualTo(golden.get("rgb_sha256").textValue());
            Npy.Array tensor = Npy.read(folder.resolve(file.getFileName() + ".npy"));
            assertThat(tensor.shape()).containsExactly(3, crop.getHeight(), crop.getWidth());
            float[] values = tensor.toFloats();
            float[] expected = new float[values.length];
            for (int i = 0; i < expected.length; i++) {
                int channel = i / (values.length / 3);
                int pixel = rgb[3 * (i % (values.length / 3)) + channel] & 0xFF;
                expected[i] = (float) lut[256 * channel + pixel];
            }
            assertThat(Arrays.equals(values, expected)).as(file.toString()).isTrue(); // every value, to the bit
            for (int i = 0; i < golden.get("tensor_first8").size(); i++) {
                assertThat(values[i])
                        .isEqualTo((float) golden.get("tensor_first8").get(i).doubleValue());
            }
        }
    }
}
