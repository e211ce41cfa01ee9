package io.mocozoo.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RgbImageTest {
    @Test
    void aTripThroughTheJdkChangesNothing() {
        RgbImage image = PlainResize.random(new SplittableRandom(1), 13, 9);
        assertThat(RgbImage.of(image.toBufferedImage()).rgb()).isEqualTo(image.rgb());
    }

    @Test
    void grayIsReplicatedAndNotBentByAGammaCurve() {
        var gray = new BufferedImage(1, 1, BufferedImage.TYPE_BYTE_GRAY);
        gray.getRaster().setSample(0, 0, 0, 100);
        assertThat(RgbImage.of(gray).rgb()).containsExactly(100, 100, 100);
    }

    @Test
    void sixteenBitsKeepTheirHighByte() {
        var gray = new BufferedImage(1, 1, BufferedImage.TYPE_USHORT_GRAY);
        gray.getRaster().setSample(0, 0, 0, 0x64ff);
        assertThat(RgbImage.of(gray).rgb()).containsExactly(100, 100, 100);
    }

    @Test
    void aWindowOntoALargerPictureIsReadFromItsCorner() {
        BufferedImage whole = Pictures.drawn(40, 30, BufferedImage.TYPE_INT_RGB);
        RgbImage part = RgbImage.of(whole.getSubimage(5, 7, 2, 2));
        assertThat(part.rgb()[2] & 0xff).isEqualTo(whole.getRGB(5, 7) & 0xff);
    }

    @Test
    void anArrayOfAnotherLengthIsRefused() {
        assertThatThrownBy(() -> new RgbImage(2, 2, new byte[11]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("need 12 bytes, found 11");
        assertThatThrownBy(() -> new RgbImage(0, 2, new byte[0])).isInstanceOf(IllegalArgumentException.class);
    }
}
