package io.mocozoo.image;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.jspecify.annotations.Nullable;

/** The JDK's decoders, bent to the reference's rules: no ICC conversion, EXIF orientation, OpenCV's CMYK. */
final class ImageIoDecoder {
    private ImageIoDecoder() {}

    static RgbImage decode(byte[] encoded, String source, ImageLimits limits) throws IOException {
        JpegSegments segments = JpegSegments.of(encoded);
        try (ImageInputStream stream =
                new MemoryCacheImageInputStream(new ByteArrayInputStream(segments.withoutProfile()))) {
            Iterator<ImageReader> readers = ImageIO.getImageReaders(stream);
            if (!readers.hasNext()) {
                throw unreadable(source, "a format that no decoder knows", null);
            }
            ImageReader reader = readers.next();
            try {
                reader.setInput(stream, true, true);
                limits.checkPixels(source, reader.getWidth(0), reader.getHeight(0));
                return Orientation.upright(read(reader, segments), segments.orientation());
            } finally {
                reader.dispose();
            }
        } catch (ImageFormatException e) {
            throw e;
        } catch (IOException | RuntimeException e) { // the JDK's readers answer damage with exceptions of many kinds
            throw unreadable(source, "a damaged or unsupported one (" + e + ")", e);
        }
    }

    private static RgbImage read(ImageReader reader, JpegSegments segments) throws IOException {
        return segments.components() == 4
                ? InvertedCmyk.toRgb(reader.readRaster(0, null), segments.isYcck())
                : RgbImage.of(reader.read(0));
    }

    private static ImageFormatException unreadable(String source, String found, @Nullable Throwable cause) {
        return cause == null
                ? new ImageFormatException(
                        source, ImageFormatException.A_PICTURE, found, ImageFormatException.FETCH_AGAIN)
                : new ImageFormatException(
                        source, ImageFormatException.A_PICTURE, found, ImageFormatException.FETCH_AGAIN, cause);
    }
}
