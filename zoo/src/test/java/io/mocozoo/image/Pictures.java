package io.mocozoo.image;

import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Encoded pictures made on the spot. */
final class Pictures {
    private Pictures() {}

    /** A smooth picture, so that a JPEG's chroma matters and no sample is lost to ringing. */
    static BufferedImage drawn(int width, int height, int type) {
        var image = new BufferedImage(width, height, type);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int rgb = (255 * x / width) << 16 | (255 * y / height) << 8 | (x * 7 + y * 3) % 256;
                image.setRGB(x, y, (128 + x % 128) << 24 | rgb);
            }
        }
        return image;
    }

    static byte[] encode(BufferedImage image, String format) {
        var bytes = new ByteArrayOutputStream();
        try {
            if (!ImageIO.write(image, format, bytes)) {
                throw new IllegalArgumentException("no writer for " + format);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    static byte[] jpeg(int width, int height) {
        return encode(drawn(width, height, BufferedImage.TYPE_INT_RGB), "jpg");
    }

    /** The JPEG with one more segment behind its first two bytes. */
    static byte[] withSegment(byte[] jpeg, int marker, byte[] payload) {
        return ByteBuffer.allocate(jpeg.length + 4 + payload.length)
                .put(jpeg, 0, 2)
                .put((byte) 0xff)
                .put((byte) marker)
                .putShort((short) (2 + payload.length))
                .put(payload)
                .put(jpeg, 2, jpeg.length - 2)
                .array();
    }

    static byte[] exif(int orientation, ByteOrder order) {
        // "Exif" 0 0 | order mark, 42, offset 8 | one entry: tag 0x112, type 3 (short), count 1, value | no next
        return ByteBuffer.allocate(6 + 8 + 2 + 12 + 4)
                .put("Exif\0\0".getBytes(StandardCharsets.US_ASCII))
                .put((order == ByteOrder.BIG_ENDIAN ? "MM" : "II").getBytes(StandardCharsets.US_ASCII))
                .order(order)
                .putShort((short) 42)
                .putInt(8)
                .putShort((short) 1)
                .putShort((short) 0x0112)
                .putShort((short) 3)
                .putInt(1)
                .putShort((short) orientation)
                .putShort((short) 0)
                .putInt(0)
                .array();
    }

    /** A JPEG of four components as Adobe's programs write it; transform 0 says CMYK, 2 says YCCK. */
    static byte[] adobe(int width, int height, int transform) {
        BufferedImage drawn = drawn(width, height, BufferedImage.TYPE_INT_ARGB);
        WritableRaster raster = Raster.createInterleavedRaster(DataBuffer.TYPE_BYTE, width, height, 4, null);
        raster.setPixels(0, 0, width, height, drawn.getRaster().getPixels(0, 0, width, height, (int[]) null));
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        var bytes = new ByteArrayOutputStream();
        try (ImageOutputStream stream = new MemoryCacheImageOutputStream(bytes)) {
            writer.setOutput(stream);
            writer.write(null, new IIOImage(raster, null, null), null);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            writer.dispose();
        }
        byte[] payload = Arrays.copyOf("Adobe\0d".getBytes(StandardCharsets.US_ASCII), 12);
        payload[11] = (byte) transform;
        return withSegment(bytes.toByteArray(), 0xee, payload);
    }
}
