package io.mocozoo.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageDecoderTest {
    private static final BufferedImage IMAGE = Pictures.drawn(60, 45, BufferedImage.TYPE_INT_RGB);

    private final Path folder;

    ImageDecoderTest(@TempDir Path folder) {
        this.folder = folder;
    }

    private static RgbImage decode(byte[] file) throws IOException {
        return ImageDecoder.decode(file, "picture", ImageLimits.DEFAULT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "bmp", "gif"})
    void losslessPicturesComeBackAsTheyWere(String format) throws IOException {
        var few = new BufferedImage(9, 7, BufferedImage.TYPE_INT_RGB); // few enough colours for a GIF
        few.setRGB(3, 2, 0xff8000);
        few.setRGB(8, 6, 0x0080ff);
        assertThat(decode(Pictures.encode(few, format)).rgb())
                .isEqualTo(RgbImage.of(few).rgb());
    }

    @Test
    void theContentDecidesAndNotTheName() throws IOException {
        Path file = folder.resolve("picture.JPEG");
        Files.write(file, Pictures.encode(IMAGE, "png"));
        assertThat(ImageDecoder.decode(file, ImageLimits.DEFAULT).rgb())
                .isEqualTo(RgbImage.of(IMAGE).rgb());
    }

    @Test
    void alphaIsDroppedAndNotBlended() throws IOException {
        var image = Pictures.drawn(60, 45, BufferedImage.TYPE_INT_ARGB);
        assertThat(decode(Pictures.encode(image, "png")).rgb())
                .isEqualTo(RgbImage.of(IMAGE).rgb());
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "bmp", "gif", "jpg"})
    void aBombIsRefusedByItsHeader(String format) {
        byte[] file = Pictures.encode(IMAGE, format);
        ImageHeader header = ImageHeader.sniff(file).orElseThrow();
        ByteBuffer bytes = ByteBuffer.wrap(file);
        switch (header.format()) {
            case "PNG" -> bytes.putInt(16, 1_000_000).putInt(20, 1_000_000);
            case "BMP" ->
                bytes.order(ByteOrder.LITTLE_ENDIAN).putInt(18, 1_000_000).putInt(22, 1_000_000);
            case "GIF" -> bytes.putInt(6, -1);
            default -> {
                for (int i = 0; i < file.length - 9; i++) {
                    if (bytes.getShort(i) == (short) 0xffc0) {
                        bytes.putInt(i + 5, -1);
                        break;
                    }
                }
            }
        }
        assertThatThrownBy(() -> decode(file))
                .isInstanceOf(ImageFormatException.class)
                .hasMessageContaining("picture: expected at most 178956970 pixels")
                .hasMessageMatching("(?s).*(1000000 x 1000000|65535 x 65535).*");
    }

    @Test
    void limitsHoldToTheUnit() throws IOException {
        byte[] file = Pictures.encode(IMAGE, "png");
        assertThat(ImageDecoder.decode(file, "picture", new ImageLimits(60 * 45, file.length))
                        .width())
                .isEqualTo(60);
        assertThatThrownBy(() -> ImageDecoder.decode(file, "picture", new ImageLimits(60 * 45 - 1, file.length)))
                .hasMessageContaining("60 x 45");
        Path path = Files.write(folder.resolve("a.png"), file);
        assertThatThrownBy(() -> ImageDecoder.decode(path, new ImageLimits(60 * 45, file.length - 1)))
                .isInstanceOf(ImageFormatException.class)
                .hasMessageContaining(path.toString())
                .hasMessageContaining(file.length + " bytes");
    }

    @Test
    void garbageAndEmptinessAreFormatErrors() {
        for (String text :
                new String[] {"", "\0", "hello", "<svg xmlns='http://www.w3.org/2000/svg'/>", "RIFF....WEBP"}) {
            assertThatThrownBy(() -> decode(text.getBytes(StandardCharsets.UTF_8)))
                    .isInstanceOf(ImageFormatException.class)
                    .hasMessageStartingWith("picture: expected ");
        }
        assertThatThrownBy(() -> ImageDecoder.decode(folder.resolve("none.png"), ImageLimits.DEFAULT))
                .isInstanceOf(NoSuchFileException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "bmp", "gif", "jpg"})
    void aDamagedFileGivesAPictureOrAFormatError(String format) throws IOException {
        byte[] file = Pictures.encode(IMAGE, format);
        var limits = new ImageLimits(1 << 22, 1 << 20);
        for (long seed = 0; seed < 60; seed++) {
            var random = new SplittableRandom(seed);
            byte[] damaged = Arrays.copyOf(file, random.nextInt(1, file.length + 1));
            for (int i = 0; i < 1 + damaged.length / 200; i++) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            }
            try {
                RgbImage image = ImageDecoder.decode(damaged, "seed " + seed, limits);
                assertThat((long) image.width() * image.height()).isLessThanOrEqualTo(1 << 22);
            } catch (ImageFormatException e) {
                assertThat(e.source()).isEqualTo("seed " + seed);
            }
            try {
                ImageIoDecoder.decode(damaged, "seed " + seed, limits);
            } catch (ImageFormatException e) {
                assertThat(e.source()).isEqualTo("seed " + seed);
            }
        }
    }

    @Test
    void nativeMemoryStaysFlatOverThousandsOfPictures() throws IOException {
        assumeTrue(ImageDecoder.isNative(), "OpenCV's library does not load here");
        byte[] good = Pictures.jpeg(640, 480);
        byte[] bad = Arrays.copyOf(good, good.length / 2);
        decodeMany(good, bad, 300);
        long pointers = Pointer.totalBytes();
        long resident = Pointer.physicalBytes();
        decodeMany(good, bad, 2000); // 1.8 GB of pixels
        assertThat(Pointer.totalBytes()).isEqualTo(pointers);
        assertThat(Pointer.physicalBytes() - resident).isLessThan(300L << 20); // the heap may still have grown
    }

    private static void decodeMany(byte[] good, byte[] bad, int times) throws IOException {
        for (int i = 0; i < times; i++) {
            assertThat(decode(good).width()).isEqualTo(640);
            if (i % 10 == 0) {
                assertThatThrownBy(() -> decode(bad)).isInstanceOf(ImageFormatException.class);
            }
        }
    }
}
