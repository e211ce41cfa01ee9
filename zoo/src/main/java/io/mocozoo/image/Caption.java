package io.mocozoo.image;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgproc;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Point;
import org.bytedeco.opencv.opencv_core.Rect;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.bytedeco.opencv.opencv_core.Size;

/**
 * A line of text drawn on a picture, light on a dark box in its upper left corner. The letters are OpenCV's own
 * strokes: servers without fonts have them too. Where OpenCV cannot load, Java's fonts stand in.
 */
public final class Caption {
    private static final int FONT = opencv_imgproc.FONT_HERSHEY_SIMPLEX;

    private Caption() {}

    /** The picture with the text on it; the text grows with the short edge and shrinks until it fits the width. */
    public static RgbImage draw(RgbImage image, String text) {
        String plain = text.chars()
                .map(c -> c < ' ' || c > '~' ? '?' : c) // the stroke font has ASCII
                .collect(StringBuilder::new, (b, c) -> b.append((char) c), StringBuilder::append)
                .toString();
        double scale = Math.min(3, Math.max(0.3, Math.min(image.width(), image.height()) / 224.0));
        return canDraw() ? strokes(image, plain, scale / 2) : letters(image, text, (int) (12 * scale));
    }

    private static boolean canDraw() {
        try {
            Loader.load(opencv_imgproc.class);
            return true;
        } catch (LinkageError | RuntimeException e) {
            return false; // as when decoding: no library for this platform, or nowhere to unpack it
        }
    }

    private static RgbImage strokes(RgbImage image, String text, double wanted) {
        int[] baseline = new int[1];
        double scale = wanted;
        int width;
        int height;
        try (Size size = opencv_imgproc.getTextSize(text, FONT, 1.0, 1, baseline)) {
            scale = Math.max(0.2, Math.min(wanted, (image.width() - 8.0) / size.width()));
        }
        try (Size size = opencv_imgproc.getTextSize(text, FONT, scale, 1, baseline)) {
            width = size.width();
            height = size.height();
        }
        try (BytePointer data = new BytePointer(image.rgb());
                Mat picture = new Mat(image.height(), image.width(), opencv_core.CV_8UC3, data);
                Rect box = new Rect(
                        0, 0, Math.min(image.width(), width + 8), Math.min(image.height(), height + baseline[0] + 6));
                Scalar dark = new Scalar(32, 32, 32, 0);
                Scalar light = new Scalar(255, 255, 255, 0);
                Point at = new Point(4, height + 3)) {
            opencv_imgproc.rectangle(picture, box, dark, opencv_imgproc.FILLED, opencv_imgproc.LINE_8, 0);
            opencv_imgproc.putText(picture, text, at, FONT, scale, light, 1, opencv_imgproc.LINE_AA, false);
            byte[] rgb = new byte[3 * image.width() * image.height()];
            picture.data().get(rgb);
            return new RgbImage(image.width(), image.height(), rgb);
        }
    }

    private static RgbImage letters(RgbImage image, String text, int size) {
        BufferedImage picture = image.toBufferedImage();
        Graphics2D graphics = picture.createGraphics();
        try {
            graphics.setFont(graphics.getFont().deriveFont((float) Math.max(6, size)));
            var metrics = graphics.getFontMetrics();
            graphics.setColor(new Color(32, 32, 32));
            graphics.fillRect(0, 0, metrics.stringWidth(text) + 8, metrics.getHeight() + 4);
            graphics.setColor(Color.WHITE);
            graphics.drawString(text, 4, metrics.getAscent() + 2);
        } finally {
            graphics.dispose();
        }
        return RgbImage.of(picture);
    }
}
