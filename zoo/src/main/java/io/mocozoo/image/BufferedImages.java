package io.mocozoo.image;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.Raster;

/** To and from the JDK's pictures. */
final class BufferedImages {
    private BufferedImages() {}

    static RgbImage toRgb(BufferedImage image) {
        int width = image.getWidth();
        int height = image.getHeight();
        if ((long) width * height > RgbImage.MAX_PIXELS) {
            throw new IllegalArgumentException("the picture is too large for one array: " + width + " x " + height);
        }
        byte[] rgb = new byte[3 * width * height];
        if (hasPlainSamples(image)) {
            copySamples(image.getRaster(), rgb);
        } else {
            convert(image, rgb);
        }
        return new RgbImage(width, height, rgb);
    }

    static BufferedImage fromRgb(RgbImage image) {
        var copy = new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_3BYTE_BGR);
        byte[] bgr = ((DataBufferByte) copy.getRaster().getDataBuffer()).getData();
        byte[] rgb = image.rgb();
        for (int i = 0; i < rgb.length; i += 3) {
            bgr[i] = rgb[i + 2];
            bgr[i + 1] = rgb[i + 1];
            bgr[i + 2] = rgb[i];
        }
        return copy;
    }

    /** Gray above all: the JDK's own getRGB would bend it by a gamma curve. */
    private static boolean hasPlainSamples(BufferedImage image) {
        if (!(image.getColorModel() instanceof ComponentColorModel model) || model.isAlphaPremultiplied()) {
            return false;
        }
        ColorSpace space = model.getColorSpace();
        int type = model.getTransferType();
        return (space.isCS_sRGB() || space.getType() == ColorSpace.TYPE_GRAY)
                && (type == DataBuffer.TYPE_BYTE || type == DataBuffer.TYPE_USHORT);
    }

    private static void copySamples(Raster raster, byte[] rgb) {
        int shift = raster.getTransferType() == DataBuffer.TYPE_USHORT ? 8 : 0;
        int bands = raster.getNumBands();
        int green = bands < 3 ? 0 : 1;
        int blue = bands < 3 ? 0 : 2;
        int[] row = new int[raster.getWidth() * bands];
        int to = 0;
        for (int y = 0; y < raster.getHeight(); y++) {
            raster.getPixels(raster.getMinX(), raster.getMinY() + y, raster.getWidth(), 1, row);
            for (int i = 0; i < row.length; i += bands) {
                rgb[to++] = (byte) (row[i] >> shift);
                rgb[to++] = (byte) (row[i + green] >> shift);
                rgb[to++] = (byte) (row[i + blue] >> shift);
            }
        }
    }

    private static void convert(BufferedImage image, byte[] rgb) {
        int[] row = new int[image.getWidth()];
        int to = 0;
        for (int y = 0; y < image.getHeight(); y++) {
            image.getRGB(0, y, row.length, 1, row, 0, row.length);
            for (int argb : row) {
                rgb[to++] = (byte) (argb >> 16);
                rgb[to++] = (byte) (argb >> 8);
                rgb[to++] = (byte) argb;
            }
        }
    }
}
