package io.mocozoo.data;

import io.mocozoo.store.AtomicFile;
import java.awt.AlphaComposite;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.GradientPaint;
import java.awt.Graphics2D;
import java.awt.Rectangle;
import java.awt.RenderingHints;
import java.awt.Shape;
import java.awt.TexturePaint;
import java.awt.geom.AffineTransform;
import java.awt.geom.Area;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * A data set drawn by code: a picture is four fields, with a figure of the same one of ten forms in each. Position, size,
 * rotation, shear, colour, texture, background, distracting strokes and noise vary from field to field, occlusion from
 * picture to picture, all independently of the form, so that neither colour nor area tells it; what two parts of a picture
 * have in common is above all the form. The same seed draws the same pictures.
 */
public final class Shapes {
    /** The figures, in the order of their labels: that of their names. */
    public static final List<String> CLASSES =
            List.of("arrow", "bolt", "circle", "crescent", "cross", "heart", "ring", "square", "star", "triangle");

    /** Side of a picture, in pixels. */
    public static final int SIDE = 64;

    private static final int TINT = 8;

    private static final float JPEG_QUALITY = 0.9f;

    private Shapes() {}

    /**
     * Writes a data set in ImageNet's layout: {@code folder/split/class/number.JPEG}.
     *
     * @param split such as train or val; other splits of the same seed hold other pictures
     * @param count pictures over all classes, spread evenly
     */
    public static void write(Path folder, String split, int count, long seed) throws IOException {
        for (String name : CLASSES) {
            Files.createDirectories(folder.resolve(split).resolve(name));
        }
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        try {
            for (int i = 0; i < count; i++) {
                int label = i % CLASSES.size();
                Path file = folder.resolve(split)
                        .resolve(CLASSES.get(label))
                        .resolve(String.format(Locale.ROOT, "%s_%06d.JPEG", split, i));
                jpeg(writer, draw(label, new SplittableRandom(seed * 1_000_003 + split.hashCode() * 31L + i)), file);
            }
        } finally {
            writer.dispose();
        }
    }

