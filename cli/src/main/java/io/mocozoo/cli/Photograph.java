package io.mocozoo.cli;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;

/** What a benchmark decodes. */
final class Photograph {
    static final int WIDTH = 500;
    static final int HEIGHT = 375;

    private Photograph() {}

    /** A 500x375 JPEG of shapes and noise, about 50 kB: like a photograph of ImageNet in size and detail. */
    static byte[] jpeg() throws IOException {
        SplittableRandom random = new SplittableRandom(42);
        BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        for (int i = 0; i < 300; i++) {
            graphics.setColor(new Color(random.nextInt(1 << 24)));
            graphics.fillOval(random.nextInt(WIDTH), random.nextInt(HEIGHT), random.nextInt(90), random.nextInt(90));
        }
        graphics.dispose();
        for (int y = 0; y < HEIGHT; y++) {
            for (int x = 0; x < WIDTH; x++) {
                int noise = random.nextInt(24);
                image.setRGB(x, y, (image.getRGB(x, y) & 0xE0E0E0) | (noise * 0x010101));
            }
        }
        ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
        ImageIO.write(image, "jpg", jpeg);
        return jpeg.toByteArray();
    }
}
