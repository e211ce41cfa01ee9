package io.mocozoo.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageHeaderTest {
    private static final BufferedImage IMAGE = Pictures.drawn(300, 45, BufferedImage.TYPE_INT_RGB);

    private static ByteBuffer riff(String chunk) {
        return ByteBuffer.allocate(40)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put("RIFF".getBytes(StandardCharsets.US_ASCII))
                .putInt(32)
                .put(("WEBP" + chunk).getBytes(StandardCharsets.US_ASCII))
                .putInt(20);
    }

    @ParameterizedTest
    @CsvSource({"png,PNG", "jpg,JPEG", "gif,GIF", "bmp,BMP"})
    void findsTheSizeOf(String writer, String format) {
        assertThat(ImageHeader.sniff(Pictures.encode(IMAGE, writer))).contains(new ImageHeader(format, 300, 45));
    }

    @Test
    void findsTheSizeOfEachKindOfWebp() {
        byte[] lossy = riff("VP8 ")
                .putInt(0x9d000010)
                .putShort((short) 0x2a01)
                .putShort((short) (300 | 1 << 14))
                .putShort((short) 45)
                .array();
        byte[] lossless =
                riff("VP8L").put((byte) 0x2f).putInt(299 | 44 << 14 | 1 << 28).array();
        byte[] extended = riff("VP8X")
                .putInt(0x10)
                .put(new byte[] {43, 1, 0})
                .put(new byte[] {44, 0, 1})
                .array();
        assertThat(ImageHeader.sniff(lossy)).contains(new ImageHeader("WebP", 300, 45));
        assertThat(ImageHeader.sniff(lossless)).contains(new ImageHeader("WebP", 300, 45));
        assertThat(ImageHeader.sniff(extended)).contains(new ImageHeader("WebP", 300, 45 + (1 << 16)));
    }

    @Test
    void stepsOverSegmentsAndFillOfAJpeg() {
        byte[] jpeg = Pictures.withSegment(Pictures.jpeg(300, 45), 0xe1, new byte[5000]);
        byte[] filled = new byte[jpeg.length + 3];
        System.arraycopy(jpeg, 0, filled, 0, 2);
        Arrays.fill(filled, 2, 5, (byte) 0xff);
        System.arraycopy(jpeg, 2, filled, 5, jpeg.length - 2);
        assertThat(ImageHeader.sniff(filled)).contains(new ImageHeader("JPEG", 300, 45));
    }

    @Test
    void aBitmapFromTopToBottomHasAPositiveHeight() {
        byte[] bmp = Pictures.encode(IMAGE, "bmp");
        ByteBuffer.wrap(bmp).order(ByteOrder.LITTLE_ENDIAN).putInt(22, -45);
        assertThat(ImageHeader.sniff(bmp)).contains(new ImageHeader("BMP", 300, 45));
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "jpg", "gif", "bmp"})
    void answersOrKeepsSilentOnAnyPrefixAndDamage(String writer) {
        byte[] file = Pictures.encode(IMAGE, writer);
        for (int length = 0; length < Math.min(700, file.length); length++) {
            assertThat(ImageHeader.sniff(Arrays.copyOf(file, length))).isNotNull();
        }
        for (long seed = 0; seed < 300; seed++) {
            var random = new SplittableRandom(seed);
            byte[] damaged = file.clone();
            for (int i = 0; i < 20; i++) {
                damaged[random.nextInt(Math.min(700, damaged.length))] = (byte) random.nextInt();
            }
            assertThat(ImageHeader.sniff(damaged)).as("seed %d", seed).isNotNull();
        }
    }
}