    private static void jpeg(ImageWriter writer, BufferedImage image, Path file) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
            writer.setOutput(out);
            ImageWriteParam parameters = writer.getDefaultWriteParam();
            parameters.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
            parameters.setCompressionQuality(JPEG_QUALITY);
            writer.write(null, new IIOImage(image, null, null), parameters);
        }
        AtomicFile.write(file, bytes.toByteArray());
    }

    /** One picture of a figure, {@link #SIDE} x {@link #SIDE}, RGB. */
    public static BufferedImage draw(int label, SplittableRandom random) {
        BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
        Graphics2D g = image.createGraphics();
        try {
            g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
            int down = random.nextInt(27, 38);
            int across = random.nextInt(27, 38);
            for (Rectangle field : List.of(
                    new Rectangle(0, 0, across, down),
                    new Rectangle(across, 0, SIDE - across, down),
                    new Rectangle(0, down, across, SIDE - down),
                    new Rectangle(across, down, SIDE - across, SIDE - down))) {
                field(image, g, field, label, random);
            }
            if (random.nextInt(3) == 0) {
                occlusion(g, random);
            }
        } finally {
            g.dispose();
        }
        return image;
    }

    /** A part of a picture: a ground of its own, and on it a figure of its own colour, size and turn. */
    private static void field(BufferedImage image, Graphics2D g, Rectangle place, int label, SplittableRandom random) {
        g.setClip(place);
        Color back = colour(true, random);
        background(g, place, back, random);
        strokes(g, place, random, random.nextInt(2));
        paint(g, placed(figure(CLASSES.get(label)), place, random), colour(false, random), random);
        g.setClip(null);
        noise(image, place, random);
    }

    private static void paint(Graphics2D g, Shape figure, Color colour, SplittableRandom random) {
        g.setPaint(random.nextInt(3) == 0 ? texture(colour, random) : colour);
        g.fill(figure);
        if (random.nextInt(3) == 0) {
            g.setColor(shifted(colour, random, 20));
            g.setStroke(new BasicStroke(1));
            g.draw(figure);
        }
    }

    /** A dark or a light grey with a tint: full colours would tell pictures apart before their forms do. */
    private static Color colour(boolean dark, SplittableRandom random) {
        int grey = (dark ? 40 : 185) + random.nextInt(30);
        return shifted(new Color(grey, grey, grey), random, TINT);
    }

    private static Color shifted(Color colour, SplittableRandom random, int by) {
        return new Color(
                clamp(colour.getRed() + random.nextInt(-by, by + 1)),
                clamp(colour.getGreen() + random.nextInt(-by, by + 1)),
                clamp(colour.getBlue() + random.nextInt(-by, by + 1)));
    }

    private static int clamp(int value) {
        return Math.max(0, Math.min(255, value));
    }

    private static void background(Graphics2D g, Rectangle place, Color back, SplittableRandom random) {
        switch (random.nextInt(3)) {
            case 0 -> g.setPaint(back);
            case 1 ->
                g.setPaint(new GradientPaint(
                        random.nextInt(SIDE),
                        0,
                        shifted(back, random, 15),
                        random.nextInt(SIDE),
                        SIDE,
                        shifted(back, random, 15)));
            default -> g.setPaint(texture(back, random));
        }
        g.fill(place);
    }

    /** Stripes, dots or checks of two near colours. */
    private static TexturePaint texture(Color colour, SplittableRandom random) {
        int size = 4 + random.nextInt(6);
        BufferedImage tile = new BufferedImage(size, size, BufferedImage.TYPE_INT_RGB);
        Graphics2D g = tile.createGraphics();
        g.setColor(colour);
        g.fillRect(0, 0, size, size);
        g.setColor(shifted(colour, random, 20));
        switch (random.nextInt(3)) {
            case 0 -> g.fillRect(0, 0, size, size / 2);
            case 1 -> g.fillOval(0, 0, size - 1, size - 1);
            default -> {
                g.fillRect(0, 0, size / 2, size / 2);
                g.fillRect(size / 2, size / 2, size / 2, size / 2);
            }
        }
        g.dispose();
        return new TexturePaint(tile, new Rectangle2D.Double(random.nextInt(size), random.nextInt(size), size, size));
    }

    private static void strokes(Graphics2D g, Rectangle place, SplittableRandom random, int count) {
        for (int i = 0; i < count; i++) {
            g.setColor(colour(random.nextBoolean(), random));
            g.setStroke(new BasicStroke(1 + random.nextInt(2)));
            int x = (int) (place.getX() + random.nextDouble(place.getWidth()));
            int y = (int) (place.getY() + random.nextDouble(place.getHeight()));
            g.drawLine(x, y, x + random.nextInt(-20, 21), y + random.nextInt(-20, 21));
        }
    }

    /** A bar over a part of the picture. */
    private static void occlusion(Graphics2D g, SplittableRandom random) {
        g.setComposite(AlphaComposite.getInstance(AlphaComposite.SRC_OVER, 0.8f));
        g.setColor(colour(random.nextBoolean(), random));
        AffineTransform before = g.getTransform();
        g.rotate(random.nextDouble(Math.PI), SIDE / 2.0, SIDE / 2.0);
        g.fillRect(0, random.nextInt(SIDE), SIDE, 4 + random.nextInt(5));
        g.setTransform(before);
        g.setComposite(AlphaComposite.SrcOver);
    }

    private static void noise(BufferedImage image, Rectangle place, SplittableRandom random) {
        int strength = random.nextInt(8, 12);
        for (int y = place.y; y < place.y + place.height; y++) {
            for (int x = place.x; x < place.x + place.width; x++) {
                image.setRGB(
                        x,
                        y,
                        shifted(new Color(image.getRGB(x, y)), random, strength).getRGB());
            }
        }
    }

    /** A figure of equal area whatever its form: turned by up to 30 degrees, scaled, sheared, moved off the middle. */
    private static Shape placed(Shape figure, Rectangle field, SplittableRandom random) {
        double scale = random.nextDouble(0.26, 0.36) * Math.min(field.getWidth(), field.getHeight());
        AffineTransform place = new AffineTransform();
        place.translate(field.getCenterX() + random.nextDouble(-3, 3), field.getCenterY() + random.nextDouble(-3, 3));
        place.rotate(random.nextDouble(-Math.PI / 6, Math.PI / 6));
        place.shear(random.nextDouble(-0.2, 0.2), 0);
        place.scale(scale, scale * random.nextDouble(0.85, 1.15));
        return place.createTransformedShape(figure);
    }

    /** Unit figures: each covers an area of about 2.6. */
    private static Shape figure(String name) {
        return switch (name) {
            case "arrow" -> polygon(0, -1.3, 1.15, -0.05, 0.5, -0.05, 0.5, 1.2, -0.5, 1.2, -0.5, -0.05, -1.15, -0.05);
            case "bolt" ->
                polygon(0.42, -1.69, -1.15, 0.3, -0.12, 0.3, -0.54, 1.69, 1.15, -0.42, 0.12, -0.42, 1.15, -1.69);
            case "crescent" -> crescent();
            case "circle" -> new Ellipse2D.Double(-0.91, -0.91, 1.82, 1.82);
            case "cross" ->
                polygon(
                        -0.38, -1.05, 0.38, -1.05, 0.38, -0.38, 1.05, -0.38, 1.05, 0.38, 0.38, 0.38, 0.38, 1.05, -0.38,
                        1.05, -0.38, 0.38, -1.05, 0.38, -1.05, -0.38, -0.38, -0.38);
            case "heart" -> heart();
            case "ring" -> ring();
            case "square" -> regular(4, 1.15, 1.15);
            case "star" -> regular(10, 1.42, 0.63);
            case "triangle" -> regular(3, 1.42, 1.42);
            default -> throw new IllegalArgumentException(name);
        };
    }

    /** A polygon whose corners lie on two circles in turn. */
    private static Shape regular(int corners, double outer, double inner) {
        double[] points = new double[2 * corners];
        for (int i = 0; i < corners; i++) {
            double radius = i % 2 == 0 ? outer : inner;
            points[2 * i] = radius * Math.sin(2 * Math.PI * i / corners);
            points[2 * i + 1] = -radius * Math.cos(2 * Math.PI * i / corners);
        }
        return polygon(points);
    }

    private static Shape polygon(double... points) {
        Path2D path = new Path2D.Double();
        path.moveTo(points[0], points[1]);
        for (int i = 2; i < points.length; i += 2) {
            path.lineTo(points[i], points[i + 1]);
        }
        path.closePath();
        return path;
    }

    private static Shape heart() {
        Path2D path = new Path2D.Double();
        path.moveTo(0, 1.15);
        path.curveTo(-1.9, -0.2, -0.9, -1.5, 0, -0.5);
        path.curveTo(0.9, -1.5, 1.9, -0.2, 0, 1.15);
        path.closePath();
        return path;
    }

    private static Shape crescent() {
        Area area = new Area(new Ellipse2D.Double(-1.49, -1.49, 2.98, 2.98));
        area.subtract(new Area(new Ellipse2D.Double(-0.68, -1.3, 2.6, 2.6)));
        return area;
    }

    private static Shape ring() {
        Area area = new Area(new Ellipse2D.Double(-1.1, -1.1, 2.2, 2.2));
        area.subtract(new Area(new Ellipse2D.Double(-0.6, -0.6, 1.2, 1.2)));
        return area;
    }
}
