package io.mocozoo.evaluate;

import io.mocozoo.image.RgbImage;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Base64;
import javax.imageio.ImageIO;

/** Small pictures for pages. */
public final class Thumbnail {
    private static final int SIDE = 112;

    private Thumbnail() {}

    /** A small JPEG in Base64. */
    public static String base64(RgbImage image) throws IOException {
        BufferedImage crop = image.toBufferedImage();
        BufferedImage small = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_3BYTE_BGR);
        Graphics2D graphics = small.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
        graphics.drawImage(crop, 0, 0, SIDE, SIDE, null);
        graphics.dispose();
        ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
        ImageIO.write(small, "jpg", jpeg);
        return Base64.getEncoder().encodeToString(jpeg.toByteArray());
    }
}
