package io.mocozoo.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.awt.color.ColorSpace;
import java.awt.color.ICC_Profile;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The stand-in, held to OpenCV's pixels. */
class ImageIoDecoderTest {
    @BeforeEach
    void openCvIsThere() {
        assumeTrue(ImageDecoder.isNative(), "OpenCV's library does not load here");
    }

    private static void assertSame(byte[] file) throws IOException {
        RgbImage expected =
                OpenCvDecoder.decode(file, "picture", ImageLimits.DEFAULT).orElseThrow();
        RgbImage found = ImageIoDecoder.decode(file, "picture", ImageLimits.DEFAULT);
        assertThat(found.width()).isEqualTo(expected.width());
        assertThat(found.height()).isEqualTo(expected.height());
        assertThat(found.rgb()).isEqualTo(expected.rgb());
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                BufferedImage.TYPE_INT_RGB,
                BufferedImage.TYPE_3BYTE_BGR,
                BufferedImage.TYPE_4BYTE_ABGR,
                BufferedImage.TYPE_BYTE_GRAY,
                BufferedImage.TYPE_USHORT_GRAY,
                BufferedImage.TYPE_BYTE_INDEXED,
                BufferedImage.TYPE_BYTE_BINARY
            })
    void everyKindOfPng(int type) throws IOException {
        assertSame(Pictures.encode(Pictures.drawn(61, 47, type), "png"));
    }

    @Test
    void jpegInColourAndInGray() throws IOException {
        assertSame(Pictures.jpeg(163, 97));
        assertSame(Pictures.encode(Pictures.drawn(61, 47, BufferedImage.TYPE_BYTE_GRAY), "jpg"));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9})
    void everyOrientation(int orientation) throws IOException {
        byte[] jpeg = Pictures.jpeg(61, 47);
        assertSame(Pictures.withSegment(jpeg, 0xe1, Pictures.exif(orientation, ByteOrder.LITTLE_ENDIAN)));
        assertSame(Pictures.withSegment(jpeg, 0xe1, Pictures.exif(orientation, ByteOrder.BIG_ENDIAN)));
    }

    @Test
    void anEmbeddedProfileIsIgnored() throws IOException {
        byte[] profile = ICC_Profile.getInstance(ColorSpace.CS_LINEAR_RGB).getData();
        byte[] payload = ByteBuffer.allocate(14 + profile.length)
                .put("ICC_PROFILE\0".getBytes(StandardCharsets.US_ASCII))
                .put((byte) 1)
                .put((byte) 1)
                .put(profile)
                .array();
        byte[] jpeg = Pictures.jpeg(61, 47);
        byte[] withProfile = Pictures.withSegment(jpeg, 0xe2, payload);
        assertSame(withProfile);
        assertThat(ImageIoDecoder.decode(withProfile, "picture", ImageLimits.DEFAULT)
                        .rgb())
                .isEqualTo(ImageIoDecoder.decode(jpeg, "picture", ImageLimits.DEFAULT)
                        .rgb());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2})
    void fourComponentsAsAdobeStoresThem(int transform) throws IOException {
        assertSame(Pictures.adobe(61, 47, transform));
    }
}
